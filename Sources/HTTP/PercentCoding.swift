/// Percent-encoding of URLs (RFC 3986, section 2.1).
package enum PercentCoding {
  /// `text` with every byte but the unreserved ones (letters, digits, `-._~`) as `%XX`: right for
  /// one segment of a path, and for a name or value of a query.
  package static func encode(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
      default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `text` with every `%XX` undone, in a query also `+`; nil when a `%` is not followed by two
  /// hexadecimal digits, when the bytes are not UTF-8, when one of them is zero, or when more combining
  /// marks follow each other than `CombiningMarks` allows.
  package static func decode(_ text: some StringProtocol, inQuery: Bool = false) -> String? {
    // Nearly every name and value is plain.
    if text.utf8.allSatisfy({ $0 != 0x25 && $0 != 0 && !(inQuery && $0 == 0x2B) }) {
      return CombiningMarks.areFew(in: text) ? String(text) : nil
    }
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      switch byte {
      case 0x25:
        guard let high = rest.popFirst()?.hexadecimalValue,
          let low = rest.popFirst()?.hexadecimalValue
        else { return nil }
        bytes.append(high << 4 | low)
      case 0x2B where inQuery: bytes.append(0x20)
      default: bytes.append(byte)
      }
    }
    guard !bytes.contains(0) else { return nil }
    return String(validating: bytes, as: UTF8.self).flatMap {
      CombiningMarks.areFew(in: $0) ? $0 : nil
    }
  }
}

extension UInt8 {
  fileprivate var hexadecimalValue: UInt8? {
    switch self {
    case 0x30...0x39: self - 0x30
    case 0x41...0x46: self - 0x41 + 10
    case 0x61...0x66: self - 0x61 + 10
    default: nil
    }
  }
}
