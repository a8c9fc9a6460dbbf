import Core
import SQLite

/// Callbacks that are due, kept with their tasks so that a restart forgets none.
extension SQLiteTaskStore {
  package func dueDeliveries(limit: Int, for lease: TimeSpan) async throws -> [Delivery] {
    try await run { database in
      let now = WallClock.milliseconds
      let rows = try database.query(
        """
        SELECT * FROM tasks WHERE callback_due IS NOT NULL AND callback_due <= ?1
          AND callback_lease <= ?1
        ORDER BY callback_due LIMIT ?2
        """, [SQLiteValue(now), SQLiteValue(limit)])
      return try rows.map { row in
        let delivery = Delivery(
          task: try TaskRecord(row), url: try row.value("callback_url"),
          attempts: try row.value("callback_attempts"))
        try database.execute(
          """
          UPDATE tasks SET callback_lease = ?, callback_attempts = callback_attempts + 1
          WHERE id = ?
          """, [SQLiteValue(now + lease.milliseconds), SQLiteValue(delivery.task.id)])
        return delivery
      }
    }
  }

  package func nextDelivery() async throws -> Int64? {
    try await run { database in
      let due: Int64? = try database.query(
        """
        SELECT min(max(callback_due, callback_lease)) AS due FROM tasks
        WHERE callback_due IS NOT NULL
        """)[0].optional("due")
      return due.map { max(0, $0 - WallClock.milliseconds) }
    }
  }

  package func noteDelivery(_ delivery: Delivery, next delay: TimeSpan?) async throws {
    let due = delay.map { WallClock.milliseconds + $0.milliseconds }
    try await run { database in
      try database.execute(
        """
        UPDATE tasks SET callback_lease = 0, callback_due = ?
        WHERE id = ? AND callback_attempts = ?
        """,
        [SQLiteValue(due), SQLiteValue(delivery.task.id), SQLiteValue(delivery.attempts + 1)])
    }
  }

  package func returnDelivery(_ delivery: Delivery) async throws {
    try await run { database in
      try database.execute(
        """
        UPDATE tasks SET callback_lease = 0, callback_attempts = callback_attempts - 1
        WHERE id = ? AND callback_attempts = ?
        """, [SQLiteValue(delivery.task.id), SQLiteValue(delivery.attempts + 1)])
    }
  }
}

/// Files that are kept for a time.
extension SQLiteTaskStore {
  package func expect(
    _ name: String, from account: String, until expires: Int64, within limits: UploadLimits
  ) async throws -> UploadProblem? {
    try await run { database in
      if let problem = limits.problem(placing: try Self.sums(of: account, database)) {
        return problem
      }
      try Self.keep(name, until: expires, database)
      try database.execute(
        "UPDATE files SET account = ? WHERE name = ?", [SQLiteValue(account), SQLiteValue(name)])
      return nil
    }
  }

  package func keep(
    _ name: String, until expires: Int64, size: Int64, digest: Digest, within limits: UploadLimits
  ) async throws -> UploadProblem? {
    try await run { database in
      let row = try database.query(
        "SELECT account, size FROM files WHERE name = ?", [SQLiteValue(name)]
      ).first
      guard try row?.value("size", as: Int64.self) ?? 0 == 0 else { return .taken }
      let account: String? = try row?.optional("account")
      let sums = try Self.sums(of: account ?? "", database)
      if let problem = limits.problem(adding: size, to: sums, isOwned: account != nil) {
        return problem
      }
      try Self.keep(name, until: expires, database)
      try database.execute(
        "UPDATE files SET size = ?, digest = ? WHERE name = ?",
        [SQLiteValue(size), SQLiteValue(digest.hex), SQLiteValue(name)])
      return nil
    }
  }

  private static func sums(of account: String, _ database: Database) throws -> UploadSums {
    let row = try database.query(
      """
      SELECT coalesce(sum(size) FILTER (WHERE account = ?1), 0) AS own_bytes,
        count(*) FILTER (WHERE account = ?1) AS own_files,
        coalesce(sum(size), 0) AS bytes, count(*) AS files
      FROM files WHERE account IS NOT NULL
      """, [SQLiteValue(account)])[0]
    return UploadSums(
      ownBytes: try row.value("own_bytes"), ownFiles: try row.value("own_files"),
      bytes: try row.value("bytes"), files: try row.value("files"))
  }

  package func digest(of name: String) async throws -> String? {
    try await run { database in
      try database.query("SELECT digest FROM files WHERE name = ?", [SQLiteValue(name)])
        .first?.optional("digest")
    }
  }

  package func uploads() async throws -> [Upload] {
    try await run { database in
      try database.query("SELECT * FROM files WHERE account IS NOT NULL").map { row in
        Upload(
          name: try row.value("name"), account: try row.value("account"),
          size: try row.value("size"), expires: try row.value("expires"))
      }
    }
  }

  package func files() async throws -> Set<String> {
    try await run { database in
      Set(try database.query("SELECT name FROM files").map { try $0.value("name") })
    }
  }

  package func expire(before now: Int64) async throws -> [String] {
    try await run { database in
      let names = try database.query(
        "SELECT name FROM files WHERE expires < ?", [SQLiteValue(now)]
      ).map { try $0.value("name", as: String.self) }
      try database.execute("DELETE FROM files WHERE expires < ?", [SQLiteValue(now)])
      return names
    }
  }
}

extension SQLiteTaskStore {
  package func tally() async throws -> StoreCounts {
    try await run { database in
      StoreCounts(
        rows: try database.query(Self.counting[0]).map { try StoreCounts.Row($0) },
        dueCallbacks: try database.query(Self.counting[1])[0].value("n"),
        files: try database.query(Self.counting[2])[0].value("n"))
    }
  }

  /// How tasks, callbacks and files are counted.
  static let counting = [
    """
    SELECT facade, model, status, sum(tasks) AS n, sum(charged) AS credits,
      sum(milliseconds) AS milliseconds
    FROM counts WHERE tasks > 0
    GROUP BY facade, model, status ORDER BY facade, model, status
    """,
    "SELECT count(*) AS n FROM tasks WHERE callback_due IS NOT NULL",
    "SELECT count(*) AS n FROM files WHERE account IS NULL OR size > 0",
  ]
}
