import Core
import Curl
import Hosting
import MicroHTTPD
import Processing

/// A server that speaks the vendors' wire formats, with an engine of this machine behind them.
///
/// One task store and one engine stand behind every façade. Tasks survive a kill: what was pending
/// or running goes on at the next start in the same folder, or at another server of the same store.
package final class WireServer: Sendable {
  /// The port on loopback.
  package let port: Int
  /// The tasks, for counting and looking.
  package let store: any TaskStore

  private let server: HTTPServer
  private let links: FileLinks
  private let vault: FileVault
  private let client: HTTPClient
  private let runner: TaskRunner
  private let sender: CallbackSender
  private let helpers: [Task<Void, Never>]

  /// Starts serving `facades`, with `media` as the engine, and takes up what an earlier process
  /// left.
  ///
  /// Throws `SwaplineError`: a port or folder that is taken, a store that cannot be used.
  package init(
    _ configuration: ServerConfiguration, facades: [any Facade], media: any MediaService
  ) async throws {
    let vault = try FileVault(configuration.folder, isShared: configuration.store != nil)
    try await vault.clearWork()
    let store: any TaskStore =
      if let address = configuration.store {
        try PostgreSQLTaskStore(address)
      } else {
        try SQLiteTaskStore(.file(vault.database))
      }
    let links = FileLinks(key: try vault.signingKey(), now: configuration.now)
    let client = HTTPClient()
    let sender = CallbackSender(
      store: store, client: client,
      policy: configuration.allowsLoopback ? .publicAndLoopback : .publicOnly,
      delays: configuration.callbackDelays
    ) { task in
      guard let facade = facades.first(where: { $0.name == task.facade }) else { return [] }
      return try facade.callback(task, links: links)
    }
    let fetcher = InputFetcher(
      client: client, links: links, vault: vault, limits: configuration.inputs,
      allowsLoopback: configuration.allowsLoopback)
    let endings = TaskCompletionSignal()
    let runner = TaskRunner(
      store: store,
      work: TaskWork(configuration: configuration, media: media, fetcher: fetcher, vault: vault),
      width: configuration.width, lease: configuration.lease,
      attempts: configuration.maximumAttempts,
      onEnd: {
        endings.tell()
        await sender.wake()
      })
    let context = ServerContext(
      facades: facades, configuration: configuration, store: store,
      accounts: try await Accounts(configuration.keys, store: store),
      links: links, vault: vault,
      endings: endings, requests: RequestCounts(),
      uploads: UploadBook(
        configuration.uploads, lifetime: configuration.uploadLifetime,
        kept: try await store.uploads()), wake: { Task { await runner.wake() } })

    let publicURL = configuration.publicURL.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    links.origin = publicURL ?? "http://127.0.0.1:\(configuration.port)"
    server = try Self.listen(context)
    links.origin = publicURL ?? server.origin
    port = server.port
    self.store = store
    self.links = links
    self.vault = vault
    self.client = client
    self.sender = sender
    self.runner = runner
    let news: @Sendable () -> Void = {
      endings.tell()
      Task {
        await runner.wake()
        await sender.wake()
      }
    }
    helpers = [
      Task { await Self.sweep(context) },
      Task { await store.listen(news) },
      Task {
        while !Task.isCancelled {
          try? await Task.pause(for: runner.interval)
          guard !Task.isCancelled else { return }
          await runner.beat()
          guard store.isShared else { continue }
          try? await vault.beat()
          news()
        }
      },
    ]
    try await runner.recover(isAlone: !store.isShared)
    await runner.wake()
    await sender.wake()
  }

  /// Makes the tables of the store at `address`, or brings them up to date, and says in a sentence what was
  /// done.
  package static func migrate(_ address: String) async throws -> String {
    try await PostgreSQLTaskStore.migrate(address)
  }

  deinit {
    for helper in helpers { helper.cancel() }
    client.shutdown()
  }

  /// The address that clients are given, without a slash at its end.
  package var origin: String { links.origin }

  /// Takes nothing more, lets what runs end within `grace`, and stops. What is half done then goes
  /// on at the next start.
  package func stop(within grace: Duration = .seconds(5)) async {
    for helper in helpers { helper.cancel() }
    for helper in helpers { await helper.value }
    async let quiet: Void = server.stop(within: grace)
    await runner.stop(within: grace)
    await quiet
    await sender.stop()
    client.shutdown()
    vault.release()
  }

  private static func listen(_ context: ServerContext) throws(SwaplineError) -> HTTPServer {
    var router = Router { status, head in Self.fallback(status, head.method) }
    for facade in context.facades { facade.addRoutes(to: &router, server: context) }
    FileRoutes(context: context).add(to: &router)
    WatchRoutes(context: context).add(to: &router)
    PageRoutes(context: context).add(to: &router)
    let (routes, requests) = (router, context.requests)
    let (log, uploads) = (context.configuration.accessLog, context.uploads)
    do {
      return try HTTPServer(
        .init(
          port: context.configuration.port, limits: context.configuration.connections,
          spoolFolder: context.vault.workFolder),
        admission: routes.admission, immediate: routes.immediate,
        observer: { request in
          if let status = request.status { requests.note(status, after: request.time) }
          if let name = FileRoutes.upload(request) { uploads.end(name) }
          log?.add(request)
        }, handler: routes.respond)
    } catch {
      throw SwaplineError(error)
    }
  }

  /// The answer where no route fits.
  private static func fallback(_ status: Int, _ method: String) -> ServerResponse {
    let answer: JSONValue = [
      "code": .int(Int64(status)),
      "message": .string(
        status == 404 ? "There is nothing here." : "\(method) is not allowed here."),
    ]
    return .json(status, (try? JSONText.bytes(answer)) ?? [])
  }

  /// Removes expired files from time to time.
  private static func sweep(_ context: ServerContext) async {
    var last: ContinuousClock.Instant?
    while !Task.isCancelled {
      if last.map({ .now - $0 > .seconds(3_600) }) ?? true {
        try? await context.vault.removeStrays { try await context.store.files() }
        last = .now
      }
      try? await Task.pause(for: context.configuration.sweepInterval.duration)
      guard let names = try? await context.store.expire(before: context.configuration.now()) else {
        continue
      }
      try? await context.vault.remove(names)
      context.uploads.remove(names)
      if context.store.isShared, let kept = try? await context.store.uploads() {
        context.uploads.update(kept)
      }
    }
  }
}
