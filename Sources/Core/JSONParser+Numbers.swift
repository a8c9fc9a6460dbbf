extension JSONParser {
  // Powers of ten that a Double holds exactly.
  private static let powers: [Double] = (0...22).map { exponent in
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }

  mutating func number() throws(Fault) -> JSONValue {
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
