/// Measures what the first frame of `file` shows.
public struct MeasureRequest: MediaWork {
  public typealias Answer = PictureMeasures
  public static let name = "measure"

  /// The file's absolute path.
  public var file: String
  /// Guards checked at the header.
  public var limits: DecodingGuard

  /// A request to measure what `file` shows.
  public init(file: String, limits: DecodingGuard = DecodingGuard()) {
    self.file = file
    self.limits = limits
  }
}

/// What a picture shows, as shops ask about it.
public struct PictureMeasures: Sendable, Hashable, Codable {
  /// How much of the outermost hundredth of the picture is white, 0 to 1. White is 250 or more in
  /// each sample, because compression blurs.
  public var whiteBorder: Double
  /// How much of the frame's width or height, whichever is more, lies between the outermost pixels
  /// that are not white, 0 to 1.
  public var fill: Double
  /// How much of the picture is clear, 0 to 1.
  public var clear: Double

  /// Measures of a picture.
  public init(whiteBorder: Double, fill: Double, clear: Double) {
    self.whiteBorder = whiteBorder
    self.fill = fill
    self.clear = clear
  }
}

extension MediaService {
  /// Measures what a picture shows.
  public func measure(_ request: MeasureRequest) async throws -> PictureMeasures {
    try await perform(request)
  }
}
