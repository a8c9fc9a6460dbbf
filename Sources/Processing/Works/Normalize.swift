import Core

/// Brings `file` within `limits`, writing `output` only when something has to change.
public struct NormalizeRequest: MediaWork {
  public typealias Answer = NormalizeAnswer
  public static let name = "normalize"

  /// The file's absolute path.
  public var file: String
  /// Where a changed file is written: an absolute path without extension; the answer names the
  /// file with it.
  public var output: String
  /// What to come within.
  public var limits: MediaLimits
  /// The colour that transparency is flattened onto, as three samples of 0 to 255.
  public var background: [UInt8]
  /// Whether frames beyond a limit on frames or duration are cut off; else they are an error.
  public var trims: Bool
  /// Whether only the changes are told that would be made; nothing is written then, and the answer's
  /// media is the original's.
  public var isPreview: Bool
  /// Guards checked at the header.
  public var decoding: DecodingGuard
  /// What happens to what the file carries beside its pixels.
  public var metadata: MetadataPolicy
  /// Whether a still picture is on the disk when the answer comes; as in `RenderRequest`.
  public var syncs = true

  /// A request to bring `file` within `limits`.
  public init(
    file: String, output: String, limits: MediaLimits, background: [UInt8] = [255, 255, 255],
    trims: Bool = false, decoding: DecodingGuard = DecodingGuard(), isPreview: Bool = false,
    metadata: MetadataPolicy = .strip
  ) {
    self.metadata = metadata
    self.file = file
    self.output = output
    self.limits = limits
    self.background = background
    self.trims = trims
    self.isPreview = isPreview
    self.decoding = decoding
  }

  public var outputs: [String] { [output] }
}

/// A picture within its limits.
public struct NormalizeAnswer: Sendable, Hashable, Codable {
  /// The written file; nil when the original met every limit, carried nothing that had to go, and
  /// passes through byte for byte.
  public var file: String?
  /// The facts of the file that goes on.
  public var media: Media
  /// What was changed and why; empty when nothing was.
  public var changes: [Change]

  /// An answer.
  public init(file: String?, media: Media, changes: [Change]) {
    self.file = file
    self.media = media
    self.changes = changes
  }
}

extension MediaService {
  /// Brings media within limits.
  public func normalize(_ request: NormalizeRequest) async throws -> NormalizeAnswer {
    try await perform(request)
  }
}
