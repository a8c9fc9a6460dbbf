import Core
import Curl
import Hosting
import MicroHTTPD
import Processing

/// A server that speaks the vendors' wire formats, with an engine of this machine behind them.
///
/// One task store and one engine stand behind every façade. Tasks survive a kill: what was pending
/// or running goes on at the next start in the same folder.
package final class WireServer: Sendable {
  /// The port on loopback.
  package let port: Int
  /// The tasks, for counting and looking.
  package let store: TaskStore

  private let server: HTTPServer
  private let links: FileLinks
  private let vault: FileVault
  private let client: HTTPClient
  private let runner: TaskRunner
  private let sender: CallbackSender
  private let sweeper: Task<Void, Never>

  /// Starts serving `facades`, with `media` as the engine, and takes up what an earlier process
  /// left.
  ///
  /// Throws `SwaplineError`: a port or folder that is taken, a store that cannot be used.
  package init(
    _ configuration: ServerConfiguration, facades: [any Facade], media: any MediaService
  ) async throws {
    let vault = try FileVault(configuration.folder)
    try await vault.clearWork()
    let store = try TaskStore(.file(vault.database))
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
      width: configuration.width,
      onEnd: {
        endings.tell()
        await sender.wake()
      })
    let context = ServerContext(
      facades: facades, configuration: configuration, store: store,
      accounts: try await Accounts(configuration.keys, store: store),
      limiter: RateLimiter(
        perMinute: configuration.requestsPerMinute, burst: configuration.burst), links: links,
      vault: vault,
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
    sweeper = Task { await Self.sweep(context) }

    for task in try await store.recover(limit: configuration.maximumAttempts) {
      let error = SwaplineError(
        .workerCrashed,
        "The task was started \(task.attempts) times, and the server ended each time before it was "
          + "done.",
        hint: "Submit it again; the operator sets how often a task is started (serve --attempts).")
      try await store.finish(task.id, .failure(error))
    }
    await runner.wake()
    await sender.wake()
  }

  deinit {
    sweeper.cancel()
    client.shutdown()
  }

  /// The address that clients are given, without a slash at its end.
  package var origin: String { links.origin }

  /// Takes nothing more, lets what runs end within `grace`, and stops. What is half done then goes
  /// on at the next start.
  package func stop(within grace: Duration = .seconds(5)) async {
    sweeper.cancel()
    await sweeper.value
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
    while !Task.isCancelled {
      try? await Task.pause(for: context.configuration.sweepInterval.duration)
      guard let names = try? await context.store.expire(before: context.configuration.now()) else {
        continue
      }
      try? await context.vault.remove(names)
      context.uploads.remove(names)
    }
  }
}
