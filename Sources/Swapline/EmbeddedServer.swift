import Core
import Files
import Hosting
import Pipelines
import Processing
import Providers
import Serving

/// A provider's wire format, served by this process for one run with the local engine.
struct EmbeddedServer: Sendable {
  let url: String
  /// Made for this run, so that nobody else on the machine can use the server.
  let key: Secret
  private let server: WireServer

  /// Starts a server of `facade` that charges what `models` say that a swap costs.
  static func start(
    _ facade: any Facade, media: any MediaService, folder: RunFolder, models: [ProviderModel],
    engine: EngineWeights?
  ) async throws -> EmbeddedServer {
    var configuration = ServerConfiguration(folder: folder.state + "/server")
    try FileSystem.makeFolder(configuration.folder)
    configuration.allowsLoopback = true
    configuration.engine = engine
    let key = Secret(
      "ak_" + (try signer(configuration.folder)).signature(of: "embedded").prefix(32))
    configuration.keys = .listed([KeyRing.Entry(key: key, credits: .whole(1_000_000_000))])
    configuration.queueLimit = 100_000
    for model in models {
      guard let price = model.profile.price.value?.amount else { continue }
      let credits = Credits(thousandths: Int64((price * 1_000).rounded()))
      for kind in model.profile.kinds.value { configuration.prices[kind] = credits }
    }
    // Its only client is this run, whose inputs may be many.
    configuration.uploads = .none
    let server = try await WireServer(configuration, facades: [facade], media: media)
    return EmbeddedServer(url: server.origin, key: key, server: server)
  }

  // Kept in the run's folder: the next run asks for the tasks that this one leaves behind, and they
  // belong to the key.
  private static func signer(_ folder: String) throws(SwaplineError) -> Signer {
    let path = folder + "/api.key"
    if let kept = try? FileSystem.read(path, limit: 32), kept.count == 32 {
      return Signer(key: kept)
    }
    var generator = SystemRandomNumberGenerator()
    let key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    try FileSystem.write(key, to: path, mode: 0o600)
    return Signer(key: key)
  }

  /// Lets what is under way end, and stops.
  func stop() async {
    await server.stop()
  }
}
