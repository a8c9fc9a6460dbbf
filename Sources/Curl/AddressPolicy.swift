/// Which socket addresses may be connected to, asked after the name is resolved, for every
/// connection and at every redirect.
package enum AddressPolicy: String, Sendable, Hashable, CaseIterable {
  /// Addresses of the public internet.
  case publicOnly
  /// Those, and this machine's loopback addresses.
  case publicAndLoopback
  /// Every address.
  case any

  /// Whether `address` may be connected to.
  package func allows(_ address: IPAddress) -> Bool {
    switch self {
    case .publicOnly: address.isPublic
    case .publicAndLoopback: address.isPublic || address.isLoopback
    case .any: true
    }
  }
}
