import Core
import Pipelines

/// `asset.json`: every measured fact of an asset, for people and programs.
public struct AssetReport: Sendable, Hashable, Codable {
  /// A file and its measured facts, in the words of `swapline probe --json`.
  public struct File: Sendable, Hashable, Codable {
    /// The file's name in the item's folder.
    public var file: String
    /// The stage that made it, for renditions.
    public var stage: String?
    /// Everything that was measured of it; in JSON its fields stand beside `file` and `stage`.
    public var media: Media

    private enum CodingKeys: String, CodingKey {
      case file, stage
    }

    init(_ name: String, _ media: Media, stage: String? = nil) {
      file = name
      self.stage = stage
      self.media = media
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      file = try container.decode(String.self, forKey: .file)
      stage = try container.decodeIfPresent(String.self, forKey: .stage)
      media = try Media(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(file, forKey: .file)
      try container.encodeIfPresent(stage, forKey: .stage)
      try media.encode(to: encoder)
    }
  }

  /// The version of this shape.
  public var version: Int
  /// The item's name.
  public var id: String
  /// What the item was asked to be made from; an address stands without its query, and then the row of
  /// the list that names it whole (`items`, `line`, `digest`).
  public var source: [String: String]
  /// What else the item's list says of it; missing where there is nothing.
  public var fields: [String: String]?
  /// The scene as it was used.
  public var scene: File?
  /// The face as it was used.
  public var face: File?
  /// What the swap returned.
  public var result: File?
  /// The files made from the main media.
  public var renditions: [File]
  /// The renditions that could not be made, and why; missing where all were.
  public var failures: [RenditionFailure]?
  /// Provider, model, task and credits of the swap.
  public var swap: SwapFacts?
  /// The rules of shops that a finished file does not meet.
  public var findings: [ShopFinding]
  /// Every change made to a file, and why.
  public var history: [Change]
  /// Seconds that each stage took.
  public var stages: [StageFacts]

  /// The report of an asset.
  public init(_ asset: Asset) {
    version = 2
    id = asset.id
    source = asset.item.shownSource
    fields = asset.item.fields.isEmpty ? nil : asset.item.shownFields
    func file(_ role: Role) -> File? {
      asset.media[role].map { File("\(role.rawValue).\($0.format.name)", $0) }
    }
    scene = file(.scene)
    face = file(.face)
    result = file(.result)
    renditions = asset.renditions.map { File($0.file, $0.media, stage: $0.stage) }
    failures = asset.failures
    swap = asset.swap
    findings = asset.findings ?? []
    history = asset.history
    stages = asset.stages
  }

  /// The report as JSON text.
  public var text: String {
    get throws { try JSONText.pretty(self) }
  }
}
