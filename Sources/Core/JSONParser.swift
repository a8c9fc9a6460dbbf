/// Reads a JSON document (RFC 8259) in one pass over its bytes, so that the time it takes grows with
/// the document's length alone, whatever is nested in it.
struct JSONParser {
  /// What is wrong, and at which byte.
  struct Fault: Error {
    enum Kind {
      case empty, value, string, escape, surrogate, encoding, control, number, huge, name, colon
      case separator(list: Bool)
      case twice(String)
      case depth, rest
    }

    var kind: Kind
    var offset: Int
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private let isLenient: Bool
  private var place = 0
  private var room: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>, depth: Int, isLenient: Bool) {
    self.bytes = bytes
    self.isLenient = isLenient
    room = depth
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

  private func fault(_ kind: Fault.Kind) -> Fault { Fault(kind: kind, offset: place) }

  /// The byte at hand; 0, which begins nothing, behind the last.
  private var byte: UInt8 { place < bytes.count ? bytes[place] : 0 }

  private mutating func skipSpace() {
    while place < bytes.count {
      switch bytes[place] {
      case 0x20, 0x0A, 0x0D, 0x09: place += 1
      default: return
      }
    }
  }

  private mutating func value() throws(Fault) -> JSONValue {
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
    var parts: [String: JSONValue] = [:]
    if byte == UInt8(ascii: "}") {
      leave()
      return .object(parts)
    }
    while true {
      guard byte == UInt8(ascii: "\"") else { throw fault(.name) }
      let start = place
      let name = try string()
      skipSpace()
      guard byte == UInt8(ascii: ":") else { throw fault(.colon) }
      place += 1
      skipSpace()
      // Two readers may take different ones of two equal names (RFC 8259, section 4).
      if parts.updateValue(try value(), forKey: name) != nil, !isLenient {
        throw Fault(kind: .twice(name), offset: start)
      }
      skipSpace()
      switch byte {
      case UInt8(ascii: ","):
        place += 1
        skipSpace()
      case UInt8(ascii: "}"):
        leave()
        return .object(parts)
      default: throw fault(.separator(list: false))
      }
    }
  }
}

// MARK: Texts

extension JSONParser {
  private mutating func string() throws(Fault) -> String {
    place += 1
    let start = place
    var ored: UInt8 = 0
    while place < bytes.count {
      let byte = bytes[place]
      switch byte {
      case UInt8(ascii: "\""):
        let text = try text(bytes[start..<place], isASCII: ored < 0x80)
        place += 1
        return text
      case UInt8(ascii: "\\"): return try escapedString(from: start)
      case 0..<0x20: throw fault(.control)
      default:
        ored |= byte
        place += 1
      }
    }
    throw Fault(kind: .string, offset: start - 1)
  }

  private func text(_ slice: Slice<UnsafeBufferPointer<UInt8>>, isASCII: Bool) throws(Fault)
    -> String
  {
    let part = UnsafeBufferPointer(rebasing: slice)
    if isASCII || isLenient { return String(decoding: part, as: UTF8.self) }
    guard let text = String(validating: part, as: UTF8.self) else {
      throw Fault(kind: .encoding, offset: slice.startIndex)
    }
    return text
  }

  private mutating func escapedString(from start: Int) throws(Fault) -> String {
    var unescaped = Array(bytes[start..<place])
    while place < bytes.count {
      let byte = bytes[place]
      switch byte {
      case UInt8(ascii: "\""):
        place += 1
        if isLenient { return String(decoding: unescaped, as: UTF8.self) }
        guard let text = String(validating: unescaped, as: UTF8.self) else {
          throw Fault(kind: .encoding, offset: start)
        }
        return text
      case UInt8(ascii: "\\"): try escape(into: &unescaped)
      case 0..<0x20: throw fault(.control)
      default:
        unescaped.append(byte)
        place += 1
      }
    }
    throw Fault(kind: .string, offset: start - 1)
  }

  private mutating func escape(into text: inout [UInt8]) throws(Fault) {
    let start = place
    place += 1
    let byte = byte
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      place += 1
      return text.append(contentsOf: UTF8.encode(try scalar(from: start)) ?? .init())
    default: throw Fault(kind: .escape, offset: start)
    }
    place += 1
  }

  /// The character behind `\u`, of one unit or of a pair of surrogates.
  private mutating func scalar(from start: Int) throws(Fault) -> Unicode.Scalar {
    let unit = try unit(from: start)
    if let scalar = Unicode.Scalar(unit) { return scalar }
    if unit < 0xDC00, bytes.count - place >= 6, bytes[place] == UInt8(ascii: "\\"),
      bytes[place + 1] == UInt8(ascii: "u")
    {
      let second = place
      place += 2
      let low = try self.unit(from: second)
      if (0xDC00...0xDFFF).contains(low),
        let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
      {
        return scalar
      }
      place = second
    }
    guard isLenient else { throw Fault(kind: .surrogate, offset: start) }
    return "\u{FFFD}"
  }

  private mutating func unit(from start: Int) throws(Fault) -> UInt32 {
    guard bytes.count - place >= 4 else { throw Fault(kind: .escape, offset: start) }
    var value: UInt32 = 0
    for _ in 0..<4 {
      let digit: UInt8
      switch bytes[place] {
      case 0x30...0x39: digit = bytes[place] - 0x30
      case 0x41...0x46: digit = bytes[place] - 0x41 + 10
      case 0x61...0x66: digit = bytes[place] - 0x61 + 10
      default: throw Fault(kind: .escape, offset: start)
      }
      value = value << 4 | UInt32(digit)
      place += 1
    }
    return value
  }
}

// MARK: Numbers

extension JSONParser {
  // Powers of ten that a Double holds exactly.
  private static let powers: [Double] = (0...22).map { exponent in
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }

  private mutating func number() throws(Fault) -> JSONValue {
    let start = place
    let isNegative = byte == UInt8(ascii: "-")
    if isNegative { place += 1 }
    var digits: UInt64 = 0
    var count = 0
    let whole = place
    while (0x30...0x39).contains(byte) { take(&digits, &count) }
    let length = place - whole
    // No digit, or a zero before others.
    guard length > 0, length == 1 || bytes[whole] != 0x30 else {
      throw Fault(kind: .number, offset: start)
    }
    guard byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") else {
      if let value = integer(digits, count, isNegative) { return value }
      return .double(try double(from: start))
    }
    var fraction = 0
    if byte == UInt8(ascii: ".") {
      place += 1
      let first = place
      while (0x30...0x39).contains(byte) { take(&digits, &count) }
      fraction = place - first
      guard fraction > 0 else { throw Fault(kind: .number, offset: start) }
    }
    if byte | 0x20 == UInt8(ascii: "e") {
      place += 1
      if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { place += 1 }
      guard (0x30...0x39).contains(byte) else { throw Fault(kind: .number, offset: start) }
      while (0x30...0x39).contains(byte) { place += 1 }
    } else if count <= 15, fraction <= 22 {
      // Both are exact in a Double, so that their quotient is rounded once, as it must be.
      let value = Double(digits) / Self.powers[fraction]
      return .double(isNegative ? -value : value)
    }
    return .double(try double(from: start))
  }

  private mutating func take(_ digits: inout UInt64, _ count: inout Int) {
    if count > 0 || bytes[place] != 0x30 { count += 1 }
    if count <= 19 { digits = digits &* 10 &+ UInt64(bytes[place] - 0x30) }
    place += 1
  }

  private func integer(_ digits: UInt64, _ count: Int, _ isNegative: Bool) -> JSONValue? {
    guard count <= 19 else { return nil }
    if isNegative, digits == 1 << 63 { return .int(.min) }
    return Int64(exactly: digits).map { .int(isNegative ? -$0 : $0) }
  }

  private func double(from start: Int) throws(Fault) -> Double {
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    guard let value = Double(text), value.isFinite else { throw Fault(kind: .huge, offset: start) }
    return value
  }
}

extension JSONParser.Fault {
  /// The fault in a sentence, with the byte that it is at, counted from 0.
  func error(depth: Int) -> SwaplineError {
    let text: String
    switch kind {
    case .empty: return SwaplineError(.damaged, "This is not a JSON document: it is empty.")
    case .depth:
      return SwaplineError(
        .limit, "The JSON document is nested more than \(depth) levels deep, at byte \(offset).",
        hint: "Send a flatter document.")
    case .value: text = "a value is expected"
    case .string: text = "a string is never closed"
    case .escape: text = "a string holds an unknown escape"
    case .surrogate: text = "a string holds half of a surrogate pair"
    case .encoding: text = "a string is not valid UTF-8"
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
