import Core

/// `asset.json`: every measured fact of an asset, for people and programs.
public struct AssetReport: Sendable, Hashable, Codable {
  /// A file's facts, as every entry shows them.
  public struct File: Sendable, Hashable, Codable {
    /// The file's name in the item's folder.
    public var file: String
    /// The format by content.
    public var format: MediaFormat
    /// Columns of pixels as stored.
    public var width: Int
    /// Rows of pixels as stored.
    public var height: Int
    /// The shape of the stored pixels, such as `4:3`; missing for squares.
    public var pixelAspect: PixelAspect?
    /// Length in bytes.
    public var size: Int64
    /// SHA-256 of the bytes.
    public var sha256: Digest
    /// How many frames.
    public var frames: Int
    /// Seconds that it lasts; null for a still picture.
    public var duration: Double?
    /// Whether there is a transparency channel.
    public var alpha: Bool
    /// What reading showed that a person should know; missing where there is nothing.
    public var remarks: [String]?
    /// The stage that made it, for renditions.
    public var stage: String?

    init(_ name: String, _ media: Media, stage: String? = nil) {
      file = name
      format = media.format
      width = media.width
      height = media.height
      pixelAspect = media.pixelAspect
      size = media.size
      sha256 = media.digest
      frames = media.frames
      duration = media.duration
      alpha = media.hasAlpha
      remarks = media.remarks
      self.stage = stage
    }

    /// Writes every fact; a still picture's duration is null rather than missing.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(file, forKey: .file)
      try container.encode(format, forKey: .format)
      try container.encode(width, forKey: .width)
      try container.encode(height, forKey: .height)
      try container.encodeIfPresent(pixelAspect, forKey: .pixelAspect)
      try container.encode(size, forKey: .size)
      try container.encode(sha256, forKey: .sha256)
      try container.encode(frames, forKey: .frames)
      try container.encode(duration, forKey: .duration)
      try container.encode(alpha, forKey: .alpha)
      try container.encodeIfPresent(remarks, forKey: .remarks)
      try container.encodeIfPresent(stage, forKey: .stage)
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
    version = 1
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
