/// What a host of a pipeline is: a kind of host, and its settings by name, as texts.
public struct HostRoute: Sendable, Hashable {
  /// The kind of host, by its name in pipeline files.
  public var kind: String
  /// The settings, such as `bucket: photos`.
  public var values: [String: String]

  /// A host of a kind; without settings it takes every default.
  public init(_ kind: String, _ values: [String: String] = [:]) {
    self.kind = kind
    self.values = values
  }
}

extension HostRoute: Codable {
  /// Reads an object of one kind with its settings, as pipeline files have it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let kinds = try container.decode([String: [String: String]].self)
    guard kinds.count == 1, let (kind, values) = kinds.first else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "A host is of one kind.")
    }
    self.init(kind, values)
  }

  /// Writes an object of one kind with its settings, as pipeline files have it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode([kind: values])
  }
}
