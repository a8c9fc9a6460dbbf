/// A length of time, written with a unit: `500ms`, `30s`, `2m`, `1h`, `7d`.
public struct TimeSpan: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// The length in milliseconds, never negative.
  public let milliseconds: Int64

  /// A length in milliseconds; a negative one counts as zero.
  public init(milliseconds: Int64) {
    self.milliseconds = max(0, milliseconds)
  }

  /// `count` seconds.
  public static func seconds(_ count: Double) -> TimeSpan {
    TimeSpan(milliseconds: Int64((count * 1_000).rounded()))
  }
  /// `count` minutes.
  public static func minutes(_ count: Double) -> TimeSpan { .seconds(count * 60) }
  /// `count` hours.
  public static func hours(_ count: Double) -> TimeSpan { .seconds(count * 3_600) }

  /// The length in seconds.
  public var seconds: Double { Double(milliseconds) / 1_000 }
  /// The length as the standard library's type.
  public var duration: Duration { .milliseconds(milliseconds) }

  private static let units: [(name: String, milliseconds: Double)] = [
    ("ms", 1), ("s", 1e3), ("m", 60e3), ("h", 3_600e3), ("d", 86_400e3),
  ]

  /// The unit names that `init(parsing:)` takes.
  public static let unitNames = units.map(\.name)

  /// Reads `500ms`, `30s`, `1.5m`, `1h`, `7d`; nil without a unit or with another one.
  public init?(parsing text: String) {
    let compact = text.filter { !$0.isWhitespace }.lowercased()
    let number = compact.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let suffix = String(compact.dropFirst(number.count))
    guard let amount = Double(String(number)), amount.isFinite,
      let scale = Self.units.first(where: { $0.name == suffix })?.milliseconds
    else { return nil }
    let total = (amount * scale).rounded()
    guard total < 9e18 else { return nil }
    self.init(milliseconds: Int64(total))
  }

  public init(from decoder: any Decoder) throws {
    self.init(milliseconds: try decoder.singleValueContainer().decode(Int64.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(milliseconds)
  }

  public static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.milliseconds < b.milliseconds }

  /// The shortest exact form: `2m`, `90s`, `1500ms`.
  public var description: String {
    if milliseconds == 0 { return "0s" }
    for (name, scale) in Self.units.reversed()
    where milliseconds.isMultiple(of: Int64(scale)) {
      return "\(milliseconds / Int64(scale))\(name)"
    }
    return "\(milliseconds)ms"
  }
}
