import Core

/// Takes up waiting tasks, as many at once as the server allows.
actor TaskRunner {
  private let store: TaskStore
  private let work: TaskWork
  private let width: Int
  private let onEnd: @Sendable () async -> Void
  private var running: [String: Task<Void, Never>] = [:]
  private var isClaiming = false
  private var isWoken = false
  private var isStopping = false

  /// A runner that calls `onEnd` whenever a task has ended.
  init(
    store: TaskStore, work: TaskWork, width: Int, onEnd: @escaping @Sendable () async -> Void
  ) {
    self.store = store
    self.work = work
    self.width = max(1, width)
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
      guard let task = try? await store.claim() else { continue }
      isWoken = true
      guard !isStopping else {
        try? await store.release(task.id)
        return
      }
      running[task.id] = Task { await self.run(task) }
    }
  }

  private func run(_ task: TaskRecord) async {
    let ending = try? await work.perform(task)
    let store = store
    // Not a child task: what is known is written down, stopped or not.
    await Task {
      if let ending {
        try? await store.finish(task.id, ending)
      } else {
        try? await store.release(task.id)
      }
    }.value
    if ending != nil { await onEnd() }
    running[task.id] = nil
    await wake()
  }

  /// Takes up nothing more, lets what runs end within `grace`, and stops the rest, which stays in
  /// the store as half done.
  func stop(within grace: Duration) async {
    isStopping = true
    let tasks = Array(running.values)
    guard !tasks.isEmpty else { return }
    let deadline = Task {
      try? await Task.pause(for: grace)
      for task in tasks { task.cancel() }
    }
    for task in tasks { await task.value }
    deadline.cancel()
  }
}
