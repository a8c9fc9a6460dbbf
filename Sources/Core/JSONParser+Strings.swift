import HTTP

extension JSONParser {
  mutating func string() throws(Fault) -> String {
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
    if isASCII { return String(decoding: part, as: UTF8.self) }
    return try text(of: part, from: slice.startIndex)
  }

  private func text(of bytes: some Collection<UInt8>, from start: Int) throws(Fault) -> String {
    if isLenient { return CombiningMarks.parted(String(decoding: bytes, as: UTF8.self)) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault(kind: .encoding, offset: start)
    }
    guard CombiningMarks.areFew(in: text) else { throw Fault(kind: .marks, offset: start) }
    return text
  }

  private mutating func escapedString(from start: Int) throws(Fault) -> String {
    var unescaped = Array(bytes[start..<place])
    while place < bytes.count {
      let byte = bytes[place]
      switch byte {
      case UInt8(ascii: "\""):
        place += 1
        return try text(of: unescaped, from: start)
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
