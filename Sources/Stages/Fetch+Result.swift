import Core
import Curl
import Processing
import Providers

extension Fetch {
  /// How a result is fetched that was paid for: of any size that a video may have, with patience.
  static func ofResult(from connected: ConnectedProvider, retries: Int) -> Fetch {
    Fetch(
      maximumSize: .gigabytes(2), timeout: .minutes(10), redirects: 5, retries: retries,
      addresses: Addresses(connected.resultPolicy))
  }
}

extension Fetch.Addresses {
  init(_ policy: AddressPolicy) {
    switch policy {
    case .publicOnly: self = .public
    case .publicAndLoopback: self = .loopback
    case .any: self = .any
    }
  }
}
