import HTTP

/// Reads a JSON document (RFC 8259) in one pass over its bytes, so that the time it takes grows with
/// the document's length alone, whatever is nested in it.
struct JSONParser {
  /// What is wrong, and at which byte.
  struct Fault: Error {
    enum Kind {
      case empty, value, string, escape, surrogate, encoding, marks, control, number, huge, name,
        colon
      case separator(list: Bool)
      case twice(String)
      case depth, values, rest
    }

    var kind: Kind
    var offset: Int
  }

  let bytes: UnsafeBufferPointer<UInt8>
  let isLenient: Bool
  var place = 0
  private var room: Int
  private var values: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>, depth: Int, values: Int, isLenient: Bool) {
    self.bytes = bytes
    self.isLenient = isLenient
    room = depth
    self.values = values
  }

  /// The one value of the document.
  mutating func document() throws(Fault) -> JSONValue {
    // RFC 8259, section 8.1: a byte order mark may be ignored.
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { place = 3 }
    skipSpace()
    guard place < bytes.count else { throw Fault(kind: .empty, offset: place) }
    let value = try value()
    skipSpace()
    guard place == bytes.count else { throw Fault(kind: .rest, offset: place) }
    return value
  }

  func fault(_ kind: Fault.Kind) -> Fault { Fault(kind: kind, offset: place) }

  /// The byte at hand; 0, which begins nothing, behind the last.
  var byte: UInt8 { place < bytes.count ? bytes[place] : 0 }

  private mutating func skipSpace() {
    while place < bytes.count {
      switch bytes[place] {
      case 0x20, 0x0A, 0x0D, 0x09: place += 1
      default: return
      }
    }
  }

  private mutating func value() throws(Fault) -> JSONValue {
    guard values > 0 else { throw fault(.values) }
    values -= 1
    switch byte {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), 0x30...0x39: return try number()
    default: throw fault(.value)
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSONValue) throws(Fault) -> JSONValue {
    let length = text.utf8CodeUnitCount
    guard bytes.count - place >= length else { throw fault(.value) }
    for index in 0..<length where bytes[place + index] != text.utf8Start[index] {
      throw fault(.value)
    }
    place += length
    return value
  }

  private mutating func enter() throws(Fault) {
    guard room > 0 else { throw fault(.depth) }
    room -= 1
    place += 1
    skipSpace()
  }

  private mutating func leave() {
    room += 1
    place += 1
  }

  private mutating func array() throws(Fault) -> JSONValue {
    try enter()
    var values: [JSONValue] = []
    if byte == UInt8(ascii: "]") {
      leave()
      return .array(values)
    }
    while true {
      values.append(try value())
      skipSpace()
      switch byte {
      case UInt8(ascii: ","):
        place += 1
        skipSpace()
      case UInt8(ascii: "]"):
        leave()
        return .array(values)
      default: throw fault(.separator(list: true))
      }
    }
  }

  private mutating func object() throws(Fault) -> JSONValue {
    try enter()
    if byte == UInt8(ascii: "}") {
      leave()
      return .object([:])
    }
    var parts: [Part] = []
    while true {
      guard byte == UInt8(ascii: "\"") else { throw fault(.name) }
      let start = place
      let name = try string()
      skipSpace()
      guard byte == UInt8(ascii: ":") else { throw fault(.colon) }
      place += 1
      skipSpace()
      parts.append(Part(name: name, value: try value(), offset: start))
      skipSpace()
      switch byte {
      case UInt8(ascii: ","):
        place += 1
        skipSpace()
      case UInt8(ascii: "}"):
        leave()
        return .object(try object(of: parts))
      default: throw fault(.separator(list: false))
      }
    }
  }

  private struct Part {
    var name: String
    var value: JSONValue
    var offset: Int
  }

  // Made once all are known: a table that grows hashes every name again and again.
  private func object(of parts: [Part]) throws(Fault) -> [String: JSONValue] {
    var object: [String: JSONValue] = [:]
    object.reserveCapacity(parts.count)
    for part in parts {
      // Two readers may take different ones of two equal names (RFC 8259, section 4).
      if object.updateValue(part.value, forKey: part.name) != nil, !isLenient {
        throw Fault(kind: .twice(part.name), offset: part.offset)
      }
    }
    return object
  }
}

extension JSONParser.Fault {
  /// The fault in a sentence, with the byte that it is at, counted from 0.
  func error(depth: Int, values: Int) -> SwaplineError {
    let text: String
    switch kind {
    case .empty: return SwaplineError(.damaged, "This is not a JSON document: it is empty.")
    case .depth:
      return SwaplineError(
        .limit, "The JSON document is nested more than \(depth) levels deep, at byte \(offset).",
        hint: "Send a flatter document.")
    case .values:
      return SwaplineError(
        .limit, "The JSON document holds more than \(values) values, at byte \(offset).",
        hint: "Send a smaller document.")
    case .value: text = "a value is expected"
    case .string: text = "a string is never closed"
    case .escape: text = "a string holds an unknown escape"
    case .surrogate: text = "a string holds half of a surrogate pair"
    case .encoding: text = "a string is not valid UTF-8"
    case .marks: text = "a string holds more than \(CombiningMarks.limit) combining marks in a row"
    case .control: text = "a string holds a control character"
    case .number: text = "a number is malformed"
    case .huge: text = "a number is too large"
    case .name: text = "a name in double quotes is expected"
    case .colon: text = "a colon is expected"
    case .separator(let list): text = "a comma or \(list ? "]" : "}") is expected"
    case .twice(let name): text = "'\(name.prefix(60))' appears twice in one object"
    case .rest: text = "something follows the document's end"
    }
    return SwaplineError(.damaged, "This is not a JSON document: \(text) at byte \(offset).")
  }
}
