import Core
import Synchronization

/// Lets the work of many tasks share the transactions of a database: a commit waits for the disk or the
/// network, and whatever is asked for meanwhile goes into the next one. Each call returns when its own work is
/// committed.
final class CommitGroup<Connection>: Sendable {
  /// Tells a caller what became of its work, once that is committed.
  typealias Settlement = @Sendable () -> Void
  /// One caller's work inside a transaction. Throws to give up the whole transaction.
  typealias Step = @Sendable (Connection) throws -> Settlement

  private struct Work: Sendable {
    let step: Step
    /// Tells the caller that nothing was committed.
    let fail: @Sendable (any Error) -> Void
  }

  private struct State {
    var waiting: [Work] = []
    var isWorking = false
  }

  private let transact: @Sendable ([Step]) throws -> [Settlement]
  private let threads: ThreadPool
  private let state = Mutex(State())

  /// A group that works on a thread called `name`. `transact` runs steps in one transaction and returns
  /// when it is committed.
  init(name: String, _ transact: @escaping @Sendable ([Step]) throws -> [Settlement]) {
    self.transact = transact
    threads = ThreadPool(name: name, width: 1)
  }

  /// Does `work` in a transaction that others may share. A failure in its result undoes nothing of theirs;
  /// what it throws gives up the whole transaction.
  func commit<Value: Sendable>(
    _ work: @escaping @Sendable (Connection) throws -> Result<Value, any Error>
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let work = Work(
        step: { connection in
          let result = try work(connection)
          return { continuation.resume(with: result) }
        },
        fail: { continuation.resume(throwing: $0) })
      let starts = state.withLock { state in
        state.waiting.append(work)
        defer { state.isWorking = true }
        return !state.isWorking
      }
      // Not a child task: what was asked for is written down even when its asker is cancelled.
      if starts { Task { await drain() } }
    }
  }

  private func drain() async {
    while true {
      let works = state.withLock { state in
        if state.waiting.isEmpty { state.isWorking = false }
        defer { state.waiting = [] }
        return state.waiting
      }
      guard !works.isEmpty else { return }
      do {
        let settlements = try await threads.run { [transact] _ in
          try transact(works.map(\.step))
        }
        for settle in settlements { settle() }
      } catch {
        for work in works { work.fail(error) }
      }
    }
  }
}
