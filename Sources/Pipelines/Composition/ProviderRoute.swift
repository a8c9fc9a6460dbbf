import Core

/// How a pipeline reaches a provider: settings by name, as texts.
public struct ProviderRoute: Sendable, Hashable, Codable {
  /// The settings, such as `at: embedded` or `base_url: https://…`.
  public var values: [String: String]

  /// Settings by name; none takes every default.
  public init(_ values: [String: String] = [:]) {
    self.values = values
  }

  /// The setting that says where a provider is served.
  public static let place = "at"
  /// The value of `place` for a provider that this process serves.
  public static let thisProcess = "embedded"
  /// A provider that this process serves, behind its own wire format.
  public static let embedded = ProviderRoute([place: thisProcess])

  /// Whether the provider is served by this process, behind its own wire format.
  public var isEmbedded: Bool { values[Self.place] == Self.thisProcess }
}

extension ProviderRoute {
  /// Reads the settings as an object of texts.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode([String: String].self))
  }

  /// Writes the settings as an object of texts.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(values)
  }
}
