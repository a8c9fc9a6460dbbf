/// The shape of a stored pixel where it is not a square: 4:3 is a third wider than it is high.
public struct PixelAspect: Sendable, Hashable, CustomStringConvertible {
  /// The width of a pixel, in units of `vertical`'s height.
  public let horizontal: Int
  /// The height of a pixel.
  public let vertical: Int

  /// The shape `horizontal:vertical` in lowest terms; nil for squares, for nothing, and for strips of
  /// more than 16 to 1, which are mistakes of whatever wrote them.
  public init?(_ horizontal: Int, _ vertical: Int) {
    guard horizontal > 0, vertical > 0, horizontal != vertical,
      horizontal / 16 < vertical, vertical / 16 < horizontal
    else { return nil }
    var (a, b) = (horizontal, vertical)
    while b != 0 { (a, b) = (b, a % b) }
    self.horizontal = horizontal / a
    self.vertical = vertical / a
  }

  public var description: String { "\(horizontal):\(vertical)" }

  /// How many square pixels are as wide as `count` of these: rows are never made fewer.
  public func squares(in count: Int) -> Int {
    let (product, overflows) = count.multipliedReportingOverflow(by: horizontal)
    guard !overflows else { return count }
    return max(1, (product + vertical / 2) / vertical)
  }
}

extension PixelAspect: Codable {
  /// Reads `4:3`.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    let numbers = text.split(separator: ":").compactMap { Int($0) }
    guard numbers.count == 2, let aspect = PixelAspect(numbers[0], numbers[1]) else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: decoder.codingPath, debugDescription: "'\(text)' is no shape of a pixel."))
    }
    self = aspect
  }

  /// Writes `4:3`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
