import Core
import Pipelines
import Processing

extension Fit: WordParameter {}

/// Makes small pictures of the main media.
public struct Thumbnails: RenderingStage {
  /// Sides of the boxes in pixels.
  public var sides: [Int]
  /// The format of every thumbnail.
  public var format: MediaFormat
  /// How a box is filled.
  public var fit: Fit
  /// Quality 1 to 100; nil takes the format's own default.
  public var quality: Int?
  /// Whether a smaller picture is enlarged.
  public var enlarge: Bool
  /// The colour around a padded picture, and under transparency where the format has none.
  public var background: Color
  /// Which frames of animations and videos are shown.
  public var frames: FrameChoice

  /// Thumbnails that fit boxes with these sides.
  public init(
    sides: [Int], format: MediaFormat = .webp, fit: Fit = .inside, quality: Int? = nil,
    enlarge: Bool = false, background: Color = .white, frames: FrameChoice = .first
  ) {
    self.sides = sides
    self.format = format
    self.fit = fit
    self.quality = quality
    self.enlarge = enlarge
    self.background = background
    self.frames = frames
  }

  /// Thumbnails of 512, 256 and 128 pixels as WebP.
  public init() {
    self.init(sides: [512, 256, 128])
  }

  public static let declaration = StageDeclaration<Thumbnails>(
    "thumbnails", "Makes small pictures of the main media, all from one decode.",
    example: "thumbnails: { sides: [1024, 512, 256, 128], format: webp }",
    parameters: [
      Parameter(
        "sides", \.sides, "Sides of the boxes in pixels.",
        schema: SchemaParts.list(SchemaParts.integer(1...16_384))
      ) { sides in
        if sides.isEmpty { return "There are no sides, so there would be no thumbnails." }
        if Set(sides).count < sides.count { return "A side is written twice." }
        return sides.first { !(1...16_384).contains($0) }.map {
          "Expected 1 to 16384, found \($0)."
        }
      },
      Parameter("format", \.format, "The format of every thumbnail.", schema: SchemaParts.output) {
        $0.problemAsOutput
      },
      Parameter(
        "fit", \.fit,
        "inside keeps the whole picture, pad fills the rest of the box with the background; cover "
          + "cuts around the middle, attention around what catches the eye, face around faces."),
      Parameter(
        "quality", \.quality, in: 1...100, "Quality 1 to 100; the default depends on the format."),
      Parameter("enlarge", \.enlarge, "Whether a smaller picture is enlarged to the box."),
      Parameter("background", \.background, "The colour around a padded picture, as '#rrggbb'."),
      Parameter(
        "frames", \.frames,
        "first takes a moving picture's first frame; all takes every frame if the format supports it."
      ),
    ],
    check: { stage in
      stage.frames != .first && stage.fit != .inside && stage.format.kinds.contains(.animation)
        ? [
          "Moving thumbnails are neither cut nor padded: leave 'frames' out, or 'fit' at inside."
        ] : []
    })

  public func orders(for asset: Asset, main: Media) -> [RenditionOrder] {
    sides.map { side in
      RenditionOrder(
        file: "\(asset.mainRole.rawValue)-\(side).\(format.name)",
        request: RenditionRequest(
          output: "", format: format, width: side, height: side, fit: fit, enlarges: enlarge,
          quality: quality, background: background.samples,
          content: frames.content(of: main, as: format)))
    }
  }
}

extension MediaFormat {
  /// What is wrong with asking for this format as an output; nil when nothing is.
  var problemAsOutput: String? {
    guard encoding == nil else { return nil }
    let names = MediaFormat.writable.map(\.name).joined(separator: ", ")
    return "'\(name)' can be read but not written here; \(names) can."
  }

  /// The formats that videos are written in, the most wanted first.
  static let videos: [MediaFormat] = [.mp4, .mov, .mkv, .webm]

  /// What is wrong with asking for this format for something that moves; nil when nothing is.
  var problemAsMovingOutput: String? {
    if Self.videos.contains(self) { return nil }
    guard let problem = problemAsOutput else { return nil }
    return problem.replacing(
      " can.", with: ", and of videos \(Self.videos.map(\.name).joined(separator: ", ")) can.")
  }
}
