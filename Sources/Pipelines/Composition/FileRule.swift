import Core

/// What a stage requires of a file that an earlier stage makes, as far as the pipeline alone shows whether
/// the requirement can be satisfied.
public struct FileRule: Sendable, Hashable {
  /// The file: its whole name, the one given to it, or nothing for the main file.
  public var file: String
  /// The least width, in pixels.
  public var minimumWidth: Int?
  /// The least height, in pixels.
  public var minimumHeight: Int?
  /// The least length of the longer side, in pixels.
  public var minimumLongSide: Int?
  /// The formats that are taken; nil takes every one.
  public var formats: [MediaFormat]?

  /// A rule for `file`.
  public init(
    _ file: String, minimumWidth: Int? = nil, minimumHeight: Int? = nil,
    minimumLongSide: Int? = nil, formats: [MediaFormat]? = nil
  ) {
    self.file = file
    self.minimumWidth = minimumWidth
    self.minimumHeight = minimumHeight
    self.minimumLongSide = minimumLongSide
    self.formats = formats
  }

  /// What a file can be at most: nil sides and formats are open.
  struct Bounds {
    var width: Int?
    var height: Int?
    var formats: [MediaFormat]?
  }

  /// The parameter that no file within `bounds` can satisfy, with the required and the possible value;
  /// nil when the rule can be satisfied.
  func clash(with bounds: Bounds) -> (parameter: String, wanted: String, found: String)? {
    let long = bounds.width.flatMap { width in bounds.height.map { max(width, $0) } }
    for (parameter, least, most) in [
      ("minimum_width", minimumWidth, bounds.width),
      ("minimum_height", minimumHeight, bounds.height),
      ("minimum_long_side", minimumLongSide, long),
    ] {
      guard let least, let most, least > most else { continue }
      return (parameter, "\(least) pixels", "\(most) at most")
    }
    guard let formats, let made = bounds.formats, !made.contains(where: formats.contains) else {
      return nil
    }
    func names(_ formats: [MediaFormat]) -> String {
      formats.map(\.name).joined(separator: ", ")
    }
    return ("formats", names(formats), names(made))
  }
}

/// A stage that brings the main file within limits.
public protocol LimitingStage: StageDefinition {
  /// The longest that a side of the main file can be after it, in pixels; nil for any length.
  var longestSide: Int? { get }
  /// The formats that the main file can have after it; nil for any.
  var possibleFormats: [MediaFormat]? { get }
}
