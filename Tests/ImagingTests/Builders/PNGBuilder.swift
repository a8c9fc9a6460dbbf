import Deflate

/// Writes PNGs chunk by chunk, sound ones and damaged ones.
/// Source: PNG specification, third edition, chapter 5.
struct PNGBuilder {
  var width = 16
  var height = 12
  var bits = 8
  /// 0 gray, 2 RGB, 4 gray and opacity, 6 RGB and opacity.
  var kind = 2
  var profile: [UInt8]?

  /// The signature that every PNG begins with.
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  static func four(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// One chunk, with its check sum.
  static func chunk(_ name: String, _ data: [UInt8], sum: Int? = nil) -> [UInt8] {
    let named = Array(name.utf8) + data
    let right = named.withUnsafeBytes { Int(ZlibCompressor.crc32($0)) }
    return four(data.count) + named + four(sum ?? right)
  }

  static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBytes { ZlibCompressor(level: 6)?.compress($0) ?? [] }
  }

  /// The chunk that says what the picture is.
  var header: [UInt8] {
    Self.chunk(
      "IHDR", Self.four(width) + Self.four(height) + [UInt8(bits), UInt8(kind), 0, 0, 0])
  }

  /// The chunk with the pixels; `color` gives the shares of a pixel's samples.
  func data(_ color: (_ x: Int, _ y: Int) -> [Double]) -> [UInt8] {
    var rows: [UInt8] = []
    for y in 0..<height {
      rows.append(0)
      for x in 0..<width {
        for share in color(x, y) {
          let value = Int((share * Double(1 << bits - 1)).rounded())
          rows += bits == 16 ? [UInt8(value >> 8), UInt8(value & 255)] : [UInt8(value)]
        }
      }
    }
    return Self.compressed(rows)
  }

  /// The whole file.
  func file(_ color: (_ x: Int, _ y: Int) -> [Double]) -> [UInt8] {
    let tag =
      profile.map { Self.chunk("iCCP", Array("profile".utf8) + [0, 0] + Self.compressed($0)) } ?? []
    return Self.signature + header + tag + Self.chunk("IDAT", data(color))
      + Self.chunk("IEND", [])
  }
}
