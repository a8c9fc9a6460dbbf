import Core
import Imaging

extension PixelPicture {
  /// Lays the picture onto white where a format holds no opacity; nil when nothing is transparent.
  mutating func flatten(for format: MediaFormat) -> Change? {
    guard let opacity = alpha else { return nil }
    alpha = nil
    guard opacity.contains(where: { $0 != 255 }) else { return nil }
    for (pixel, share) in opacity.enumerated() where share != 255 {
      for sample in pixel * 3..<pixel * 3 + 3 {
        let mixed = Int(rgb[sample]) * Int(share) + 255 * (255 - Int(share))
        rgb[sample] = UInt8((mixed + 127) / 255)
      }
    }
    return Change(
      .alpha, from: "transparent", to: "flattened onto white", reason: "\(format) holds no opacity")
  }
}
