import Core
import Files
import Ledgers
import Pipelines
import Processing

/// Runs a pipeline over items: bounded, resumable, one bad item never stopping the others.
public struct Runner: Sendable {
  /// What became of one item.
  public enum Outcome: Sendable {
    /// Every stage is done. `isReused` when an earlier run had done all of them.
    case finished(Asset, isReused: Bool)
    /// A stage failed.
    case failed(Item, SwaplineError)
    /// The run was stopped before the item's end; the next run goes on there.
    case stopped(Item)
  }

  let pipeline: Pipeline
  /// What the pipeline's stages add to keys, for items that change nothing about them.
  private let stageKeys: [String]
  let folder: RunFolder
  private let media: any MediaService
  private let resources: Resources
  private let control: RunControl
  private let ledger: Ledger
  let memory: StageCache
  private let lock: RunLock
  private let ownsLock: Bool
  private let concurrency: Int
  private let observe: @Sendable (RunEvent) -> Void
  private let prepare: @Sendable (StageContext) async throws -> Void
  /// Puts the files of an item elsewhere; the item is done when they are there.
  package var deliver: (@Sendable ([Published]) async throws -> Void)?

  /// Prepares a run in `folder`, which no other run may hold.
  ///
  /// `concurrency` is how many items are worked on at once; `ledger` is one that the folder shares with
  /// others, instead of its own, and `name` the run's name where several runs have it; `held` is the folder's lock where the caller has it; `prepare` is done
  /// before the first item; `observe` is told of everything that happens, from any thread.
  public init(
    _ pipeline: Pipeline, in folder: RunFolder, media: any MediaService, resources: Resources,
    control: RunControl = RunControl(), concurrency: Int = 8, budget: Budget = Budget(),
    ledger path: String? = nil, name: String? = nil, held: RunLock? = nil,
    observe: @escaping @Sendable (RunEvent) -> Void = { _ in },
    prepare: @escaping @Sendable (StageContext) async throws -> Void = { _ in }
  ) throws {
    self.prepare = prepare
    self.pipeline = pipeline
    stageKeys = StageCacheKeys.stageKeys(of: pipeline)
    self.folder = folder
    self.media = media
    self.resources = resources
    self.control = control
    self.concurrency = max(1, concurrency)
    self.observe = observe
    lock = try held ?? RunLock(folder)
    ownsLock = held == nil
    folder.sweep()
    ledger = try Ledger(holding: folder, at: path, budget: budget, name: name)
    let (run, ledger) = (ledger.run, ledger)
    ledger.whenUnwritten { line, error in
      observe(RunEvent(run: run, item: "", kind: .recordKept(line: line, error)))
      control.drain(
        because: SwaplineError(
          .storage, "The run's record cannot be written: \(error.message)",
          hint: "Free some space and run the same command again: what was submitted is known, and "
            + "is not paid again."))
    }
    memory = try StageCache(folder)
  }

  /// The name of the run, as the ledger and the events have it.
  public var name: String { ledger.run }

  /// Runs every item, hands each one's outcome to `receive` in the order in which they end, and
  /// gives the folder back. A runner runs once.
  public func run(
    _ items: some Sequence<Item>, receive: (Outcome) throws -> Void
  ) async throws {
    try await run(entries: items.lazy.map { .success($0) }, receive: receive)
  }

  /// Runs every item as `run(_:receive:)` does, taking them one by one as there is room for them; an
  /// entry that is none is an item that failed.
  public func run(
    entries: some Sequence<Result<Item, ItemFailure>>, receive: (Outcome) throws -> Void
  ) async throws {
    defer { if ownsLock { lock.release() } }
    let start = ContinuousClock.now
    control.onDrain { [observe, control, name] awaited in
      observe(
        RunEvent(
          run: name, item: "", kind: .runStopping(waiting: awaited, reason: control.reason)))
    }
    var tally = RunTally()
    let end: Result<Void, any Error>
    do {
      try await runAll(entries) { outcome in
        tally.add(outcome)
        try receive(outcome)
      }
      end = .success(())
    } catch {
      end = .failure(error)
    }
    // What could not be written is tried again until it is; only a second stop leaves without it.
    try? await ledger.unwritten.settle()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let totals = try await totals(tally, seconds: seconds)
    observe(RunEvent(run: name, item: "", kind: .runFinished(totals)))
    try end.get()
  }

  private func runAll(
    _ entries: some Sequence<Result<Item, ItemFailure>>, receive: (Outcome) throws -> Void
  ) async throws {
    try await prepare(context(for: "run", item: "run"))
    try await withThrowingTaskGroup(of: Outcome.self) { group in
      var waiting = entries.makeIterator()
      var underWay = 0
      while true {
        while underWay < concurrency, !control.isDraining, !Task.isCancelled,
          let entry = waiting.next()
        {
          switch entry {
          case .success(let item):
            group.addTask { await process(item) }
            underWay += 1
          case .failure(let failure):
            let error = failure.error.hidingQueries
            observe(RunEvent(run: name, item: failure.item.id, kind: .itemFailed(error)))
            try receive(.failed(failure.item, error))
          }
        }
        guard let outcome = try await group.next() else { break }
        underWay -= 1
        try receive(outcome)
      }
      // Looked at for the count alone, so not for ever.
      var rest = 0
      while rest < Self.maximumStopped, let entry = waiting.next() {
        rest += 1
        if case .success(let item) = entry { try receive(.stopped(item)) }
      }
    }
  }

  private func totals(_ tally: RunTally, seconds: Double) async throws -> RunTotals {
    let waiting = try await ledger.entries(in: .accepted).map { entry in
      RunControl.Awaited(item: entry.item, provider: entry.provider, task: entry.task ?? "?")
    }
    let inDoubt = try await ledger.entries(in: .ambiguous) + ledger.entries(in: .intended)
    return RunTotals(
      done: tally.done, reused: tally.reused, failed: tally.failed, stopped: tally.stopped,
      charged: try await ledger.charged(), seconds: seconds, waiting: waiting,
      inDoubt: inDoubt.count, reason: control.reason)
  }

  private static let maximumStopped = 100_000

  private func process(_ item: Item) async -> Outcome {
    observe(RunEvent(run: name, item: item.id, kind: .itemStarted))
    do {
      let (asset, isReused) = try await walk(item)
      observe(RunEvent(run: name, item: item.id, kind: .itemFinished(asset)))
      return .finished(asset, isReused: isReused)
    } catch is CancellationError {
      observe(RunEvent(run: name, item: item.id, kind: .itemStopped))
      return .stopped(item)
    } catch let error as SwaplineError where error.code == .budget {
      // Nothing is wrong with the item: a larger budget, or tomorrow's, takes it on.
      observe(RunEvent(run: name, item: item.id, kind: .itemStopped))
      return .stopped(item)
    } catch {
      let known =
        error as? SwaplineError
        ?? SwaplineError(.internal, "Something unexpected went wrong: \(error).")
      let named = known.of(item: item.id).hidingQueries
      observe(RunEvent(run: name, item: item.id, kind: .itemFailed(named)))
      return .failed(item, named)
    }
  }

  private func walk(_ item: Item) async throws -> (Asset, isReused: Bool) {
    let chain = StageCacheKeys(
      pipeline: try customized(for: item), item: item,
      stageKeys: item.overrides.isEmpty ? stageKeys : nil)
    let stages = chain.pipeline.stages
    let fetchKey = chain.fetchKey
    var known: Standing?
    var fetchedBefore: String?
    if let fetchKey, let memo = try await memory.memo(of: fetchKey), let inputs = memo.inputs {
      fetchedBefore = inputs
      known = try await standing(of: chain, after: inputs)
      if known == nil, let fetched = memo.outcome, try await isWhole(fetched) {
        known = Standing(outcome: fetched, next: 1)
      }
    }
    var isReused = known != nil
    var asset = known?.outcome.asset.again(for: item) ?? Asset(item: item)
    var fetched = fetchedBefore ?? ""
    if known == nil {
      asset = try await perform(stages[0], on: asset)
      fetched = StageCacheKeys.inputs(of: asset)
      let made = try await confirmed(asset)
      if let fetchKey { try await memory.store(asset, as: fetchKey, made: made) }
      // The same bytes under another name, or from another place, are the same item all the same.
      if let later = try await standing(of: chain, after: fetched) {
        known = later
        asset = later.outcome.asset.again(for: item)
        for stage in stages[1..<later.next] { reuse(stage, of: later.outcome.asset) }
      }
    } else if let known {
      for stage in stages[..<known.next] { reuse(stage, of: known.outcome.asset) }
    }
    // Later outcomes stand on what was fetched, whatever was made of it since.
    let keys = chain.keys(after: fetched)
    var next = known?.next ?? 1
    while next < stages.count {
      isReused = false
      if stages[next].estimateCost != nil, let scene = asset.media[.scene],
        let fault = chain.pipeline.faultsAfterPaying(scene, of: item).first
      {
        var error = fault
        error.hint = [error.hint, "Nothing was paid."].compactMap(\.self).joined(separator: " ")
        throw error
      }
      let group = stages[next...].prefix { $0.orders != nil }
      // Nothing is bought for an item that has failed already.
      if asset.failures != nil, stages[next].gives != nil { break }
      if !group.isEmpty {
        let states = try await perform(rendering: Array(group), on: asset)
        let made = try await confirmed(asset)
        for (offset, state) in states.enumerated()
        where state.failures == nil && stages[next + offset].isLasting {
          try await memory.store(state, as: keys[next + offset - 1], made: made)
        }
        asset = states.last ?? asset
        next += group.count
      } else {
        let before = asset
        asset = try await perform(stages[next], on: before)
        let made = try await confirmed(before, asset)
        if stages[next].isLasting, asset.failures == nil {
          try await memory.store(asset, as: keys[next - 1], made: made)
        }
        next += 1
      }
    }
    // What a list says beside its files changes nothing but what is written about the item.
    var saysOtherwise = false
    if isReused, let known, known.outcome.asset.item.fields != item.shownFields {
      saysOtherwise = true
      asset.swap = known.outcome.asset.swap
      if let key = known.next > 1 ? keys[known.next - 2] : fetchKey {
        try await memory.store(asset, as: key, made: known.outcome.made)
      }
    }
    async let remembered: Void? =
      isReused ? nil : memory.store(chain.links, of: item.id)
    let (last, madeAt) = (asset, known?.outcome.made ?? 0)
    // What was looked at as a whole item was found where people look for it.
    let mustPublish = !isReused || saysOtherwise
    if mustPublish || known?.isPublished != true {
      try await ThreadPool.disk.run { _ in
        if mustPublish || !isPublished(last, since: madeAt) { try publish(last) }
      }
    }
    _ = try await remembered
    if let deliver {
      do {
        try await deliver(try published(last))
      } catch let error as SwaplineError {
        if Task.isCancelled { throw CancellationError() }
        throw error.at("results")
      }
    }
    // The other files are there; what failed is tried again by the next run.
    if let error = last.rendersInPart { throw error }
    return (last, isReused)
  }

  private func customized(for item: Item) throws -> Pipeline {
    guard !item.overrides.isEmpty else { return pipeline }
    var settings: [(key: String, value: SourceNode)] = []
    for (key, text) in item.overrides.sorted(by: { $0.key < $1.key }) {
      guard let node = try SourceNode(parsing: text, file: key) else { continue }
      settings.append((key, node))
    }
    let (changed, findings) = pipeline.setting(settings)
    if let finding = findings.first {
      throw SwaplineError(
        .usage, finding.message, hint: finding.hint, item: item.id, place: finding.place?.file)
    }
    return changed
  }

  private func perform(_ stage: AnyStage, on asset: Asset) async throws -> Asset {
    try checkStop()
    let context = context(for: stage.name, item: asset.id)
    context.report(.stageStarted)
    let start = ContinuousClock.now
    let next = try await guarded(stage.name, asset) {
      try await context.reporting { try await stage.body(asset, context) }
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return finished(stage, before: asset, after: next, seconds: seconds, context)
  }

  // Neighbouring steps that only make renditions share one decode; its time is theirs in equal
  // parts, since nothing in it belongs to one of them alone.
  private func perform(rendering group: [AnyStage], on asset: Asset) async throws -> [Asset] {
    try checkStop()
    guard let main = asset.main else {
      throw SwaplineError(.internal, "There is no main media to finish.")
    }
    let contexts = group.map { context(for: $0.name, item: asset.id) }
    for context in contexts { context.report(.stageStarted) }
    let start = ContinuousClock.now
    let states = try await guarded(group.map(\.name).joined(separator: " + "), asset) {
      let steps = try zip(contexts, group).map { ($0, try $1.orders?(asset, main) ?? []) }
      return try await contexts[0].reporting {
        try await Rendering(of: main, in: contexts[0]).apply(steps, to: asset)
      }
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1) / Double(group.count)
    var before = asset
    var finishedStates: [Asset] = []
    for (index, stage) in group.enumerated() {
      var after = states[index]
      after.stages = before.stages
      before = finished(stage, before: before, after: after, seconds: seconds, contexts[index])
      finishedStates.append(before)
    }
    return finishedStates
  }

  /// The time, once it is known that inputs used where they are were the same all along: what was made
  /// of one that changed meanwhile is made of nothing that ever existed.
  private func confirmed(_ assets: Asset...) async throws -> Int64 {
    let time = FileSystem.now
    let inputs = Set(assets.flatMap(\.media.values).filter(folder.isBorrowed))
    guard !inputs.isEmpty else { return time }
    try await ThreadPool.disk.run { _ in
      for input in inputs { try folder.checkUnchanged(input) }
    }
    return time
  }

  /// Where only money has run out, items that have begun go on as far as they get without any: what
  /// was bought is of use when its files are made.
  private func checkStop() throws {
    guard !control.isDraining || control.reason?.code == .budget else { throw CancellationError() }
    try Task.checkCancellation()
  }

  private func context(for stage: String, item: String) -> StageContext {
    StageContext(
      folder: folder, media: media, ledger: ledger, resources: resources, stage: stage,
      item: item, control: control,
      report: { [observe, name] in
        observe(RunEvent(run: name, item: item, stage: stage, kind: $0))
      })
  }

  private func guarded<Value>(
    _ place: String, _ asset: Asset, _ body: () async throws -> Value
  ) async throws -> Value {
    do {
      return try await body()
    } catch let error as SwaplineError {
      // A transfer or a worker that was cut off by the stop reports its own error.
      if Task.isCancelled { throw CancellationError() }
      // Whatever was found wrong with its bytes, this is why.
      if [.damaged, .limit, .notFound, .unsupported, .workerCrashed].contains(error.code) {
        for input in asset.media.values { try folder.checkUnchanged(input) }
      }
      var named = asset.media.reduce(error) {
        $0.naming(folder.file($1.value), "the \($1.key.rawValue)")
      }
      if named.message.hasPrefix("the ") { named.message = named.message.sentence }
      throw named.at(place)
    }
  }

  private func finished(
    _ stage: AnyStage, before: Asset, after: Asset, seconds: Double, _ context: StageContext
  ) -> Asset {
    var next = after
    let known = min(before.history.count, next.history.count)
    for index in next.history.indices[known...] { next.history[index].stage = stage.name }
    next.stages.append(StageFacts(stage: stage.name, seconds: seconds, note: context.note))
    let old = Set(before.media.values.map(\.digest))
    let fresh = next.media.values.filter { !old.contains($0.digest) }.map(\.size)
    let made = next.renditions.dropFirst(before.renditions.count).map(\.media.size)
    context.report(
      .stageFinished(
        seconds: seconds, note: context.note, changes: Array(next.history[known...]),
        bytes: (fresh + made).reduce(0, +),
        credits: before.swap == nil ? next.swap?.charged : nil))
    return next
  }

  private func reuse(_ stage: AnyStage, of asset: Asset) {
    let note = asset.stages.first { $0.stage == stage.name }?.note
    observe(RunEvent(run: name, item: asset.id, stage: stage.name, kind: .stageReused(note: note)))
  }
}

extension Runner.Outcome: CustomStringConvertible {
  /// One line: the item, how it ended, what was made or why not.
  public var description: String {
    switch self {
    case .finished(let asset, let isReused):
      let files = asset.renditions.map(\.file).joined(separator: ", ")
      return "\(asset.id): \(isReused ? "done before" : "done")"
        + (files.isEmpty ? "" : ", \(files)")
    case .failed(let item, let error): return "\(item.id): failed: \(error.message)"
    case .stopped(let item): return "\(item.id): stopped"
    }
  }
}

extension Asset {
  /// The asset as an earlier run left it: what was paid then is not paid now.
  fileprivate func again(for item: Item) -> Asset {
    var copy = self
    copy.item = item
    copy.swap?.isReused = true
    return copy
  }
}
