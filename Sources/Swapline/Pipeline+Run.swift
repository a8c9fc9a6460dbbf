import Core
import Files
import Ledgers
import Pipelines
import Processing
import Providers
import Runs
import Stages
import Synchronization

extension Pipeline {
  /// Runs the pipeline over items and tells each one's outcome as it ends.
  ///
  /// `folder` is made when it is missing. Running again with the same folder goes on where the last
  /// run stopped: what is done is not done again, what was paid is not paid again. One item's
  /// failure is an outcome; the stream throws only when the run as a whole cannot go on, with
  /// `SwaplineError`. A consumer that stops reading stops the run.
  public func run(
    _ items: [Item], into folder: String, options: RunOptions = RunOptions(),
    observe: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) -> AsyncThrowingStream<Runner.Outcome, any Error> {
    AsyncThrowingStream { continuation in
      let work = Task {
        do {
          try await run(items, into: folder, options: options, observe: observe) {
            continuation.yield($0)
          }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in work.cancel() }
    }
  }

  /// Runs the pipeline over items and hands each one's outcome to `receive` as it ends.
  ///
  /// As `run(_:into:options:observe:)`, for callers who want to wait until everything is taken down:
  /// a cancelled call returns when transfers and workers are stopped and the ledger is written.
  @discardableResult
  public func run(
    _ items: [Item], into path: String, options: RunOptions = RunOptions(),
    observe: @escaping @Sendable (RunEvent) -> Void = { _ in },
    receive: (Runner.Outcome) throws -> Void
  ) async throws -> RunSummary {
    let items = try checked(items)
    var options = options
    options.firstKind = options.firstKind ?? items.first.flatMap { MediaKind(named: $0.scene) }
    return try await run(
      entries: items.map { .success($0) }, into: path, options: options, observe: observe,
      receive: receive)
  }

  /// Runs the pipeline over items that are made while it goes on, such as those of an `ItemsFile` or an
  /// `ItemProduct`: taken one by one, never held together. An entry that is no item fails alone.
  ///
  /// The folder has `run.json`, `report.html` and, where an item failed, `failed.jsonl` afterwards. `path`
  /// may be a place elsewhere, `s3://bucket/prefix` or the address of a WebDAV folder: results are put there,
  /// and what the run knows stays in a folder here, as `OutputPlace` says.
  @discardableResult
  public func run(
    entries: some Sequence<Result<Item, ItemFailure>>, into path: String,
    options: RunOptions = RunOptions(),
    observe: @escaping @Sendable (RunEvent) -> Void = { _ in },
    receive: (Runner.Outcome) throws -> Void
  ) async throws -> RunSummary {
    let start = ContinuousClock.now
    let output = OutputPlace(path, shard: options.shard)
    let folder = try RunFolder(output.folder)
    let charged = Mutex(Charge())
    let beat = RunBeat()
    let metrics = try options.metricsPort.map { port in
      try RunMetrics(port: port) { beat.report }
    }
    if let metrics { options.onMetricsPort?(metrics.port) }
    var journal: RunJournal?
    // Before anything is made ready: what earlier runs have left elsewhere belongs to who holds the folder.
    let lock = try options.lock ?? RunLock(folder)
    defer { if options.lock == nil { lock.release() } }
    let (problems, hosting) = try await Session.with(self, in: folder, options: options) {
      session in
      var runner = try Runner(
        self, in: folder, media: session.media, resources: session.resources,
        control: options.control, concurrency: options.concurrency ?? concurrency,
        budget: budget.replacing(with: options.budget), ledger: options.ledger,
        name: options.name, held: lock,
        observe: { event in
          beat.observe(event)
          if case .runFinished(let totals) = event.kind { charged.withLock { $0 = totals.charged } }
          observe(event)
        },
        prepare: { context in
          // Runs that share a ledger may share the address that providers call back, behind a proxy.
          if context.ledger.isShared {
            session.callbacks?.handOn { [ledger = context.ledger] body, token in
              try await ledger.handOn(callback: body, for: token)
            }
          }
          beat.begin(
            in: context.ledger, folder: folder, shard: options.shard?.text,
            rates: session.rates)
          try await PendingTaskRecovery.run(in: context)
        })
      if let remote = output.remote {
        let delivery = try await Delivery(to: try session.storages.place(at: remote), folder)
        runner.deliver = { try await delivery.deliver($0) }
      }
      journal = RunJournal(self, in: folder, run: runner.name)
      do {
        try await runner.run(
          entries: entries.lazy.map { checked($0) },
          receive: { outcome in
            journal?.add(outcome)
            session.release(outcome.item)
            try receive(outcome)
          })
        await beat.end()
      } catch {
        await beat.end()
        throw error
      }
    }
    await metrics?.stop()
    guard let journal else {
      throw SwaplineError(.internal, "The run ended before it started.")
    }
    return try await journal.finish(
      charged: charged.withLock(\.self), hosting: hosting,
      seconds: (ContinuousClock.now - start) / .seconds(1),
      isStopped: options.control.isDraining, problems: problems)
  }

  /// How many items are worked on at once: as many as keep every core busy, and beside them as many as
  /// wait for a provider.
  private var concurrency: Int {
    let waiting = calledProviders.reduce(0) { sum, name in
      let values = providers[name]?.values ?? [:]
      let models = (try? ProviderDescriptor.named(name)?.models(with: values)) ?? []
      return sum + models.reduce(0) { $0 + $1.profile.inFlight.value }
    }
    return max(4, 2 * WorkerPool.cores) + min(waiting, 256)
  }

  /// An entry of a list, or why this pipeline cannot run it: it names no face.
  package func checked(_ entry: Result<Item, ItemFailure>) -> Result<Item, ItemFailure> {
    guard needsFace, case .success(let item) = entry, item.face == nil else { return entry }
    return .failure(ItemFailure(item, .faceless(item)))
  }

  // Two items of one name would write into one folder.
  private func checked(_ items: [Item]) throws -> [Item] {
    var seen: Set<String> = []
    for item in items where !seen.insert(item.id).inserted {
      throw SwaplineError(
        .usage, "Two items are called '\(item.id)'.", hint: "Give each its own name.")
    }
    if needsFace, let item = items.first(where: { $0.face == nil }) {
      throw SwaplineError.faceless(item)
    }
    return items
  }
}

extension Runner.Outcome {
  /// The name of the item.
  fileprivate var item: String {
    switch self {
    case .finished(let asset, _): asset.id
    case .failed(let item, _), .stopped(let item): item.id
    }
  }
}

extension SwaplineError {
  fileprivate static func faceless(_ item: Item) -> SwaplineError {
    SwaplineError(
      .usage, "The item '\(item.id)' has no face, but the pipeline swaps one.",
      hint: "Add --face FILE, or a face to its row.", item: item.id)
  }
}
