import Core

/// Takes up waiting tasks, as many at once as the server allows, and shows that it still works on them.
actor TaskRunner {
  private struct Running {
    let record: TaskRecord
    let task: Task<Void, Never>
  }

  private let store: any TaskStore
  private let work: TaskWork
  private let width: Int
  private let lease: TimeSpan
  private let attempts: Int
  private let onEnd: @Sendable () async -> Void
  private var running: [String: Running] = [:]
  private var isClaiming = false
  private var isWoken = false
  private var isStopping = false
  private var lastBeat = ContinuousClock.now

  /// A runner that calls `onEnd` whenever a task has ended. A task is begun `attempts` times at most.
  init(
    store: any TaskStore, work: TaskWork, width: Int, lease: TimeSpan, attempts: Int,
    onEnd: @escaping @Sendable () async -> Void
  ) {
    self.store = store
    self.work = work
    self.width = max(1, width)
    self.lease = lease
    self.attempts = attempts
    self.onEnd = onEnd
  }

  /// Says that a task may wait.
  func wake() async {
    isWoken = true
    guard !isClaiming else { return }
    isClaiming = true
    defer { isClaiming = false }
    while isWoken, !isStopping, running.count < width {
      isWoken = false
      // A store that fails now is asked again with the next wake.
      guard let task = try? await store.claim(for: lease) else { continue }
      isWoken = true
      guard !isStopping else {
        try? await store.release(task)
        return
      }
      // The same task comes again where its first claim has ended without our knowing.
      running.removeValue(forKey: task.id)?.task.cancel()
      running[task.id] = Running(record: task, task: Task { await self.run(task) })
    }
  }

  /// How often a beat is due.
  nonisolated var interval: Duration { lease.duration / 3 }

  /// Shows that what is running goes on, stops what somebody else has taken over, and takes up what nobody
  /// shows himself for any more.
  func beat() async {
    let records = running.values.map(\.record)
    do {
      if !records.isEmpty {
        let held = try await store.renew(records, for: lease)
        for record in records where !held.contains(record.id) { abandon(record) }
      }
      // Whoever could not reach the store for a while gives others, who could not either, the time to show
      // themselves.
      let wasThere = ContinuousClock.now - lastBeat < interval * 3
      lastBeat = .now
      if store.isShared, wasThere { try await recover(isAlone: false) }
    } catch {}
    await wake()
  }

  /// Makes what nobody works on any more wait again, and ends what was begun too often.
  func recover(isAlone: Bool) async throws {
    for task in try await store.recover(limit: attempts, isAlone: isAlone) {
      let error = SwaplineError(
        .workerCrashed,
        "The task was started \(task.attempts) times, and the server ended each time before it was "
          + "done.",
        hint: "Submit it again; the operator sets how often a task is started (serve --attempts).")
      if try await store.finish(task, .failure(error)) { await onEnd() }
    }
  }

  private func abandon(_ record: TaskRecord) {
    guard let found = running[record.id], found.record.epoch == record.epoch else { return }
    found.task.cancel()
  }

  private func run(_ task: TaskRecord) async {
    let ending = try? await work.perform(task)
    // Not a child task: what is known is written down, stopped or not.
    await Task { await self.settle(task, ending) }.value
    if running[task.id]?.record.epoch == task.epoch { running[task.id] = nil }
    await wake()
  }

  /// Writes down how a task has ended, or that it was stopped. A store that is away is waited for, unless the
  /// server stops: then another takes the task over.
  private func settle(_ task: TaskRecord, _ ending: TaskEnding?) async {
    while true {
      do {
        guard let ending else { return try await store.release(task) }
        if try await store.finish(task, ending) {
          await onEnd()
        } else {
          await work.discard(ending)
        }
        return
      } catch {
        guard !isStopping else { return }
        try? await Task.pause(for: .milliseconds(500))
      }
    }
  }

  /// Takes up nothing more, lets what runs end within `grace`, and stops the rest, which stays in
  /// the store as half done.
  func stop(within grace: Duration) async {
    isStopping = true
    let tasks = running.values.map(\.task)
    guard !tasks.isEmpty else { return }
    let deadline = Task {
      try? await Task.pause(for: grace)
      for task in tasks { task.cancel() }
    }
    for task in tasks { await task.value }
    deadline.cancel()
  }
}
