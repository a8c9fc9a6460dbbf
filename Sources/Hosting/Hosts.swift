/// The kinds of hosts there are.
package enum Hosts {
  /// Every kind of host, one line each.
  ///
  /// `make lint` fails when a host's file is missing here.
  package static let all: [HostDescriptor] = [
    .embedded,
    .upload,
    .asIs,
    .s3,
    .webDAV,
    .command,
  ]

  /// The kind of host called `name`.
  package static func named(_ name: String) -> HostDescriptor? {
    all.first { $0.name == name }
  }
}
