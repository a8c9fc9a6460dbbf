import Core
import Curl
import Hosting
import MicroHTTPD
import Testing

/// What a kind of host needs around it to be tried: settings, and servers on loopback.
struct HostRig: Sendable {
  var settings: HostSettings
  /// The file as the host is to get it.
  var prepare: @Sendable (HostedFile) -> HostedFile = { $0 }
  /// Ends the servers.
  var stop: @Sendable () async -> Void = {}

  /// A rig by the name of the kind. A kind that needs no settings and no server needs none; every other
  /// has its line here.
  static let all: [String: @Sendable (HTTPClient) async throws -> HostRig] = [
    HostDescriptor.upload.name: { client in
      let storage = try Storage()
      return HostRig(
        settings: HostSettings(
          name: "tried", client: client,
          storage: ProviderStorage(slots: storage, addressPolicy: .publicAndLoopback)),
        stop: { await storage.server.stop() })
    }
  ]

  /// The rig of a kind.
  static func start(_ kind: HostDescriptor, _ client: HTTPClient) async throws -> HostRig {
    if let start = all[kind.name] { return try await start(client) }
    try #require(
      kind.needsNoEntry, "HostRig.all lacks '\(kind.name)', which cannot be tried without settings")
    return HostRig(settings: HostSettings(name: "tried", client: client))
  }
}
