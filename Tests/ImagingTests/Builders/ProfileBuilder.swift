import Foundation

/// Writes small ICC profiles of version 2. Source: ICC.1:2001-04, chapters 6 and 7.
enum ProfileBuilder {
  private static func four(_ value: Int) -> [UInt8] { PNGBuilder.four(value) }
  private static func fixed(_ value: Double) -> [UInt8] { four(Int((value * 65_536).rounded())) }
  private static func xyz(_ values: [Double]) -> [UInt8] {
    Array("XYZ ".utf8) + four(0) + values.flatMap(fixed)
  }
  /// A curve that is a power of `gamma`, in steps of 1/256.
  private static func curve(_ gamma: Double) -> [UInt8] {
    let value = Int((gamma * 256).rounded())
    return Array("curv".utf8) + four(0) + four(1) + [UInt8(value >> 8), UInt8(value & 255), 0, 0]
  }
  private static let white = [0.9642, 1, 0.8249]

  private static func profile(_ space: String, _ tags: [(String, [UInt8])]) -> [UInt8] {
    let name = Array("Test".utf8) + [0]
    let desc = Array("desc".utf8) + four(0) + four(name.count) + name
    let all =
      [("desc", desc + [UInt8](repeating: 0, count: 78 + 3)), ("wtpt", xyz(white))] + tags
      + [("cprt", Array("text".utf8) + four(0) + Array("free".utf8) + [0, 0, 0, 0])]
    var table = four(all.count)
    var body: [UInt8] = []
    for (name, tag) in all {
      table += Array(name.utf8) + four(132 + 12 * all.count + body.count) + four(tag.count)
      body += tag + [UInt8](repeating: 0, count: (4 - tag.count % 4) % 4)
    }
    var header = four(132 + 12 * all.count + body.count) + four(0) + four(0x0210_0000)
    header += Array("mntr\(space)XYZ ".utf8) + [UInt8](repeating: 0, count: 12)
    header += Array("acsp".utf8) + [UInt8](repeating: 0, count: 28) + white.flatMap(fixed)
    header += [UInt8](repeating: 0, count: 128 - header.count)
    return header + table + body
  }

  /// Gray, encoded by a power of `gamma`.
  static func gray(gamma: Double) -> [UInt8] { profile("GRAY", [("kTRC", curve(gamma))]) }

  /// The primaries of sRGB with another transfer function, so that what comes out is easy to foretell.
  static func rgb(gamma: Double) -> [UInt8] {
    let curve = curve(gamma)
    return profile(
      "RGB ",
      [
        ("rXYZ", xyz([0.43607, 0.22249, 0.01392])), ("gXYZ", xyz([0.38515, 0.71687, 0.09708])),
        ("bXYZ", xyz([0.14307, 0.06061, 0.71410])), ("rTRC", curve), ("gTRC", curve),
        ("bTRC", curve),
      ])
  }

  /// What a share of a picture encoded by a power of `gamma` is in sRGB of 8 bits.
  static func inSRGB(_ share: Double, gamma: Double) -> Int {
    encoded(pow(share, gamma))
  }

  /// Linear light in sRGB of 8 bits.
  static func encoded(_ light: Double) -> Int {
    let value = light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055
    return Int((value * 255).rounded())
  }
}
