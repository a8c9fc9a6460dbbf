import Core
import SQLite

/// Remembers what each stage made of each item, so that a later run goes on where this one stopped.
///
/// Losing it costs time and no money: what was paid for is in the ledger.
final class StageMemory: Sendable {
  private let database: Database
  private let lane = Lane(name: "memory", width: 1)

  init(_ folder: RunFolder) throws {
    do {
      database = try Database(.file(folder.state + "/memory.sqlite"))
      try database.migrate([
        """
        CREATE TABLE outcomes(key TEXT PRIMARY KEY, asset TEXT NOT NULL) STRICT, WITHOUT ROWID;
        """
      ])
    } catch let error as SQLiteError {
      throw SwaplineError(ledger: error)
    }
  }

  func outcome(of key: Digest) async throws -> Asset? {
    try await lane.run { [database] _ in
      do {
        let rows = try database.query(
          "SELECT asset FROM outcomes WHERE key = ?", [.text(key.hex)])
        guard let text: String = try rows.first?.value("asset") else { return nil }
        // An older version's shape is as good as nothing remembered.
        return try? JSONText.decode(Asset.self, from: text.utf8)
      } catch let error as SQLiteError {
        throw SwaplineError(ledger: error)
      }
    }
  }

  func remember(_ asset: Asset, as key: Digest) async throws {
    let text = try JSONText.line(asset)
    try await lane.run { [database] _ in
      do {
        _ = try database.execute(
          "INSERT OR REPLACE INTO outcomes(key, asset) VALUES (?, ?)",
          [.text(key.hex), .text(text)])
      } catch let error as SQLiteError {
        throw SwaplineError(ledger: error)
      }
    }
  }
}
