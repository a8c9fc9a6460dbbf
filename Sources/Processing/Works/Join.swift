import Core

/// Puts pictures in the place of a moving picture's frames; their number, times and sound stay.
public struct ReplaceFramesRequest: MediaWork {
  public typealias Answer = Rendered
  public static let name = "join"

  /// Where the new pictures come from.
  public enum Pictures: Sendable, Hashable, Codable {
    /// Stills by absolute path, and for each frame which of them it shows; nil leaves it as it was.
    case stills([String], order: [Int?])
    /// A video or animation, whose picture at each frame's middle is taken.
    case video(String)

    enum CodingKeys: CodingKey, CaseIterable { case stills, video }
  }

  /// The moving picture whose frames are replaced.
  public var original: String
  /// What they are replaced by.
  public var pictures: Pictures
  /// Where the result is written: an absolute path with the format's extension.
  public var output: String
  /// The format: of the original's kind.
  public var format: MediaFormat
  /// Guards checked at the header.
  public var decoding: DecodingGuard

  /// A request to put `pictures` in the place of the frames of `original`.
  public init(
    original: String, pictures: Pictures, output: String, format: MediaFormat,
    decoding: DecodingGuard = DecodingGuard()
  ) {
    self.original = original
    self.pictures = pictures
    self.output = output
    self.format = format
    self.decoding = decoding
  }

  public var file: String { original }
  public var outputs: [String] { [output] }
}

extension MediaService {
  /// Puts pictures in the place of a moving picture's frames.
  public func join(_ request: ReplaceFramesRequest) async throws -> Rendered {
    try await perform(request)
  }
}
