import Core

/// How a pipeline reaches a provider: settings by name, as texts.
public struct ProviderRoute: Sendable, Hashable, Codable {
  /// The settings, such as `at: embedded` or `base_url: https://…`.
  public var values: [String: String]

  /// Settings by name; none takes every default.
  public init(_ values: [String: String] = [:]) {
    self.values = values
  }

  /// Whether the provider is served by this process, behind its own wire format.
  public var isEmbedded: Bool { values["at"] == "embedded" }
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
