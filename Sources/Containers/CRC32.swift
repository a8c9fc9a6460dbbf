/// The checksum of PNG's chunks. Source: PNG (third edition), annex D.
enum CRC32 {
  /// What a byte adds, standing 0 to 7 bytes before the end of eight: a checksum of eight bytes is
  /// eight independent looks, where one byte after the other waits for the one before.
  private static let tables: [UInt32] = {
    var tables: [UInt32] = (0..<256).map { number in
      (0..<8).reduce(UInt32(number)) { value, _ in
        value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1
      }
    }
    for index in 256..<2048 {
      let before: UInt32 = tables[index - 256]
      let low: UInt32 = tables[Int(before & 255)]
      tables.append(low ^ before >> 8)
    }
    return tables
  }()

  static func of(_ bytes: [UInt8]) -> UInt32 { of(bytes, 0..<bytes.count) }

  /// The checksum of the bytes in `range`, which must be inside of `bytes`.
  static func of(_ bytes: [UInt8], _ range: Range<Int>) -> UInt32 {
    tables.withUnsafeBufferPointer { tables in
      bytes.withUnsafeBytes { all in
        let bytes = UnsafeRawBufferPointer(rebasing: all[range])
        var value: UInt32 = 0xFFFF_FFFF
        var at = 0
        while at + 8 <= bytes.count {
          let eight = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
          let mixed = UInt64(littleEndian: eight) ^ UInt64(value)
          value = 0
          for place in 0..<8 {
            let byte = Int(truncatingIfNeeded: mixed >> UInt64(8 * place)) & 255
            value ^= tables[(7 - place) << 8 | byte]
          }
          at += 8
        }
        while at < bytes.count {
          value = tables[Int(UInt8(truncatingIfNeeded: value) ^ bytes[at])] ^ value >> 8
          at += 1
        }
        return value ^ 0xFFFF_FFFF
      }
    }
  }
}
