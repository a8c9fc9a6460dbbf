import Core
import SQLite

/// A ledger that is only looked at, as it was written by any version, also while a run holds its
/// folder: nothing is written, made or brought up to date.
public struct LedgerReader: Sendable {
  private let database: Database
  private let columns: String

  /// Opens the ledger at `path`. Throws `SwaplineError` when it is none.
  public init(_ path: String) throws {
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

  /// Hands every submission to `body`, oldest first, a few hundred in memory at a time.
  public func forEach(_ body: (Ledger.Entry) throws -> Void) async throws {
    var last: Int64 = 0
    while true {
      let page = try await page(after: last)
      guard let end = page.last else { return }
      for entry in page { try body(entry) }
      last = end.number
    }
  }

  private func page(after last: Int64) async throws -> [Ledger.Entry] {
    let (database, columns) = (database, columns)
    do {
      return try await ThreadPool.disk.run { _ in
        try database.query(
          "SELECT \(columns) FROM swaps WHERE number > ? ORDER BY number LIMIT 500", [.int(last)]
        ).map(Ledger.Entry.init)
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
