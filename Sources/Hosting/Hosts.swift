/// The kinds of hosts there are.
public enum Hosts {
  /// Every kind of host, one line each.
  ///
  /// `make lint` fails when a host's file is missing here.
  public static let all: [HostDescriptor] = [
    .embedded,
    .upload,
    .asIs,
    .s3,
    .webDAV,
    .command,
  ]

  /// The kind of host called `name`.
  public static func named(_ name: String) -> HostDescriptor? {
    all.first { $0.name == name }
  }
}
