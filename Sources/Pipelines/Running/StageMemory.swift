import Core
import SQLite

/// Remembers what each stage made of each item, so that a later run goes on where this one stopped.
///
/// Losing it costs time and no money: what was paid for is in the ledger.
final class StageMemory: Sendable {
  private let database: Database
  private let lane = Lane(name: "memory", width: 1)

  init(_ folder: RunFolder) throws {
    let path = folder.state + "/memory.sqlite"
    do {
      database = try Self.open(path)
    } catch let error as SQLiteError where error.kind == .damaged {
      for end in ["", "-wal", "-shm", "-journal"] { FileSystem.remove(path + end) }
      do {
        database = try Self.open(path)
      } catch let error as SQLiteError {
        throw SwaplineError(ledger: error)
      }
    } catch let error as SQLiteError {
      throw SwaplineError(ledger: error)
    }
  }

  private static func open(_ path: String) throws -> Database {
    let database = try Database(.file(path))
    try database.migrate([
      """
      CREATE TABLE outcomes(key TEXT PRIMARY KEY, asset TEXT NOT NULL) STRICT, WITHOUT ROWID;
      """
    ])
    return database
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
