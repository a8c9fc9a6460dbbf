import Core
import Pipelines
import Processing

/// Checks a finished file against the rules of a shop: what was found against what is wanted.
public struct Inspect: FinishingStage {
  /// The file: the name that was given to `resize`, or the whole name of a file; nothing checks the
  /// main file.
  public var file: String
  /// The rules.
  public var rules: ShopRules
  /// Whether a rule that is not met rejects the item.
  public var reject: Bool

  /// Checks `file` against `rules`.
  public init(_ file: String = "", rules: ShopRules, reject: Bool = false) {
    self.file = file
    self.rules = rules
    self.reject = reject
  }

  /// Checks nothing.
  public init() {
    self.init(rules: ShopRules())
  }

  public static let declaration = StageDeclaration<Inspect>(
    "inspect",
    "Checks a finished file against a marketplace's rules and reports expected and actual values.",
    example: "inspect: { minimum_long_side: 1000, white_background: true }",
    parameters: [
      Parameter(
        "file", \.file,
        "The name given to resize, or a full file name; by default the main file."),
      Parameter("formats", \.rules.formats, "Accepted formats."),
      Parameter(
        "minimum_width", \.rules.minimumWidth, in: 1...65_535, "Minimum width in pixels."),
      Parameter(
        "minimum_height", \.rules.minimumHeight, in: 1...65_535, "Minimum height in pixels."),
      Parameter(
        "minimum_long_side", \.rules.minimumLongSide, in: 1...65_535,
        "Minimum length of the longer side in pixels."),
      Parameter(
        "maximum_side", \.rules.maximumSide, in: 1...65_535,
        "Maximum side in pixels."),
      Parameter(
        "maximum_pixels", \.rules.maximumPixels, in: 1...1_000_000_000,
        "Maximum pixels, width times height."),
      Parameter("maximum_size", \.rules.maximumSize, "Maximum file size."),
      Parameter(
        "minimum_ratio", \.rules.minimumRatio, "Minimum ratio of width to height, such as 0.8."),
      Parameter(
        "maximum_ratio", \.rules.maximumRatio, "Maximum ratio of width to height, such as 1.91."),
      Parameter(
        "white_background", \.rules.whiteBackground,
        "Whether the border, a hundredth of the picture, must be white."),
      Parameter(
        "minimum_fill", \.rules.minimumFill,
        "Minimum share of the frame that the product (what is not white) spans, 0 to 1.",
        schema: ["minimum": 0, "maximum": 1]
      ) {
        $0.map { (0...1).contains($0) } == false ? "It is 0 to 1." : nil
      },
      Parameter("srgb", \.rules.srgb, "Whether colours must be sRGB of 8 bits."),
      Parameter(
        "digital_source_type", \.rules.digitalSourceType,
        "Whether the file must carry IPTC's digital source type."),
      Parameter("minimum_duration", \.rules.minimumDuration, "Minimum duration of a video."),
      Parameter("maximum_duration", \.rules.maximumDuration, "Maximum duration of a video."),
      Parameter("minimum_frame_rate", \.rules.minimumFrameRate, "Minimum frames per second."),
      Parameter("maximum_frame_rate", \.rules.maximumFrameRate, "Maximum frames per second."),
      Parameter("video_codecs", \.rules.videoCodecs, "Accepted video codecs."),
      Parameter("audio_codecs", \.rules.audioCodecs, "Accepted audio codecs."),
      Parameter(
        "reject", \.reject, "Whether an unmet rule rejects the item; otherwise it is only reported."
      ),
    ])

  public var needs: [StageNeed] {
    let rule = FileRule(
      file, minimumWidth: rules.minimumWidth, minimumHeight: rules.minimumHeight,
      minimumLongSide: rules.minimumLongSide, formats: rules.formats)
    return (file.isEmpty ? [] : [.file(file)]) + [.rule(rule)]
  }

  public func finish(_ asset: Asset, main: Media, in context: StageContext) async throws -> Asset {
    let (name, media) = try chosen(asset, main)
    let measures =
      rules.needsPixels && media.kind != .video
      ? try await context.media.measure(MeasureRequest(file: context.folder.file(media))) : nil
    let severity: Finding.Severity = reject ? .error : .warning
    let broken = rules.broken(media, measures).map { rule in
      ShopFinding(
        file: name, severity: severity, rule: rule.rule, found: rule.found, wanted: rule.wanted)
    }
    if reject, !broken.isEmpty {
      throw SwaplineError(
        .rejected, broken.map(\.text).joined(separator: "; ") + ".",
        hint: "Give a picture that meets the rule, or set 'reject' of 'inspect' to false.")
    }
    var next = asset
    if !broken.isEmpty { next.findings = (asset.findings ?? []) + broken }
    context.note(
      broken.isEmpty ? "\(name) meets every rule" : broken.map(\.text).joined(separator: "; "))
    return next
  }

  private func chosen(_ asset: Asset, _ main: Media) throws -> (String, Media) {
    let role = asset.mainRole.rawValue
    guard !file.isEmpty else { return ("\(role).\(main.format.name)", main) }
    let found = asset.renditions.first {
      $0.file == file || $0.file.hasPrefix("\(role)-\(file).")
    }
    guard let found else {
      let names = asset.renditions.map(\.file).joined(separator: ", ")
      throw SwaplineError(
        .usage, "There is no file '\(file)' to inspect.",
        hint: names.isEmpty ? "Put 'resize' before 'inspect'." : "There are \(names).")
    }
    return (found.file, found.media)
  }
}
