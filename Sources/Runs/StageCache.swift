import Core
import Files
import Ledgers
import Pipelines
import SQLite

/// Remembers what each stage made of each item, so that a later run goes on where this one stopped.
///
/// Losing it costs time and no money: what was paid for is in the ledger.
package final class StageCache: Sendable {
  /// What a stage made of an item, and when.
  struct Outcome: Sendable, Hashable {
    var asset: Asset
    /// Nanoseconds since 1970; the files of the asset were whole then.
    var made: Int64
  }

  private let queue: CommitQueue

  /// Whether nothing can be remembered of a folder yet.
  package static func isNew(_ folder: RunFolder) -> Bool { !FileSystem.exists(path(folder)) }

  private static func path(_ folder: RunFolder) -> String { folder.state + "/memory.sqlite" }

  init(_ folder: RunFolder) throws {
    let path = Self.path(folder)
    let database: Database
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
    queue = CommitQueue(database, name: "memory")
  }

  private static func open(_ path: String) throws -> Database {
    let database = try Database(.file(path))
    try database.migrate([
      """
      CREATE TABLE outcomes(key TEXT PRIMARY KEY, asset TEXT NOT NULL) STRICT, WITHOUT ROWID;
      """,
      "ALTER TABLE outcomes ADD COLUMN made INTEGER NOT NULL DEFAULT 0",
      "CREATE TABLE chains(item TEXT PRIMARY KEY, links TEXT NOT NULL) STRICT, WITHOUT ROWID;",
      "ALTER TABLE outcomes ADD COLUMN inputs TEXT",
    ])
    return database
  }

  func outcome(of key: Digest) async throws -> Outcome? {
    try await first(of: [key])?.outcome
  }

  /// The first of several keys that is remembered, by its index: one question for all of them.
  func first(of keys: [Digest]) async throws -> (index: Int, outcome: Outcome)? {
    var start = 0
    while start < keys.count, let (index, memo) = try await memo(of: keys[start...]) {
      if let outcome = memo.outcome { return (index, outcome) }
      // An older version's shape is as good as nothing remembered.
      start = index + 1
    }
    return nil
  }

  /// What is remembered under a key, as it is stored: reading it takes longer than finding it, and is not
  /// for the database's thread, which everybody waits for.
  struct Memo: Sendable {
    fileprivate var text: String
    fileprivate var made: Int64
    fileprivate var storedInputs: String?

    /// The outcome; nil for an older version's shape.
    var outcome: Outcome? {
      (try? JSONText.decode(Asset.self, from: text.utf8)).map { Outcome(asset: $0, made: made) }
    }

    /// The digests of its inputs, as keys stand on them.
    var inputs: String? { storedInputs ?? outcome.map { StageCacheKeys.inputs(of: $0.asset) } }
  }

  /// What is remembered under a key.
  func memo(of key: Digest) async throws -> Memo? { try await memo(of: [key])?.memo }

  private func memo(of keys: ArraySlice<Digest>) async throws -> (index: Int, memo: Memo)? {
    try await queue.perform { database in
      for (index, key) in zip(keys.indices, keys) {
        let rows = try database.query(
          "SELECT asset, made, inputs FROM outcomes WHERE key = ?", [.text(key.hex)])
        guard let row = rows.first else { continue }
        return (
          index,
          Memo(
            text: try row.value("asset"), made: try row.value("made"),
            storedInputs: try row.optional("inputs"))
        )
      }
      return nil
    }
  }

  /// Remembers an outcome whose files were whole at `made`, in nanoseconds since 1970.
  func store(_ asset: Asset, as key: Digest, made: Int64 = FileSystem.now) async throws {
    let text = try JSONText.line(asset)
    let inputs = StageCacheKeys.inputs(of: asset)
    try await queue.perform { database in
      _ = try database.execute(
        "INSERT OR REPLACE INTO outcomes(key, asset, made, inputs) VALUES (?, ?, ?, ?)",
        [.text(key.hex), .text(text), .int(made), .text(inputs)])
    }
  }

  /// What the item's last outcome stood on.
  func chain(of item: String) async throws -> [ChainLink]? {
    try await queue.perform { database in
      let rows = try database.query("SELECT links FROM chains WHERE item = ?", [.text(item)])
      guard let row = rows.first else { return nil }
      let text: String = try row.value("links")
      return try? JSONText.decode([ChainLink].self, from: text.utf8)
    }
  }

  /// Notes what the item's outcome stands on.
  func store(_ chain: [ChainLink], of item: String) async throws {
    let text = try JSONText.line(chain)
    try await queue.perform { database in
      _ = try database.execute(
        "INSERT OR REPLACE INTO chains(item, links) VALUES (?, ?)", [.text(item), .text(text)])
    }
  }
}
