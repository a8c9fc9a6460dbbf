import Core
import Pipelines
import Processing

/// Makes small moving pictures of a video or animation.
public struct Previews: RenderingStage {
  /// Sides of the boxes in pixels.
  public var sides: [Int]
  /// The format of every preview: webp, gif, png or mp4.
  public var format: MediaFormat
  /// Quality 1 to 100 where the format has one; nil takes its own default.
  public var quality: Int?

  /// Previews that fit boxes with these sides.
  public init(sides: [Int], format: MediaFormat = .webp, quality: Int? = nil) {
    self.sides = sides
    self.format = format
    self.quality = quality
  }

  /// One preview of 320 pixels as WebP.
  public init() {
    self.init(sides: [320])
  }

  public static let declaration = StageDeclaration<Previews>(
    "previews", "Makes small moving pictures of a video or animation, all from one decode.",
    example: "previews: { sides: [320], format: webp }",
    parameters: [
      Parameter(
        "sides", \.sides, "Sides of the boxes in pixels.",
        schema: SchemaParts.list(SchemaParts.integer(1...4_096))
      ) { sides in
        if sides.isEmpty { return "There are no sides, so there would be no previews." }
        if Set(sides).count < sides.count { return "A side is written twice." }
        return sides.first { !(1...4_096).contains($0) }.map { "Expected 1 to 4096, found \($0)." }
      },
      Parameter(
        "format", \.format, "The format of every preview: webp, gif, png or mp4.",
        schema: SchemaParts.formats([.webp, .gif, .png, .mp4])
      ) { format in
        format.problemAsMovingOutput
          ?? (format.kinds != [.image]
            ? nil : "'\(format.name)' holds no frames; webp, gif, png and mp4 do.")
      },
      Parameter(
        "quality", \.quality, in: 1...100, "Quality 1 to 100; the default depends on the format."),
    ])

  public func orders(for asset: Asset, main: Media) throws -> [RenditionOrder] {
    let fault = format.fault(against: main)
    return sides.map { side in
      RenditionOrder(
        file: "\(asset.mainRole.rawValue)-preview-\(side).\(format.name)",
        request: RenditionRequest(
          output: "", format: format, width: side, height: side, quality: quality,
          content: main.kind == .image ? .first : .moving), fault: fault)
    }
  }
}
