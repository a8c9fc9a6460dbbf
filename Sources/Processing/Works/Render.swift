import Core

/// Makes every rendition of `file` from one decode. The answers come in the same order.
public struct RenderRequest: MediaWork {
  public typealias Answer = [Rendered]
  public static let name = "render"

  /// The file's absolute path.
  public var file: String
  /// The files to make.
  public var renditions: [RenditionRequest]
  /// Guards checked at the header.
  public var decoding: DecodingGuard
  /// Whether still pictures are on the disk when the answer comes. Who asks for many syncs them better himself,
  /// beside the work on the next ones.
  public var syncs = true

  /// A request to make `renditions` of `file`.
  public init(
    file: String, renditions: [RenditionRequest], decoding: DecodingGuard = DecodingGuard()
  ) {
    self.file = file
    self.renditions = renditions
    self.decoding = decoding
  }

  public var outputs: [String] { renditions.map(\.output) }
}

/// One file that was made.
public struct Rendered: Sendable, Hashable, Codable {
  /// The written file.
  public var file: String
  /// Its facts, measured from the written bytes.
  public var media: Media
  /// What was changed on the way that the request did not name, such as a colour profile.
  public var changes: [Change]

  /// A file that was made.
  public init(file: String, media: Media, changes: [Change]) {
    self.file = file
    self.media = media
    self.changes = changes
  }
}

extension MediaService {
  /// Makes several files from one.
  public func render(_ request: RenderRequest) async throws -> [Rendered] {
    try await perform(request)
  }
}
