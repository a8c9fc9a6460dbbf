import Core
import SQLite

/// Remembers what each stage made of each item, so that a later run goes on where this one stopped.
///
/// Losing it costs time and no money: what was paid for is in the ledger.
final class StageMemory: Sendable {
  /// What a stage made of an item, and when.
  struct Outcome: Sendable, Hashable {
    var asset: Asset
    /// Nanoseconds since 1970; the files of the asset were whole then.
    var made: Int64
  }

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
      """,
      "ALTER TABLE outcomes ADD COLUMN made INTEGER NOT NULL DEFAULT 0",
    ])
    return database
  }

  func outcome(of key: Digest) async throws -> Outcome? {
    try await lane.run { [database] _ in
      do {
        let rows = try database.query(
          "SELECT asset, made FROM outcomes WHERE key = ?", [.text(key.hex)])
        guard let row = rows.first else { return nil }
        let text: String = try row.value("asset")
        // An older version's shape is as good as nothing remembered.
        guard let asset = try? JSONText.decode(Asset.self, from: text.utf8) else { return nil }
        return Outcome(asset: asset, made: try row.value("made"))
      } catch let error as SQLiteError {
        throw SwaplineError(ledger: error)
      }
    }
  }

  func remember(_ asset: Asset, as key: Digest) async throws {
    let text = try JSONText.line(asset)
    let made = FileSystem.now
    try await lane.run { [database] _ in
      do {
        _ = try database.execute(
          "INSERT OR REPLACE INTO outcomes(key, asset, made) VALUES (?, ?, ?)",
          [.text(key.hex), .text(text), .int(made)])
      } catch let error as SQLiteError {
        throw SwaplineError(ledger: error)
      }
    }
  }
}
