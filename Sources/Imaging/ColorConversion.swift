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
    if header.isPlain, image.isEightBit { return (image, []) }
    if header.isComposed { return try composed(image) }
    var changes: [Change] = []
    if header.bitDepth > 8 {
      changes.append(
        Change(
          .depth, from: header.sampleText, to: "8 bits",
          reason: "the formats that are written hold 8 bits"))
    }
    let samples = try Samples(header, image)
    changes += samples.changes
    var colors = try converted(samples.colors, &changes)
    guard let alpha = samples.alpha else { return (colors, changes) }
    // Untagged gray with opacity becomes RGB, because a background may be coloured.
    if colors.bands < 3 { colors = try colors.toPlainSRGB() }
    return (try colors.joined(with: alpha), changes)
  }

  /// Red, green, blue and opacity of 8 bits, whatever the file stores.
  private func composed(_ image: Image) throws -> (image: Image, changes: [Change]) {
    guard let bytes = header.profileBytes, header.profile?.model == .rgb, !header.isSRGB else {
      return (image, [])
    }
    let colors = try image.bands(0, count: 3).withoutMetadata(profile: bytes).toSRGB(fallback: nil)
    let change = Change(
      .color, from: header.profileName ?? "unnamed profile", to: "sRGB", reason: Self.wanted)
    guard image.bands == 4 else { return (colors, [change]) }
    return (try colors.joined(with: image.bands(3, count: 1)), [change])
  }

  private static let wanted = "sRGB is what every viewer and provider understands"

  private func converted(_ image: Image, _ changes: inout [Change]) throws -> Image {
    if header.isSRGB { return try narrowed(image) }
    let (converted, from, reason) = try byProfile(image)
    changes.append(Change(.color, from: from, to: "sRGB", reason: reason))
    return converted
  }

  private func byProfile(_ image: Image) throws -> (Image, from: String, reason: String) {
    let wanted = Self.wanted
    if image.space == .lab {
      // A profile of Lab describes the encoding, which is known.
      return (try image.labToSRGB(), "CIE Lab", wanted)
    }
    if let coded = header.coded, let matrix = coded.toBT709 {
      return (try image.toSRGB(by: matrix), coded.name ?? "", wanted)
    }
    guard header.profileBytes != nil else {
      if header.space == .cmyk {
        let converted = try image.toSRGB(fallback: "cmyk")
        return (converted, "CMYK without a profile, read as general offset printing", wanted)
      }
      if image.sampleKind == .float {
        return (try image.linearToSRGB(), "untagged floating point, read as linear light", wanted)
      }
      return (try plain(image), "untagged \(header.colorModel.rawValue)", wanted)
    }
    let name = header.profileName ?? "unnamed profile"
    let fits = header.profile?.model == header.colorModel
    // A profile that does not fit the samples would make nonsense of them.
    if fits, let converted = try? image.fixed(header).toSRGB(fallback: nil) {
      return (converted, name, wanted)
    }
    let unusable = "\(header.colorModel.rawValue) with the unusable profile \(name)"
    let reason = "the embedded profile does not fit the picture, so it was read without it"
    let converted =
      header.space == .cmyk
      ? try image.withoutMetadata().toSRGB(fallback: "cmyk") : try plain(image)
    return (converted, unusable, reason)
  }

  private func plain(_ image: Image) throws -> Image {
    if image.sampleKind == .float, image.space != .other { return try image.linearToSRGB() }
    switch header.space {
    case .other:
      throw SwaplineError(
        .unsupported,
        "\(header.file.name) has \(image.bands) samples per pixel, which is no colour model that Swapline knows.",
        hint: "Export it as sRGB first.")
    case .rgb, .rgb16, .gray, .gray16: return try narrowed(image)
    case .cmyk, .linear, .lab: return try image.toPlainSRGB()
    }
  }

  private func narrowed(_ image: Image) throws -> Image {
    try image.narrowedToEightBit().understood(as: image.bands < 3 ? .gray : .rgb)
  }
}

extension Image {
  /// Samples that a colour profile is applied to: whole numbers.
  fileprivate func fixed(_ header: Header) throws(VipsError) -> Image {
    guard sampleKind == .float else { return self }
    return try toSixteenBit(as: bands < 3 ? .gray16 : .rgb16)
  }
}
