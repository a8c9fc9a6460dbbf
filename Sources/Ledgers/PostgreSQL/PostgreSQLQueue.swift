import Core
import Glibc
import PostgreSQL

/// Lets the work of many tasks on a PostgreSQL ledger share transactions and one connection, as
/// `CommitGroup` does; the connection is made again when it breaks.
///
/// Work may be done several times: where the connection broke while a transaction was being ended,
/// nobody knows whether it took effect. It must find out by itself that it was done.
final class PostgreSQLQueue: Sendable {
  private let address: String
  private let group: CommitGroup<PostgreSQLConnection>

  /// A queue of work on the database at `address`. `begin` is done on each new connection. A server that
  /// is away is waited for so long as `patience`.
  init(
    _ address: String, patience: Duration,
    begin: @escaping @Sendable (PostgreSQLConnection) throws -> Void
  ) {
    self.address = address
    let held = HeldConnection(address, begin)
    group = CommitGroup(name: "ledger") { steps in
      try held.transaction(within: patience) { connection in
        try steps.map { try $0(connection) }
      }
    }
  }

  /// Runs `body` in a transaction. What it throws undoes its own work alone; errors of PostgreSQL come
  /// out as `SwaplineError`.
  func perform<Value: Sendable>(
    _ body: @escaping @Sendable (PostgreSQLConnection) throws -> Value
  ) async throws -> Value {
    do {
      return try await group.commit { connection in
        do {
          return .success(try connection.transaction { try body(connection) })
        } catch let error as PostgreSQLError where error.isPassing {
          throw error
        } catch {
          return .failure(error)
        }
      }
    } catch let error as PostgreSQLError {
      throw SwaplineError(ledger: error, at: address)
    }
  }
}

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
        return try connection.transaction { try body(connection) }
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

extension SwaplineError {
  init(ledger error: PostgreSQLError, at address: String) {
    let shown = PostgreSQLConnection.shown(address)
    switch error.kind {
    case .refused:
      self.init(
        .storage, "The ledger at \(shown) denies access: \(error.message).",
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
        hint: "Check the server's log.")
    }
  }
}
