import Core
import SQLite

/// Lets the work of many tasks on an SQLite database share its transactions, as `CommitGroup` does.
package final class CommitQueue: Sendable {
  private let group: CommitGroup<Database>

  /// A queue of work on `database`, on a thread called `name`.
  package init(_ database: Database, name: String) {
    group = CommitGroup(name: name) { steps in
      try database.transaction { try steps.map { try $0(database) } }
    }
  }

  /// Runs `body` in a transaction. What it throws undoes its own work alone; errors of SQLite come out as
  /// `SwaplineError`.
  package func perform<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    do {
      return try await group.commit { database in
        Result { try database.transaction { try body(database) } }
      }
    } catch let error as SQLiteError {
      throw SwaplineError(ledger: error)
    }
  }
}
