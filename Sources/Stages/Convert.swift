import Core
import Pipelines
import Processing

/// Writes the main media in other formats.
public struct Convert: RenderingStage {
  /// The formats to write.
  public var formats: [MediaFormat]
  /// Quality 1 to 100; nil takes each format's own default.
  public var quality: Int?
  /// The colour that transparency is flattened onto where a format has none.
  public var background: Color
  /// Which frames of animations and videos are written.
  public var frames: FrameChoice

  /// The main media in these formats.
  public init(
    to formats: [MediaFormat], quality: Int? = nil, background: Color = .white,
    frames: FrameChoice = .auto
  ) {
    self.formats = formats
    self.quality = quality
    self.background = background
    self.frames = frames
  }

  /// The main media as PNG, JPEG and WebP.
  public init() {
    self.init(to: [.png, .jpg, .webp])
  }

  public static let declaration = StageDeclaration<Convert>(
    "convert", "Writes the main media as png, jpg, webp, gif or mp4, all from one decode.",
    example: "convert: { to: [png, jpg, webp] }",
    parameters: [
      Parameter(
        "to", \.formats, "The formats to write.", schema: SchemaParts.list(SchemaParts.movingOutput)
      ) { formats in
        if formats.isEmpty { return "There are no formats, so there would be nothing to write." }
        if Set(formats).count < formats.count { return "A format is written twice." }
        return formats.lazy.compactMap(\.problemAsMovingOutput).first
      },
      Parameter(
        "quality", \.quality, in: 1...100, "Quality 1 to 100; the default depends on the format."),
      Parameter(
        "background", \.background,
        "The colour that transparency is flattened onto where a format has none."),
      Parameter(
        "frames", \.frames,
        "auto keeps all frames of an animation if the format supports it, and takes a video's "
          + "first; all and first apply to both."),
    ])

  public func orders(for asset: Asset, main: Media) throws -> [RenditionOrder] {
    formats.map { format in
      // What is in the format already, and as renditions are, stays the very same bytes.
      let content = frames.content(of: main, as: format)
      let isAsRenditions = main.kind == .image ? main.isStoredPlainly : content == .moving
      let isSame =
        format == main.format && quality == nil && asset.rights == nil && isAsRenditions
        && asset.operations == nil
      return RenditionOrder(
        file: "\(asset.mainRole.rawValue)\(isSame || format != main.format ? "" : "-converted")."
          + format.name,
        request: isSame
          ? nil
          : RenditionRequest(
            output: "", format: format, quality: quality, background: background.samples,
            content: content), fault: format.fault(against: main))
    }
  }
}
