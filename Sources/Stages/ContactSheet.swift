import Core
import Pipelines
import Processing

/// Shows frames of a video or animation side by side in one still.
public struct ContactSheet: RenderingStage {
  /// Number of frames, spread over the duration.
  public var frames: Int
  /// Number of frames per row.
  public var columns: Int
  /// Maximum side of the sheet in pixels.
  public var side: Int
  /// The sheet's format.
  public var format: MediaFormat
  /// Quality 1 to 100; nil takes the format's own default.
  public var quality: Int?

  /// A sheet of `frames` frames in rows of `columns`.
  public init(
    frames: Int, columns: Int = 4, side: Int = 1280, format: MediaFormat = .jpg,
    quality: Int? = nil
  ) {
    self.frames = frames
    self.columns = columns
    self.side = side
    self.format = format
    self.quality = quality
  }

  /// Twelve frames in rows of four.
  public init() {
    self.init(frames: 12)
  }

  public static let declaration = StageDeclaration<ContactSheet>(
    "contact_sheet", "Shows frames of a video or animation side by side in one still.",
    example: "contact_sheet: { frames: 12, columns: 4 }",
    parameters: [
      Parameter(
        "frames", \.frames, in: 1...400, "Number of frames, spread over the duration."),
      Parameter("columns", \.columns, in: 1...50, "Number of frames per row."),
      Parameter(
        "side", \.side, in: 16...16_384, "Maximum side of the sheet in pixels."),
      Parameter("format", \.format, "The sheet's format.", schema: SchemaParts.output) {
        $0.problemAsOutput
      },
      Parameter(
        "quality", \.quality, in: 1...100, "Quality 1 to 100; the default depends on the format."),
    ])

  public func orders(for asset: Asset, main: Media) -> [RenditionOrder] {
    [
      RenditionOrder(
        file: "\(asset.mainRole.rawValue)-sheet.\(format.name)",
        request: RenditionRequest(
          output: "", format: format, width: side, height: side, quality: quality,
          content: .strip(frames: frames, columns: columns)))
    ]
  }
}
