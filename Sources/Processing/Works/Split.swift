import Core

/// Takes a moving picture apart: each frame that differs from all others becomes a PNG.
public struct ExtractFramesRequest: MediaWork {
  public typealias Answer = ExtractFramesAnswer
  public static let name = "split"

  /// The moving picture's absolute path.
  public var file: String
  /// Where frames are written: an absolute path that numbers and an extension are added to; nil only
  /// counts them.
  public var output: String?
  /// Guards checked at the header.
  public var decoding: DecodingGuard

  /// A request to take `file` apart.
  public init(file: String, output: String?, decoding: DecodingGuard = DecodingGuard()) {
    self.file = file
    self.output = output
    self.decoding = decoding
  }

  public var outputs: [String] { output.map { [$0] } ?? [] }
}

/// The frames of a moving picture.
public struct ExtractFramesAnswer: Sendable, Hashable, Codable {
  /// The files of the different frames with their facts; empty when they were only counted.
  public var frames: [Rendered]
  /// For each frame in order of time, which of the different ones it is.
  public var order: [Int]

  /// Frames that were taken apart.
  public init(frames: [Rendered], order: [Int]) {
    self.frames = frames
    self.order = order
  }

  /// How many different frames there are.
  public var count: Int { (order.max() ?? -1) + 1 }
}

extension MediaService {
  /// Takes a moving picture apart.
  public func split(_ request: ExtractFramesRequest) async throws -> ExtractFramesAnswer {
    try await perform(request)
  }
}
