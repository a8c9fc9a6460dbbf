import Core

/// Takes a moving picture apart: each frame that differs from all others becomes a PNG.
public struct SplitRequest: Sendable, Hashable, Codable {
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
}

/// The frames of a moving picture.
public struct SplitAnswer: Sendable, Hashable, Codable {
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

/// Puts pictures in the place of a moving picture's frames; their number, times and sound stay.
public struct JoinRequest: Sendable, Hashable, Codable {
  /// Where the new pictures come from.
  public enum Pictures: Sendable, Hashable, Codable {
    /// Stills by absolute path, and for each frame which of them it shows; nil leaves it as it was.
    case stills([String], order: [Int?])
    /// A film or animation, whose picture at each frame's middle is taken.
    case film(String)
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
}
