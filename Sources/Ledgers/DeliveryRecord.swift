import Core
import Files
import SQLite

/// The durable record of the results that were put elsewhere: what lies under which name, so that the next
/// run puts only what is new, and goes on with a large file where it was broken off.
package final class DeliveryRecord: Sendable {
  /// A file at the place.
  package struct Entry: Sendable, Hashable {
    /// SHA-256 of its bytes.
    package var digest: Digest
    /// Its length in bytes.
    package var size: Int64
    /// The storage's tag of it; nil while it is not all there.
    package var tag: String?
    /// What is needed to go on with a file that is put in parts.
    package var upload: String?

    /// What lies, or is to lie, under a key.
    package init(digest: Digest, size: Int64, tag: String? = nil, upload: String? = nil) {
      self.digest = digest
      self.size = size
      self.tag = tag
      self.upload = upload
    }
  }

  private let queue: CommitQueue

  /// The record of a run's folder, made where it is missing.
  package convenience init(_ folder: RunFolder) throws {
    try self.init(.file(folder.state + "/delivered.sqlite"))
  }

  /// The record in a database of its own.
  package init(_ location: Database.Location) throws {
    do {
      let database = try Database(location, durability: .full)
      queue = CommitQueue(database, name: "delivery record")
      try database.migrate([
        """
        CREATE TABLE results(
          key TEXT PRIMARY KEY, digest TEXT NOT NULL, size INTEGER NOT NULL, tag TEXT, upload TEXT,
          seen INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
        """
      ])
    } catch let error as SQLiteError {
      throw SwaplineError(ledger: error)
    }
  }

  /// What is known under `key`.
  package func entry(_ key: String) async throws -> Entry? {
    try await queue.perform { database in
      let rows = try database.query("SELECT * FROM results WHERE key = ?", [.text(key)])
      guard let row = rows.first else { return nil }
      let digest: String = try row.value("digest")
      guard let digest = Digest(hex: digest) else { return nil }
      return Entry(
        digest: digest, size: try row.value("size"), tag: try row.optional("tag"),
        upload: try row.optional("upload"))
    }
  }

  /// Whether anything was put.
  package func isEmpty() async throws -> Bool {
    try await queue.perform { database in
      try database.query("SELECT 1 AS one FROM results LIMIT 1").isEmpty
    }
  }

  /// Notes what lies under `key`, or is about to.
  package func note(_ key: String, _ entry: Entry) async throws {
    CrashPoint.shared.hit()
    defer { CrashPoint.shared.hit() }
    try await queue.perform { database in
      _ = try database.execute(
        "INSERT OR REPLACE INTO results(key, digest, size, tag, upload) VALUES(?, ?, ?, ?, ?)",
        [
          .text(key), .text(entry.digest.hex), .int(entry.size), SQLiteValue(entry.tag),
          SQLiteValue(entry.upload),
        ])
    }
  }

  /// Notes that files are still there as they were put.
  package func see(_ objects: [(key: String, size: Int64, tag: String)]) async throws {
    try await queue.perform { database in
      for object in objects {
        _ = try database.execute(
          "UPDATE results SET seen = 1 WHERE key = ? AND size = ? AND tag = ?",
          [.text(object.key), .int(object.size), .text(object.tag)])
      }
    }
  }

  /// Forgets the files that were not seen, and begins a new look: they are put again.
  package func forgetUnseen() async throws {
    try await queue.perform { database in
      _ = try database.execute("DELETE FROM results WHERE seen = 0 AND tag IS NOT NULL", [])
      _ = try database.execute("UPDATE results SET seen = 0", [])
    }
  }
}
