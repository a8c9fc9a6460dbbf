import Core
import Glibc
import PostgreSQL

/// Lets the work of many tasks on a PostgreSQL database share transactions and one connection, as
/// `CommitGroup` does; the connection is made again when it breaks.
///
/// Work may be done several times: where the connection broke while a transaction was being ended,
/// nobody knows whether it took effect. It must find out by itself that it was done.
package final class PostgreSQLQueue: Sendable {
  private let address: String
  private let purpose: PostgreSQLPurpose
  private let group: CommitGroup<PostgreSQLConnection>

  /// A queue of work on the database at `address`. `begin` is done on each new connection. A server that
  /// is away is waited for so long as `patience`.
  package init(
    _ address: String, for purpose: PostgreSQLPurpose, patience: Duration,
    begin: @escaping @Sendable (PostgreSQLConnection) throws -> Void
  ) {
    self.address = address
    self.purpose = purpose
    let held = HeldConnection(address) { connection in
      // Whoever sleeps in the middle of a transaction must not hold everybody else up.
      try connection.query("SET idle_in_transaction_session_timeout = '15s'")
      try begin(connection)
    }
    group = CommitGroup(name: purpose.noun) { steps in
      try held.transaction(within: patience) { connection in
        try steps.map { try $0(connection) }
      }
    }
  }

  /// Runs `body` in a transaction. What it throws undoes its own work alone; errors of PostgreSQL come
  /// out as `SwaplineError`.
  package func perform<Value: Sendable>(
    _ body: @escaping @Sendable (PostgreSQLConnection) throws -> Value
  ) async throws -> Value {
    do {
      return try await group.commit { connection in
        do {
          return .success(try connection.transaction { try body(connection) })
        } catch let error as PostgreSQLError where error.isPassing {
          throw error
        } catch {
          if connection.isFlat { throw GivenUp() }
          return .failure(error)
        }
      }
    } catch let error as PostgreSQLError {
      throw SwaplineError(error, of: purpose, at: address)
    }
  }
}

/// One of several pieces of work failed that were done without savepoints.
private struct GivenUp: Error {}

/// A connection that is made when it is needed, and again when it breaks.
private final class HeldConnection: @unchecked Sendable {
  // Proof: used by the one thread of its queue's group only.
  private var connection: PostgreSQLConnection?
  private let address: String
  private let begin: @Sendable (PostgreSQLConnection) throws -> Void

  init(_ address: String, _ begin: @escaping @Sendable (PostgreSQLConnection) throws -> Void) {
    self.address = address
    self.begin = begin
  }

  /// Runs `body` in a transaction, again where it failed by what passes.
  func transaction<Value>(
    within patience: Duration, _ body: (PostgreSQLConnection) throws -> Value
  ) throws -> Value {
    let end = ContinuousClock.now + patience
    while true {
      do {
        let connection = try connected()
        do {
          // Nearly always nothing fails, and two round trips for each piece of work are saved.
          connection.isFlat = true
          defer { connection.isFlat = false }
          return try connection.transaction { try body(connection) }
        } catch is GivenUp {
          return try connection.transaction { try body(connection) }
        }
      } catch let error as PostgreSQLError where error.isPassing {
        if error.kind != .conflict { connection = nil }
        guard ContinuousClock.now < end else { throw error }
        usleep(error.kind == .conflict ? 5_000 : 200_000)
      }
    }
  }

  private func connected() throws -> PostgreSQLConnection {
    if let connection { return connection }
    let made = try PostgreSQLConnection(address)
    try begin(made)
    connection = made
    return made
  }
}

extension PostgreSQLError {
  /// Whether the same transaction may succeed soon.
  fileprivate var isPassing: Bool { kind == .unreachable || kind == .conflict }
}
