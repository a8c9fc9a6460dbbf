import Core

/// The bytes of a PNG as far as its header goes: enough for whoever reads only sides, as `FakeMedia`
/// does, and for nothing that decodes.
public enum FakePicture {
  /// A picture of `width` x `height` pixels; `extra` stands behind its header and makes it another
  /// picture than the next one of the same sides.
  public static func bytes(width: Int, height: Int, extra: [UInt8] = []) -> [UInt8] {
    func number(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let header = number(13) + Array("IHDR".utf8) + number(width) + number(height) + [8, 2, 0, 0, 0]
    return signature + header + number(0) + extra
  }

  /// The sides, in pixels, by the header of a PNG, a GIF or a JPEG; nil for everything else.
  static func sides(of bytes: [UInt8]) -> (width: Int, height: Int)? {
    func big(_ offset: Int, _ count: Int) -> Int {
      bytes[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
    }
    func little(_ offset: Int) -> Int { Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 }
    switch MediaFormat.sniff(bytes) {
    case .png where bytes.count >= 24: return (big(16, 4), big(20, 4))
    case .gif where bytes.count >= 10: return (little(6), little(8))
    case .jpg:
      // From segment to segment until the frame header, which has the sides.
      var offset = 2
      while offset + 9 <= bytes.count, bytes[offset] == 0xFF {
        let marker = bytes[offset + 1]
        if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
          return (big(offset + 7, 2), big(offset + 5, 2))
        }
        offset += 2 + big(offset + 2, 2)
      }
      return nil
    default: return nil
    }
  }
}
