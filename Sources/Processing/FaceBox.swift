/// A face's place in the upright picture, in pixels from the upper left corner.
public struct FaceBox: Sendable, Hashable, Codable {
  /// Left edge.
  public var x: Int
  /// Upper edge.
  public var y: Int
  /// Width.
  public var width: Int
  /// Height.
  public var height: Int
  /// The detector's confidence; higher is surer, without an upper bound.
  public var score: Double

  /// A box with its upper left corner at `x`, `y`.
  public init(x: Int, y: Int, width: Int, height: Int, score: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
    self.score = score
  }
}
