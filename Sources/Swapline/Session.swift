import Core
import Curl
import Hosting
import Pipelines
import Processing
import Providers
import Serving
import Stages

/// What the stages of one run share, made ready before the first item and taken down after the
/// last: workers, an HTTP client, embedded servers, hosts, providers.
struct Session: Sendable {
  let media: any MediaService
  let resources: Resources

  /// Makes a session ready, runs `body`, and takes the session down however `body` ends.
  static func with(
    _ pipeline: Pipeline, in folder: RunFolder, options: RunOptions,
    _ body: (Session) async throws -> Void
  ) async throws {
    if let finding = Preflight.findings(pipeline, options: options).first {
      throw SwaplineError(.usage, finding.message, hint: finding.hint)
    }
    let client = HTTPClient(HTTPClient.Options(userAgent: "swapline/\(SwaplineVersion.text)"))
    let (media, pool) = try mediaService(options, pixels: pipeline.maximumPixels)
    var servers: [any Stoppable] = []
    let result: Result<Void, any Error>
    do {
      var resources = Resources()
      resources[HTTPClientKey.self] = client
      resources[SharedFetchesKey.self] = SingleFlight()
      resources[SharedSwapsKey.self] = SingleFlight()
      resources[RetryAmbiguousKey.self] = options.retriesAmbiguous
      var connected: [String: ConnectedProvider] = [:]
      for name in pipeline.calledProviders {
        let route = pipeline.providers[name] ?? ProviderRoute()
        let (provider, server) = try await connect(
          name, route, client: client, media: media, folder: folder, options: options)
        connected[name] = provider
        if let server { servers.append(server) }
      }
      let hosts = try Self.hosts(pipeline, connected, client: client, options: options)
      servers += hosts.servers
      if connected.values.contains(where: \.wantsCallbacks) {
        let board: CallbackBoard
        if let host = hosts.byName[HostDescriptor.embedded.name] as? EmbeddedHost {
          board = host.callbacks
        } else {
          let host = try EmbeddedHost(port: options.hostPort, publicURL: options.publicURL)
          servers.append(host)
          board = host.callbacks
        }
        for name in connected.keys where connected[name]?.wantsCallbacks == true {
          connected[name]?.callbacks = board
        }
      }
      resources[ProvidersKey.self] = connected
      resources[HostsKey.self] = hosts.byName
      if options.fetchesLocalFilesOverHTTP {
        let local = try EmbeddedHost()
        servers.append(local)
        resources[LocalFilesKey.self] = local
      }
      let session = Session(media: media, resources: resources)
      try await DecodingGuard.$usualPixels.withValue(pipeline.maximumPixels) {
        try await body(session)
      }
      result = .success(())
    } catch {
      result = .failure(error)
    }
    for server in servers { await server.stop() }
    pool?.shutdown()
    client.shutdown()
    try result.get()
  }

  private static func mediaService(
    _ options: RunOptions, pixels: Int
  ) throws -> (any MediaService, WorkerPool?) {
    switch options.media {
    case .service(let service): return (service, nil)
    case .workers(let configuration):
      let pool = WorkerPool(try configuration.making(roomFor: pixels))
      return (pool, pool)
    }
  }

  private static func connect(
    _ name: String, _ route: ProviderRoute, client: HTTPClient, media: any MediaService,
    folder: RunFolder, options: RunOptions
  ) async throws -> (ConnectedProvider, (any Stoppable)?) {
    guard let descriptor = ProviderDescriptor.named(name) else {
      throw SwaplineError(.usage, "There is no provider '\(name)'.")
    }
    var values = route.values
    guard route.isEmbedded else {
      let settings = ProviderSettings(
        name: name, values: values, environment: options.environment, client: client)
      // A key_command may ask a person for a password.
      let provider = try await Lane.disk.run { _ in try descriptor.make(settings) }
      let base = values["base_url"]
      let isLocal = base.map(isLoopback) ?? false
      var connected = ConnectedProvider(
        provider: provider, identity: base.map { "\(name) at \($0)" } ?? name,
        waiter: isLocal ? .embedded : Waiter(),
        resultPolicy: isLocal ? .publicAndLoopback : .publicOnly)
      connected.wantsCallbacks = provider.callsBack && (isLocal || options.publicURL != nil)
      if isLocal { connected.callbackPatience = .seconds(3) }
      return (connected, nil)
    }
    guard let facade = descriptor.facade else {
      throw SwaplineError(
        .usage, "The provider '\(name)' cannot be served by this process.",
        hint: "Leave out 'at: embedded'.")
    }
    let server = try await EmbeddedServer.start(
      facade, media: media, folder: folder, models: try descriptor.models(with: values))
    values["base_url"] = server.url
    let provider = try descriptor.make(
      ProviderSettings(
        name: name, values: values, environment: options.environment, key: server.key,
        client: client))
    var connected = ConnectedProvider(
      provider: provider, identity: "\(name) (embedded)", waiter: .embedded,
      resultPolicy: .publicAndLoopback, takesKeysOnce: true)
    // Asking this process costs nothing; a callback is only needed where nobody can be asked.
    connected.wantsCallbacks = provider.callsBack && !provider.answersQueries
    return (connected, server)
  }

  private static func hosts(
    _ pipeline: Pipeline, _ providers: [String: ConnectedProvider], client: HTTPClient,
    options: RunOptions
  ) throws -> (byName: [String: any Hosting.Host], servers: [any Stoppable]) {
    var byName: [String: any Hosting.Host] = [:]
    var servers: [any Stoppable] = []
    for name in pipeline.usedHosts {
      switch name {
      case HostDescriptor.upload.name:
        guard
          let connected = providers.values.first(where: { $0.provider is any UploadingProvider }),
          let uploading = connected.provider as? any UploadingProvider
        else {
          throw SwaplineError(
            .usage,
            "The host 'upload' uses the provider's storage, and no called provider has one.",
            hint: "Write 'host: { to: embedded }'.")
        }
        byName[HostDescriptor.upload.name] = UploadHost(
          slots: ProviderUploads(provider: uploading), client: client,
          addressPolicy: connected.resultPolicy)
      default:
        guard byName[HostDescriptor.embedded.name] == nil else { continue }
        let host = try EmbeddedHost(port: options.hostPort, publicURL: options.publicURL)
        byName[HostDescriptor.embedded.name] = host
        servers.append(host)
      }
    }
    return (byName, servers)
  }

  /// Whether `url` leads to this machine by its own name or number.
  static func isLoopback(_ url: String) -> Bool {
    guard let address = try? WebAddress(url) else { return false }
    return address.host == "localhost" || IPAddress(address.host)?.isLoopback == true
  }
}

extension Waiter {
  /// How to wait for a server in this process: asking costs nothing.
  static let embedded = Waiter(
    minimumDelay: TimeSpan(milliseconds: 40), maximumDelay: TimeSpan(milliseconds: 400),
    growth: 1.3)
}
