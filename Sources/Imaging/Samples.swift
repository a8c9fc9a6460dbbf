import Core
import Vips

/// The colours and the opacity of a picture, taken apart so that each is scaled by its own rule.
struct Samples {
  /// Unsigned samples of 8 or 16 bits, or floating-point ones: CIE Lab, or light from 0 to 1.
  let colors: Image
  /// Opacity of 8 bits; nil for an opaque picture.
  let alpha: Image?
  /// What was left out.
  private(set) var changes: [Change] = []

  /// The largest sample that floating-point pictures from 0 to 1 may have: highlights pass 1, and a
  /// picture that goes to 255 has another scale.
  private static let brightest = 16.0

  /// Takes `image`, the stored picture behind `header`, apart.
  init(_ header: Header, _ image: Image) throws {
    // Its pixels are read more than once, and a file only once.
    var image = image.sampleKind == .float ? try image.inMemory() : image
    // libheif hands colours out as they are stored.
    if header.isPremultiplied, header.alphaBand != nil { image = try image.unpremultiplied() }
    let count = min(image.bands, header.colors)
    if image.isPackedLab {
      colors = try image.labInFloat()
      alpha = nil
      return
    }
    alpha = try header.alphaBand.map { try Self.opacity(image.bands($0, count: 1)) }
    let left = image.bands - count - (alpha == nil ? 0 : 1)
    if left > 0 {
      changes.append(
        Change(
          .alpha, from: "\(left) extra channel\(left == 1 ? "" : "s")", to: "none",
          reason: "what they hold is neither colour nor opacity"))
    }
    let stored = count < image.bands ? try image.bands(0, count: count) : image
    if let lab = try Self.lab(header, stored) {
      colors = lab
    } else if header.tiff?.isYCbCr == true {
      colors = try stored.lumaAndChromaToRGB()
    } else if header.coded?.isNarrowGray == true {
      // libheif hands out monochrome luma as it is stored, black at 16 and white at 235.
      colors = try stored.fromNarrowRange()
    } else if stored.bitDepth == 32, stored.sampleKind == .unsigned {
      colors = try stored.toSixteenBit(
        as: header.space == .cmyk ? .cmyk : count < 3 ? .gray16 : .rgb16)
    } else {
      colors = stored
    }
    if stored.sampleKind == .float, colors.space != .lab {
      let most = try stored.maximum()
      guard most <= Self.brightest else {
        let found = Int(min(most.rounded(), 1e9))
        throw SwaplineError(
          .unsupported,
          "\(header.file.name) has floating-point samples up to \(found); from 0 to 1 are read.",
          hint: "Export it with 8 or 16 bits a sample.")
      }
    }
  }

  private static func opacity(_ band: Image) throws -> Image {
    switch band.sampleKind {
    case .float: try band.linear(by: 255, plus: 0.5, eightBit: true)
    case .unsigned: try band.narrowedToEightBit()
    // libvips keeps the opacity of a Lab picture, which is unsigned, in the signed samples of Lab.
    default: try band.unsignedSixteenBit().narrowedToEightBit()
    }
  }

  /// CIE Lab in floating point; nil for other colours.
  private static func lab(_ header: Header, _ image: Image) throws -> Image? {
    if header.space == .lab { return try image.labInFloat() }
    let (factors, offsets): ([Double], [Double])
    switch (header.tiff?.photometric, image.bitDepth) {
    // TIFF Technical Note 5: a and b are shifted by half the range.
    case (9, 8): (factors, offsets) = ([100 / 255.0, 1, 1], [0, -128, -128])
    case (9, 16):
      (factors, offsets) = ([100 / 65_280.0, 1 / 256.0, 1 / 256.0], [0, -128, -128])
    // ITU-T T.42: a from -85 to 85, b from -75 to 125.
    case (10, 8):
      (factors, offsets) = (
        [100 / 255.0, 170 / 255.0, 200 / 255.0],
        [0, -128 * 170 / 255.0, -96 * 200 / 255.0]
      )
    default: return nil
    }
    return try image.linear(by: factors, plus: offsets).understood(as: .lab)
  }
}
