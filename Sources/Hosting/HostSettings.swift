import Core
import Curl
import Files
import Ledgers

/// What a host is made from.
package struct HostSettings: Sendable {
  /// The name by which the pipeline calls the host.
  package var name: String
  /// What the user set, by the settings' names.
  package var values: [String: String]
  /// The process's environment variables.
  package var environment: [String: String]
  /// What sends the requests.
  package var client: HTTPClient
  /// Where the called provider keeps files; nil when it keeps none.
  package var storage: ProviderStorage?
  /// The address at which others reach a server of this process; nil when only this machine does.
  package var publicURL: String?
  /// The port for a server of this process; 0 takes any free one.
  package var port: Int
  /// The host's share of the run's record of hosted files; nil where none is kept.
  package var share: HostingShare?

  /// What a host is made from.
  package init(
    name: String, values: [String: String] = [:], environment: [String: String] = [:],
    client: HTTPClient, storage: ProviderStorage? = nil, publicURL: String? = nil, port: Int = 0,
    share: HostingShare? = nil
  ) {
    self.name = name
    self.values = values
    self.environment = environment
    self.client = client
    self.storage = storage
    self.publicURL = publicURL
    self.port = port
    self.share = share
  }
}

/// Where a provider keeps files for those who use it.
package struct ProviderStorage: Sendable {
  /// Hands out places for files.
  package var slots: any UploadSlots
  /// Where those places may be.
  package var addressPolicy: AddressPolicy

  /// A provider's storage.
  package init(slots: any UploadSlots, addressPolicy: AddressPolicy = .publicOnly) {
    self.slots = slots
    self.addressPolicy = addressPolicy
  }
}

/// Settings that were checked against a descriptor, with its defaults.
package struct ValidHostSettings: Sendable {
  /// What the host is made from.
  package let given: HostSettings
  private let defaults: [String: String]

  init(_ settings: HostSettings, defaults: [String: String]) {
    given = settings
    self.defaults = defaults
  }

  /// The value of a setting, its default where it is not set; nil where there is neither.
  package func text(_ name: String) -> String? { given.values[name] ?? defaults[name] }

  /// The value of a setting that is required or has a default. Throws `SwaplineError` without one.
  package func wanted(_ name: String) throws(SwaplineError) -> String {
    guard let text = text(name) else {
      throw SwaplineError(.internal, "The host '\(given.name)' has no value for '\(name)'.")
    }
    return text
  }
}
