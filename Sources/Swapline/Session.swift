import Core
import Curl
import Files
import Hosting
import Ledgers
import Pipelines
import Processing
import Providers
import Runs
import Serving
import Stages

/// What the stages of one run share, made ready before the first item and taken down after the
/// last: workers, an HTTP client, embedded servers, hosts, providers.
struct Session: Sendable {
  let media: any MediaService
  let resources: Resources
  /// Where scenes may come from and results go to.
  let storages: RemoteStorages
  /// Where providers call back; nil where none does.
  let callbacks: CallbackBoard?
  private let hosts: [any Hosting.Host]

  /// Makes a session ready, runs `body`, and takes the session down however `body` ends. Gives what
  /// could not be taken down, and what was put at hosts.
  ///
  /// The caller holds the folder: files that earlier runs left on hosts are removed too.
  static func with(
    _ pipeline: Pipeline, in folder: RunFolder, options: RunOptions,
    _ body: (Session) async throws -> Void
  ) async throws -> (problems: [SwaplineError], hosting: HostingTotals) {
    if let finding = Preflight.findings(pipeline, options: options).first {
      throw SwaplineError(.usage, finding.message, hint: finding.hint)
    }
    let client = HTTPClient(HTTPClient.Options(userAgent: "swapline/\(SwaplineVersion.text)"))
    let (media, pool) = try mediaService(options, pixels: pipeline.maximumPixels)
    // In a new folder there is something to do, and a worker's libraries take longer to load than all else here.
    if StageCache.isNew(folder) { pool?.prepare(for: options.firstKind) }
    var endings: [@Sendable () async throws -> Void] = []
    let record = try await Self.record(pipeline, in: folder)
    let earlier = try await record?.entries() ?? []
    let result: Result<Void, any Error>
    do {
      var resources = Resources()
      resources[HTTPClientKey.self] = client
      let storages = RemoteStorages(
        hosts: pipeline.hosts, environment: options.environment, client: client)
      resources[RemoteStoragesKey.self] = storages
      if let place = options.results {
        let results = try storages.results(at: place)
        try await results.check()
        try ResultsOfFolder(folder).note(results.shown)
        resources[SharedResultsKey.self] = results
      }
      resources[SharedFetchesKey.self] = SingleFlight()
      resources[SharedSwapsKey.self] = SingleFlight()
      resources[RetryAmbiguousKey.self] = options.retriesAmbiguous
      var connected: [String: ConnectedProvider] = [:]
      let results = try options.doubles.map { _ in try EmbeddedHost() }
      if let results { endings.append(results.stop) }
      for name in pipeline.calledProviders {
        if let results, let double = try double(of: name, results: results, options) {
          connected[name] = double
          continue
        }
        let route = pipeline.providers[name] ?? ProviderRoute()
        let (provider, server) = try await connect(
          name, route, client: client, media: media, folder: folder, options: options)
        connected[name] = provider
        if let server { endings.append(server.stop) }
      }
      var hosts: [String: any Hosting.Host] = [:]
      for name in pipeline.usedHosts {
        if let double = options.doubles?.host {
          hosts[name] = double
          continue
        }
        let share = record.map {
          HostingShare(of: name, pipeline.route(ofHost: name), in: $0, earlier)
        }
        let host = try await Self.host(
          name, pipeline, connected, client: client, share: share, options: options)
        hosts[name] = host
        endings.append(host.stop)
      }
      var callbackHost: EmbeddedHost?
      var callbacks: CallbackBoard?
      if connected.values.contains(where: \.wantsCallbacks) {
        let board: CallbackBoard?
        if let taking = pipeline.usedHosts.lazy.compactMap({ hosts[$0]?.callbacks }).first {
          board = taking
        } else {
          let host = try EmbeddedHost(port: options.hostPort, publicURL: options.publicURL)
          endings.append(host.stop)
          callbackHost = host
          board = host.callbacks
        }
        for name in connected.keys where connected[name]?.wantsCallbacks == true {
          connected[name]?.callbacks = board
        }
        callbacks = board
      }
      resources[ProvidersKey.self] = connected
      resources[HostsKey.self] = hosts
      let stranger = HTTPClient(HTTPClient.Options(userAgent: StrangerProof.userAgent))
      endings.append(stranger.shutdown)
      let proof = StrangerProof(client: stranger, policy: Self.reachable(from: connected))
      resources[StrangerProofKey.self] = proof
      for host in hosts.values { try await host.proveAccess(proof) }
      try await callbackHost?.proveAccess(proof)
      if options.fetchesLocalFilesOverHTTP {
        let local = try EmbeddedHost()
        endings.append(local.stop)
        resources[LocalFilesKey.self] = local
      }
      let session = Session(
        media: media, resources: resources, storages: storages, callbacks: callbacks,
        hosts: Array(hosts.values))
      let sweeping = session.sweeping()
      // First: what is being removed when the run ends is removed with the rest.
      endings.insert(
        {
          sweeping.cancel()
          await sweeping.value
        }, at: 0)
      try await DecodingGuard.$usualPixels.withValue(pipeline.maximumPixels) {
        try await body(session)
      }
      result = .success(())
    } catch {
      result = .failure(error)
    }
    var problems: [SwaplineError] = []
    for end in endings {
      do {
        try await end()
      } catch {
        problems.append(error as? SwaplineError ?? SwaplineError(.internal, "\(error)"))
      }
    }
    var hosting = HostingTotals()
    if let record {
      let (strangers, failure) = await Self.removeStrangers(
        of: pipeline, earlier, record, client: client, options: options)
      problems += strangers
      do {
        hosting = try await HostingTotals(record)
      } catch {
        problems.append(failure ?? error as? SwaplineError ?? SwaplineError(.internal, "\(error)"))
      }
    }
    pool?.shutdown()
    client.shutdown()
    try result.get()
    return (problems, hosting)
  }

  /// Where all of these providers can fetch from, as far as that is known.
  private static func reachable(from providers: [String: ConnectedProvider]) -> AddressPolicy {
    guard !providers.isEmpty else { return .any }
    return providers.values.allSatisfy { $0.resultPolicy == .publicOnly }
      ? .publicOnly : .publicAndLoopback
  }

  /// The record of hosted files; nil for a pipeline without hosts in a folder that has none.
  private static func record(
    _ pipeline: Pipeline, in folder: RunFolder
  ) async throws -> HostingRecord? {
    let path = HostingRecord.path(in: folder.path)
    guard !pipeline.usedHosts.isEmpty || FileSystem.exists(path) else { return nil }
    return try await ThreadPool.disk.run { _ in try HostingRecord(folder) }
  }

  /// Removes what earlier runs have put at hosts that this pipeline does not use.
  private static func removeStrangers(
    of pipeline: Pipeline, _ earlier: [HostingRecord.Entry], _ record: HostingRecord,
    client: HTTPClient, options: RunOptions
  ) async -> ([SwaplineError], SwaplineError?) {
    let used = Set(pipeline.usedHosts)
    let strangers = earlier.filter { entry in
      !used.contains(entry.host) || pipeline.route(ofHost: entry.host) != entry.route
    }
    guard !strangers.isEmpty, !Task.isCancelled else { return ([], nil) }
    do {
      let cleaning = HostCleaning(record, environment: options.environment, client: client)
      return (try await cleaning.remove(strangers), nil)
    } catch {
      return ([], error as? SwaplineError)
    }
  }

  /// Submissions a minute that providers take from everybody, as their ledger entries call them.
  var rates: [String: Double] {
    (resources[ProvidersKey.self] ?? [:]).values.reduce(into: [:]) { rates, connected in
      guard !connected.takesKeysOnce else { return }
      rates[connected.identity] = connected.perMinute
    }
  }

  /// The item has ended, and needs no hosted file any more.
  func release(_ item: String) {
    for host in hosts { host.placed?.release(item) }
  }

  /// Removes, from time to time, files that have not been used for a while.
  private func sweeping() -> Task<Void, Never> {
    let hosts = hosts.filter { $0.placed != nil }
    return Task {
      while !hosts.isEmpty, !Task.isCancelled {
        try? await Task.sleep(for: .seconds(15))
        for host in hosts where !Task.isCancelled { await host.removeUnused() }
      }
    }
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

  private static func double(
    of name: String, results: any Hosting.Host, _ options: RunOptions
  ) throws(SwaplineError) -> ConnectedProvider? {
    guard let doubles = options.doubles, let descriptor = ProviderDescriptor.named(name) else {
      return nil
    }
    var connected = ConnectedProvider(
      provider: doubles.provider(descriptor, results), identity: name, waiter: .embedded,
      resultPolicy: .publicAndLoopback)
    // Whoever stands in has answered everything by then.
    connected.fetchPatience = TimeSpan(milliseconds: 0)
    return connected
  }

  private static func connect(
    _ name: String, _ route: ProviderRoute, client: HTTPClient, media: any MediaService,
    folder: RunFolder, options: RunOptions
  ) async throws -> (ConnectedProvider, EmbeddedServer?) {
    guard let descriptor = ProviderDescriptor.named(name) else {
      throw SwaplineError(.usage, "There is no provider '\(name)'.")
    }
    var values = route.values
    let engine = try await engine(of: name, route)
    guard route.isEmbedded else {
      let settings = ProviderSettings(
        name: name, values: values, environment: options.environment, client: client)
      // A key_command may ask a person for a password.
      let provider = try await ThreadPool.disk.run { _ in try descriptor.make(settings) }
      let base = values["base_url"]
      let isLocal = base.map(isLoopback) ?? false
      var connected = ConnectedProvider(
        provider: provider, identity: base.map { "\(name) at \($0)" } ?? name,
        waiter: isLocal ? .embedded : Waiter(),
        resultPolicy: isLocal ? .publicAndLoopback : .publicOnly)
      connected.wantsCallbacks = provider.callsBack && (isLocal || options.publicURL != nil)
      if isLocal { connected.callbackPatience = .seconds(3) }
      connected.engine = engine
      return (connected, nil)
    }
    guard let facade = descriptor.facade else {
      throw SwaplineError(
        .usage, "The provider '\(name)' cannot be served by this process.",
        hint: "Leave out 'at: embedded'.")
    }
    let server = try await EmbeddedServer.start(
      facade, media: media, folder: folder, models: try descriptor.models(with: values),
      engine: engine?.model == nil ? nil : engine)
    values["base_url"] = server.url
    let provider = try descriptor.make(
      ProviderSettings(
        name: name, values: values, environment: options.environment, key: server.key,
        client: client))
    var connected = ConnectedProvider(
      provider: provider, identity: Self.embeddedIdentity(name, engine), waiter: .embedded,
      resultPolicy: .publicAndLoopback, takesKeysOnce: true)
    // What a network of the user's own makes nobody vouches for.
    connected.swapsHere = engine == nil
    connected.engine = engine
    // Asking this process costs nothing; a callback is only needed where nobody can be asked.
    connected.wantsCallbacks = provider.callsBack && !provider.answersQueries
    return (connected, server)
  }

  /// Networks of the user's own, by what their files hold now.
  private static func engine(
    of name: String, _ route: ProviderRoute
  ) async throws -> EngineWeights? {
    guard let text = route.values[EngineSettings.name] else { return nil }
    let settings = try EngineSettings(parsing: text)
    let weights = try await ThreadPool.disk.run { _ in try settings.weights() }
    guard weights.model == nil || route.isEmbedded else {
      throw SwaplineError(
        .usage,
        "'engine' of the provider '\(name)' names a model, and the vendor swaps with its own.",
        hint: "Write 'at: embedded' to swap on this machine, or leave the model out.")
    }
    return weights
  }

  // Results of other networks are other results, in the ledger and in an item's history.
  private static func embeddedIdentity(_ name: String, _ engine: EngineWeights?) -> String {
    guard let engine, engine.model != nil else { return "\(name) (embedded)" }
    return "\(name) (embedded, own networks \(engine.identity))"
  }

  private static func host(
    _ name: String, _ pipeline: Pipeline, _ providers: [String: ConnectedProvider],
    client: HTTPClient, share: HostingShare?, options: RunOptions
  ) async throws -> any Hosting.Host {
    let route = pipeline.route(ofHost: name)
    guard let descriptor = Hosts.named(route.kind) else {
      throw SwaplineError(.usage, "There is no host '\(name)'.")
    }
    let storage = pipeline.calledProviders.lazy.compactMap { name -> ProviderStorage? in
      guard let connected = providers[name], let uploads = connected.provider.uploads else {
        return nil
      }
      return ProviderStorage(slots: uploads, addressPolicy: connected.resultPolicy)
    }.first
    let settings = HostSettings(
      name: name, values: route.values, environment: options.environment, client: client,
      storage: storage, publicURL: options.publicURL, port: options.hostPort,
      share: share)
    // It may read files.
    return try await ThreadPool.disk.run { _ in try descriptor.make(settings) }
  }

  /// Whether `url` leads to this machine by its own name or number.
  static func isLoopback(_ url: String) -> Bool {
    (try? WebAddress(url))?.isLoopback == true
  }
}

extension Waiter {
  /// How to wait for a server in this process: asking costs nothing.
  static let embedded = Waiter(
    minimumDelay: TimeSpan(milliseconds: 8), maximumDelay: TimeSpan(milliseconds: 400),
    growth: 1.25, grace: .seconds(2))
}
