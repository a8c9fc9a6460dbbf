import Core
import Glibc
import PostgreSQL
import Synchronization

/// Has many tasks' work on a PostgreSQL ledger share its transactions and one connection, which is made
/// again when it breaks. Each call returns when its own work is committed.
///
/// Work may be done several times: where the connection broke while a transaction was being ended,
/// nobody knows whether it took effect. It must find out by itself that it was done.
final class PostgreSQLQueue: Sendable {
  typealias Settlement = @Sendable () -> Void

  private struct Work: Sendable {
    /// Does the work inside a transaction, and says how to tell the caller once it is committed. Throws
    /// what lets the whole transaction be tried again.
    let body: @Sendable (PostgreSQLConnection) throws -> Settlement
    /// Tells the caller that nothing was committed.
    let fail: @Sendable (any Error) -> Void
  }

  private struct State {
    var waiting: [Work] = []
    var isWorking = false
  }

  // Proof: used on the one thread of `threads` only.
  private final class Held: @unchecked Sendable {
    var connection: PostgreSQLConnection?
  }

  private let address: String
  private let patience: Duration
  private let begin: @Sendable (PostgreSQLConnection) throws -> Void
  private let held = Held()
  private let threads = ThreadPool(name: "ledger", width: 1)
  private let state = Mutex(State())

  /// A queue of work on the database at `address`. `begin` is done on each new connection. A server that
  /// is away is waited for so long as `patience`.
  init(
    _ address: String, patience: Duration,
    begin: @escaping @Sendable (PostgreSQLConnection) throws -> Void
  ) {
    self.address = address
    self.patience = patience
    self.begin = begin
  }

  /// Runs `body` in a transaction. What it throws undoes its own work alone; errors of PostgreSQL come
  /// out as `SwaplineError`.
  func perform<Value: Sendable>(
    _ body: @escaping @Sendable (PostgreSQLConnection) throws -> Value
  ) async throws -> Value {
    do {
      return try await commit(body)
    } catch let error as PostgreSQLError {
      throw SwaplineError(ledger: error, at: address)
    }
  }

  private func commit<Value: Sendable>(
    _ body: @escaping @Sendable (PostgreSQLConnection) throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let work = Work(
        body: { connection in
          do {
            let value = try connection.transaction { try body(connection) }
            return { continuation.resume(returning: value) }
          } catch let error as PostgreSQLError where error.isPassing {
            throw error
          } catch {
            return { continuation.resume(throwing: error) }
          }
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
        for settle in try await threads.run({ [self] _ in try settlements(of: works) }) { settle() }
      } catch {
        for work in works { work.fail(error) }
      }
    }
  }

  private func settlements(of works: [Work]) throws -> [Settlement] {
    let end = ContinuousClock.now + patience
    while true {
      do {
        let connection = try connected()
        return try connection.transaction { try works.map { try $0.body(connection) } }
      } catch let error as PostgreSQLError where error.isPassing {
        if error.kind != .conflict { held.connection = nil }
        guard ContinuousClock.now < end else { throw error }
        usleep(error.kind == .conflict ? 5_000 : 200_000)
      }
    }
  }

  private func connected() throws -> PostgreSQLConnection {
    if let connection = held.connection { return connection }
    let connection = try PostgreSQLConnection(address)
    try begin(connection)
    held.connection = connection
    return connection
  }
}

extension PostgreSQLError {
  /// Whether the same transaction may succeed soon.
  fileprivate var isPassing: Bool { kind == .unreachable || kind == .conflict }
}

extension SwaplineError {
  init(ledger error: PostgreSQLError, at address: String) {
    let shown = PostgreSQLConnection.shown(address)
    switch error.kind {
    case .refused:
      self.init(
        .storage, "The ledger at \(shown) does not let us in: \(error.message).",
        hint: "Check the user, the database and sslmode in the address; the password comes from "
          + "PGPASSWORD or ~/.pgpass.")
    case .schema:
      self.init(
        .storage, "The database at \(shown) holds no ledger of this version: \(error.message).",
        hint: "Run `swapline ledger --migrate --ledger \(shown)` once.")
    case .address:
      self.init(
        .usage, "The ledger's address \(shown) cannot be read: \(error.message).",
        hint: "Write for example postgres://user@host/database.")
    case .full:
      self.init(
        .storage, "The ledger at \(shown) has no room: \(error.message).",
        hint:
          "Free some space on its server, then run the same command again; what is done is kept.")
    case .unreachable, .conflict:
      self.init(
        .storage, "The ledger at \(shown) cannot be reached: \(error.message).",
        hint: "Check the server and the network, then run the same command again; what is done is "
          + "kept.")
    case .unexpectedValue, .other:
      self.init(
        .storage, "The ledger at \(shown) cannot be read or written: \(error.message).",
        hint: "Look into the server's log.")
    }
  }
}
