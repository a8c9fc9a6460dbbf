import Core
import Vips

/// Brings samples to 8 bits and colours to sRGB, by as few conversions as the picture needs.
struct ColorConversion {
  private let header: Header

  /// The conversion for the picture behind `header`.
  init(_ header: Header) {
    self.header = header
  }

  /// The converted picture, and what was done.
  func apply(to image: Image) throws -> (image: Image, changes: [Change]) {
    var changes: [Change] = []
    if header.bitDepth > 8 {
      changes.append(
        Change(
          .depth, from: "\(header.bitDepth) bits", to: "8 bits",
          reason: "the formats that are written hold 8 bits"))
    }
    let isPlain = header.space == .rgb || (header.space == .gray && !header.hasAlpha)
    if header.isSRGB, isPlain, image.isEightBit { return (image, changes) }
    if header.isSRGB {
      // Untagged gray with opacity becomes RGB, because a background may be coloured.
      return (try image.toPlainSRGB(), changes)
    }
    let (converted, from, reason) = try byProfile(image)
    changes.append(Change(.color, from: from, to: "sRGB", reason: reason))
    return (converted, changes)
  }

  private func byProfile(_ image: Image) throws -> (Image, from: String, reason: String) {
    let wanted = "sRGB is what every viewer and provider understands"
    guard header.profileBytes != nil else {
      guard header.space == .cmyk else {
        return (try plain(image), "untagged \(header.colorModel)", wanted)
      }
      let converted = try image.toSRGB(fallback: "cmyk")
      return (converted, "CMYK without a profile, read as general offset printing", wanted)
    }
    let name = header.profileName ?? "unnamed profile"
    let fits = header.profile?.model == header.colorModel
    // A profile that does not fit the samples would make nonsense of them.
    if fits, let converted = try? image.toSRGB(fallback: nil) { return (converted, name, wanted) }
    let unusable = "\(header.colorModel.rawValue) with the unusable profile \(name)"
    let reason = "the embedded profile does not fit the picture, so it was read without it"
    let converted =
      header.space == .cmyk
      ? try image.withoutMetadata().toSRGB(fallback: "cmyk") : try plain(image)
    return (converted, unusable, reason)
  }

  private func plain(_ image: Image) throws -> Image {
    guard header.space == .other else { return try image.toPlainSRGB() }
    throw SwaplineError(
      .unsupported,
      "\(header.file.name) has \(image.bands) samples a pixel that are no colour Swapline knows.",
      hint: "Export it as sRGB first.")
  }
}
