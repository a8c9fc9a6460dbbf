/// What a person is told about a host.
public struct HostDescriptor: Sendable, Hashable {
  /// The name in pipeline files.
  public let name: String
  /// What it does, in a line.
  public let summary: String

  /// A description.
  public init(name: String, summary: String) {
    self.name = name
    self.summary = summary
  }
}

/// The hosts there are.
public enum Hosts {
  /// Every host, one line each.
  public static let all: [HostDescriptor] = [
    .embedded,
    .upload,
  ]

  /// The host called `name`.
  public static func named(_ name: String) -> HostDescriptor? {
    all.first { $0.name == name }
  }
}
