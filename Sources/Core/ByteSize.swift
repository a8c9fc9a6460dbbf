/// An amount of bytes, written with decimal units (`50MB`, `1.5 GB`) or binary ones (`2MiB`).
public struct ByteSize: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// The amount in bytes, never negative.
  public let bytes: Int64

  /// An amount in bytes; a negative one counts as zero.
  public init(bytes: Int64) {
    self.bytes = max(0, bytes)
  }

  /// `count` thousand bytes.
  public static func kilobytes(_ count: Int64) -> ByteSize { ByteSize(bytes: count * 1_000) }
  /// `count` million bytes.
  public static func megabytes(_ count: Int64) -> ByteSize { ByteSize(bytes: count * 1_000_000) }
  /// `count` thousand million bytes.
  public static func gigabytes(_ count: Int64) -> ByteSize {
    ByteSize(bytes: count * 1_000_000_000)
  }

  private static let units: [(name: String, bytes: Double)] = [
    ("B", 1), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("KiB", 1024), ("MiB", 1_048_576),
    ("GiB", 1_073_741_824),
  ]

  /// The unit names that `init(parsing:)` takes, in any case.
  public static let unitNames = units.map(\.name)

  /// Reads `50MB`, `1.5 GB`, `800 KiB` or plain bytes; nil when it is none of them.
  public init?(parsing text: String) {
    let scalars = text.filter { !$0.isWhitespace }
    let number = scalars.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "_") }
    let suffix = scalars.dropFirst(number.count)
    let digits = number.filter { $0 != "_" }
    guard !digits.isEmpty, let amount = Double(String(digits)), amount.isFinite else { return nil }
    let unit = suffix.isEmpty ? "b" : suffix.lowercased()
    guard let scale = Self.units.first(where: { $0.name.lowercased() == unit })?.bytes else {
      return nil
    }
    let bytes = (amount * scale).rounded()
    guard bytes < 9e18 else { return nil }
    self.init(bytes: Int64(bytes))
  }

  public init(from decoder: any Decoder) throws {
    self.init(bytes: try decoder.singleValueContainer().decode(Int64.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(bytes)
  }

  public static func < (a: ByteSize, b: ByteSize) -> Bool { a.bytes < b.bytes }

  /// The shortest exact form: `50MB`, `1.5MB`, `2MiB`, else bytes.
  public var description: String {
    if bytes == 0 { return "0B" }
    for (name, scale) in [
      ("GB", 1e9), ("GiB", 1_073_741_824), ("MB", 1e6), ("MiB", 1_048_576), ("kB", 1e3),
      ("KiB", 1024),
    ] where Double(bytes) >= scale {
      let tenths = Double(bytes) / scale * 10
      if tenths.rounded() == tenths {
        let whole = Int64(tenths)
        return whole.isMultiple(of: 10)
          ? "\(whole / 10)\(name)" : "\(whole / 10).\(whole % 10)\(name)"
      }
    }
    return "\(bytes)B"
  }

  /// Rounded for people: `1.3 MB`, `840 kB`.
  public var rounded: String {
    for (name, scale) in [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)] where Double(bytes) >= scale {
      let value = Double(bytes) / scale
      if value >= 100 { return "\(Int64(value.rounded())) \(name)" }
      let tenths = Int64((value * 10).rounded())
      return "\(tenths / 10).\(tenths % 10) \(name)"
    }
    return "\(bytes) B"
  }
}
