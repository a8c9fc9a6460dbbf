import Core
import SQLite
import Synchronization

/// Has many tasks' work on a database share its transactions: a commit waits for the disk, and
/// whatever is asked meanwhile goes into the next one. Each call returns when its own is committed.
package final class CommitQueue: Sendable {
  private struct Work: Sendable {
    /// Does the work inside a transaction, and says how to tell the caller once it is committed.
    let body: @Sendable (Database) -> Settlement
    /// Tells the caller that nothing was committed.
    let fail: @Sendable (any Error) -> Void
  }

  private typealias Settlement = @Sendable () -> Void

  private struct State {
    var waiting: [Work] = []
    var isWorking = false
  }

  private let database: Database
  private let threads: ThreadPool
  private let state = Mutex(State())

  /// A queue of work on `database`, on a thread called `name`.
  package init(_ database: Database, name: String) {
    self.database = database
    threads = ThreadPool(name: name, width: 1)
  }

  /// Runs `body` in a transaction. What it throws undoes its own work alone; errors of SQLite come out as
  /// `SwaplineError`.
  package func perform<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    do {
      return try await commit(body)
    } catch let error as SQLiteError {
      throw SwaplineError(ledger: error)
    }
  }

  private func commit<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let work = Work(
        body: { database in
          let result = Result { try database.transaction { try body(database) } }
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
        let settlements = try await threads.run { [database] _ in
          try database.transaction { works.map { $0.body(database) } }
        }
        for settle in settlements { settle() }
      } catch {
        for work in works { work.fail(error) }
      }
    }
  }
}
