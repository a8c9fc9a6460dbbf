import Core
import Processing

/// What a shop asks of a finished file; what is nil is not asked.
public struct ShopRules: Sendable, Hashable {
  /// Accepted formats.
  public var formats: [MediaFormat]?
  /// The least width, in pixels.
  public var minimumWidth: Int?
  /// The least height, in pixels.
  public var minimumHeight: Int?
  /// The least length of the longer side, in pixels.
  public var minimumLongSide: Int?
  /// The most that either side may have, in pixels.
  public var maximumSide: Int?
  /// Maximum pixels, width times height.
  public var maximumPixels: Int?
  /// Maximum file size.
  public var maximumSize: ByteSize?
  /// The least width for a height of 1.
  public var minimumRatio: Double?
  /// The most width for a height of 1.
  public var maximumRatio: Double?
  /// Whether the outermost hundredth must be white.
  public var whiteBackground = false
  /// Minimum share of the frame that the product (what is not white) spans, 0 to 1.
  public var minimumFill: Double?
  /// Whether colours must be sRGB of 8 bits.
  public var srgb = false
  /// Whether the file must carry IPTC's digital source type.
  public var digitalSourceType = false
  /// Minimum duration of a video.
  public var minimumDuration: TimeSpan?
  /// Maximum duration of a video.
  public var maximumDuration: TimeSpan?
  /// Minimum frames per second.
  public var minimumFrameRate: Double?
  /// Maximum frames per second.
  public var maximumFrameRate: Double?
  /// The codecs that pictures may have, in libavcodec's words.
  public var videoCodecs: [String]?
  /// The codecs that sound may have, in libavcodec's words.
  public var audioCodecs: [String]?

  /// No rules.
  public init() {}

  /// Whether pixels have to be looked at.
  var needsPixels: Bool { whiteBackground || minimumFill != nil }

  /// A rule that is not met.
  struct Broken: Hashable {
    let rule: String
    let found: String
    let wanted: String
  }

  /// The rules that `media` does not meet; `measures` are those of its pixels.
  func broken(_ media: Media, _ measures: PictureMeasures?) -> [Broken] {
    shape(media) + file(media) + pixels(measures) + video(media)
  }

  private func shape(_ media: Media) -> [Broken] {
    let (width, height) = (media.uprightWidth, media.uprightHeight)
    let size = "\(width)x\(height)"
    var broken: [Broken] = []
    func add(_ rule: String, _ isBroken: Bool, _ wanted: String) {
      if isBroken { broken.append(Broken(rule: rule, found: size, wanted: wanted)) }
    }
    if let least = minimumWidth {
      add("minimum_width", width < least, "a width of at least \(least)")
    }
    if let least = minimumHeight {
      add("minimum_height", height < least, "a height of at least \(least)")
    }
    if let least = minimumLongSide {
      add("minimum_long_side", max(width, height) < least, "a long side of at least \(least)")
    }
    if let most = maximumSide {
      add("maximum_side", max(width, height) > most, "sides of at most \(most)")
    }
    if let most = maximumPixels {
      add("maximum_pixels", width * height > most, "at most \(most) pixels")
    }
    // A pixel more or less is rounding.
    let slack = 1 / Double(height)
    let ratio = Double(width) / Double(height)
    if let least = minimumRatio {
      add("minimum_ratio", ratio < least - slack, "a width of at least \(least) of the height")
    }
    if let most = maximumRatio {
      add("maximum_ratio", ratio > most + slack, "a width of at most \(most) of the height")
    }
    return broken
  }

  private func file(_ media: Media) -> [Broken] {
    var broken: [Broken] = []
    if let formats, !formats.contains(media.format) {
      broken.append(
        Broken(
          rule: "formats", found: media.format.name,
          wanted: "one of \(formats.map(\.name).joined(separator: ", "))"))
    }
    if let most = maximumSize, media.size > most.bytes {
      broken.append(
        Broken(
          rule: "maximum_size", found: ByteSize(bytes: media.size).rounded,
          wanted: "at most \(most)"))
    }
    let isPlain =
      media.bitDepth == 8 && media.colorModel != .cmyk
      && (media.profile == nil || media.profile?.contains("sRGB") == true)
    if srgb, media.kind != .video, !isPlain {
      broken.append(
        Broken(
          rule: "srgb",
          found:
            "\(media.bitDepth)-bit \(media.colorModel.rawValue), \(media.profile ?? "untagged")",
          wanted: "8-bit sRGB"))
    }
    if digitalSourceType, media.rights?.digitalSourceType == nil {
      broken.append(
        Broken(
          rule: "digital_source_type", found: "nothing about how it was made",
          wanted: "IPTC's DigitalSourceType (the stage 'label' writes it)"))
    }
    return broken
  }

  private func pixels(_ measures: PictureMeasures?) -> [Broken] {
    guard let measures else { return [] }
    var broken: [Broken] = []
    // Compression and a product that touches the border are let pass up to here.
    if whiteBackground, measures.whiteBorder < 0.98 {
      broken.append(
        Broken(
          rule: "white_background",
          found: "a border that is \(Self.percent(measures.whiteBorder)) white",
          wanted: "a white one"))
    }
    if let least = minimumFill, measures.fill < least {
      broken.append(
        Broken(
          rule: "minimum_fill", found: "a product over \(Self.percent(measures.fill)) of the frame",
          wanted: "at least \(Self.percent(least))"))
    }
    return broken
  }

  private func video(_ media: Media) -> [Broken] {
    var broken: [Broken] = []
    func add(_ rule: String, _ isBroken: Bool, _ found: String, _ wanted: String) {
      if isBroken { broken.append(Broken(rule: rule, found: found, wanted: wanted)) }
    }
    let seconds = media.duration ?? 0
    let length = "\(Self.rounded(seconds)) s"
    if let least = minimumDuration {
      add("minimum_duration", seconds < least.seconds, length, "at least \(least)")
    }
    if let most = maximumDuration {
      add("maximum_duration", seconds > most.seconds, length, "at most \(most)")
    }
    let rate = media.frameRate ?? 0
    let pace = "\(Self.rounded(rate)) frames a second"
    if let least = minimumFrameRate {
      add("minimum_frame_rate", rate < least * 0.99, pace, "at least \(least)")
    }
    if let most = maximumFrameRate {
      add("maximum_frame_rate", rate > most * 1.01, pace, "at most \(most)")
    }
    if let codecs = videoCodecs {
      let codec = media.videoCodec ?? "none"
      add(
        "video_codecs", !codecs.contains(codec), codec, "one of \(codecs.joined(separator: ", "))")
    }
    if let codecs = audioCodecs, let codec = media.audioCodec {
      add(
        "audio_codecs", !codecs.contains(codec), codec, "one of \(codecs.joined(separator: ", "))")
    }
    return broken
  }

  private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

  private static func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}
