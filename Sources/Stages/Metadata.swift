import Core
import Pipelines

/// Writes `asset.json`: every measured fact of the item and its files.
public struct Metadata: FinishingStage {
  /// Writes `asset.json`.
  public init() {}

  public static let declaration = StageDeclaration<Metadata>(
    "metadata", "Writes asset.json: format, width, height, size and digest of every file.",
    example: "metadata", parameters: [])

  public func finish(_ asset: Asset, main: Media, in context: StageContext) async throws -> Asset {
    var next = asset
    next.documents.insert(.asset)
    let count = asset.media.count + asset.renditions.count
    context.note("\(Document.asset.rawValue) with \(count) file\(count == 1 ? "" : "s")")
    return next
  }
}
