import Core
import SQLite

/// An SQLite ledger that is only looked at.
struct SQLiteLedgerReader: Sendable {
  private let database: Database
  private let columns: String

  /// Opens the ledger at `path`. Throws `SwaplineError` when it is none.
  init(_ path: String) throws {
    do {
      database = try Database(reading: path)
      let found = try database.query("SELECT name FROM pragma_table_info('swaps')")
        .map { try $0.value("name", as: String.self) }
      // Those of later versions are missing in a ledger that no run of this one has opened.
      columns = Self.columns.map { found.contains($0) ? $0 : "NULL AS \($0)" }
        .joined(separator: ", ")
      guard found.contains("number") else {
        throw SwaplineError(
          .damaged, "\(path) is not a ledger.", hint: "Name a run's folder or a shared ledger.")
      }
    } catch let error as SQLiteError {
      throw SwaplineError(ledger: error)
    }
  }

  /// The entries behind number `last`, oldest first, a few hundred of them.
  func page(after last: Int64) async throws -> [Ledger.Entry] {
    let (database, columns) = (database, columns)
    do {
      return try await ThreadPool.disk.run { _ in
        try database.query(
          "SELECT \(columns) FROM swaps WHERE number > ? ORDER BY number LIMIT 500", [.int(last)]
        ).map { try Ledger.Entry($0) }
      }
    } catch let error as SQLiteError {
      throw SwaplineError(ledger: error)
    }
  }

  /// How things stand.
  func facts() async throws -> LedgerFacts {
    let (database, columns) = (database, columns)
    do {
      return try await ThreadPool.disk.run { _ in
        try SQLiteLedger.facts(database, columns: columns)
      }
    } catch let error as SQLiteError {
      throw SwaplineError(ledger: error)
    }
  }

  private static let columns = [
    "number", "key", "item", "provider", "model", "state", "task", "addresses", "credits",
    "reserved", "run", "token", "result", "message", "created", "updated", "folder", "rate",
    "currency",
  ]
}
