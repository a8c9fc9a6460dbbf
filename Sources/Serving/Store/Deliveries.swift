import Core
import SQLite

/// Callbacks that are due, kept with their tasks so that a restart forgets none.
extension TaskStore {
  /// One callback to send.
  struct Delivery: Sendable {
    /// The task that ended.
    var task: TaskRecord
    /// Where its end is told.
    var url: String
    /// How often it was tried before.
    var attempts: Int
  }

  /// The callbacks that are due by now, the longest due first.
  func dueDeliveries(limit: Int) async throws -> [Delivery] {
    try await run { database in
      try database.query(
        """
        SELECT * FROM tasks WHERE callback_due IS NOT NULL AND callback_due <= ?
        ORDER BY callback_due LIMIT ?
        """, [SQLiteValue(WallClock.milliseconds), SQLiteValue(limit)]
      ).map { row in
        Delivery(
          task: try TaskRecord(row), url: try row.value("callback_url"),
          attempts: try row.value("callback_attempts"))
      }
    }
  }

  /// When the next callback is due, in milliseconds since 1970; nil when none is.
  func nextDelivery() async throws -> Int64? {
    try await run { database in
      try database.query("SELECT min(callback_due) AS due FROM tasks")[0].optional("due")
    }
  }

  /// Notes a try: the next one comes `delay` later, or never.
  func noteDelivery(of id: String, next delay: TimeSpan?) async throws {
    let due = delay.map { WallClock.milliseconds + $0.milliseconds }
    try await run { database in
      try database.execute(
        """
        UPDATE tasks SET callback_attempts = callback_attempts + 1, callback_due = ? WHERE id = ?
        """, [SQLiteValue(due), SQLiteValue(id)])
    }
  }
}

/// Files that are kept for a time.
extension TaskStore {
  /// An upload that may come, or has come.
  struct Upload: Sendable {
    var name: String
    var account: String
    var size: Int64
    var expires: Int64
  }

  /// Notes that `account` may put the file `name` until `expires`, in seconds since 1970.
  package func expect(_ name: String, from account: String, until expires: Int64) async throws {
    try await run { database in
      try Self.keep(name, until: expires, database)
      try database.execute(
        "UPDATE files SET account = ? WHERE name = ?", [SQLiteValue(account), SQLiteValue(name)])
    }
  }

  /// Keeps the file `name`, which was put, until `expires`, in seconds since 1970.
  func keep(
    _ name: String, until expires: Int64, size: Int64, digest: Digest
  ) async throws {
    try await run { database in
      try Self.keep(name, until: expires, database)
      try database.execute(
        "UPDATE files SET size = ?, digest = ? WHERE name = ?",
        [SQLiteValue(size), SQLiteValue(digest.hex), SQLiteValue(name)])
    }
  }

  /// The digest of the uploaded file `name`; nil where it is not known.
  func digest(of name: String) async throws -> String? {
    try await run { database in
      try database.query("SELECT digest FROM files WHERE name = ?", [SQLiteValue(name)])
        .first?.optional("digest")
    }
  }

  /// The uploads that were asked for, those that have come and those that may yet.
  func uploads() async throws -> [Upload] {
    try await run { database in
      try database.query("SELECT * FROM files WHERE account IS NOT NULL").map { row in
        Upload(
          name: try row.value("name"), account: try row.value("account"),
          size: try row.value("size"), expires: try row.value("expires"))
      }
    }
  }

  /// Forgets the files that expired before `now`, in seconds since 1970, and names them.
  func expire(before now: Int64) async throws -> [String] {
    try await run { database in
      let names = try database.query(
        "SELECT name FROM files WHERE expires < ?", [SQLiteValue(now)]
      ).map { try $0.value("name", as: String.self) }
      try database.execute("DELETE FROM files WHERE expires < ?", [SQLiteValue(now)])
      return names
    }
  }
}
