import Core
import Ledgers
import PostgreSQL

/// Callbacks that are due, each taken up by one server at a time.
extension PostgreSQLTaskStore {
  package func dueDeliveries(limit: Int, for lease: TimeSpan) async throws -> [Delivery] {
    let name = RandomToken.hex(bytes: 12)
    return try await write { connection in
      let now = try Self.now(connection)
      // What was taken up before by a transaction whose answer was lost, else what is due.
      let rows = try connection.query(
        """
        WITH taken AS (
          SELECT * FROM store_tasks WHERE callback_due IS NOT NULL AND callback_claim = $2),
        due AS (
          SELECT sequence FROM store_tasks
          WHERE callback_due <= $1::bigint AND callback_lease <= $1::bigint
            AND NOT EXISTS (SELECT 1 FROM taken)
          ORDER BY callback_due LIMIT $3),
        claimed AS (
          UPDATE store_tasks SET callback_lease = $1::bigint + $4::bigint, callback_claim = $2,
            callback_attempts = callback_attempts + 1
          WHERE sequence IN (SELECT sequence FROM due) RETURNING *)
        SELECT * FROM claimed UNION ALL SELECT * FROM taken ORDER BY callback_due
        """,
        [.init(now), .init(name), .init(Int64(limit)), .init(lease.milliseconds)])
      return try rows.map { row in
        Delivery(
          task: try TaskRecord(row), url: try row.value("callback_url"),
          attempts: try row.value("callback_attempts", as: Int.self) - 1)
      }
    }
  }

  package func nextDelivery() async throws -> Int64? {
    try await read { connection in
      try connection.query(
        """
        SELECT greatest(0, min(greatest(callback_due, callback_lease))
          - (extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS wait,
          count(*) AS n
        FROM store_tasks WHERE callback_due IS NOT NULL
        """
      ).first.flatMap { row in
        try row.value("n", as: Int.self) == 0 ? nil : try row.value("wait")
      }
    }
  }

  package func noteDelivery(_ delivery: Delivery, next delay: TimeSpan?) async throws {
    try await write { connection in
      let due = try delay.map { try Self.now(connection) + $0.milliseconds }
      try connection.query(
        """
        UPDATE store_tasks SET callback_lease = 0, callback_claim = NULL, callback_due = $1
        WHERE id = $2 AND callback_attempts = $3
        """, [.init(due), .init(delivery.task.id), .init(Int64(delivery.attempts + 1))])
    }
  }

  package func returnDelivery(_ delivery: Delivery) async throws {
    try await write { connection in
      try connection.query(
        """
        UPDATE store_tasks SET callback_lease = 0, callback_claim = NULL,
          callback_attempts = callback_attempts - 1
        WHERE id = $1 AND callback_attempts = $2
        """, [.init(delivery.task.id), .init(Int64(delivery.attempts + 1))])
    }
  }
}

/// Files that are kept for a time.
extension PostgreSQLTaskStore {
  package func expect(
    _ name: String, from account: String, until expires: Int64, within limits: UploadLimits
  ) async throws -> UploadProblem? {
    try await write { connection in
      let known = try connection.query(
        "SELECT name FROM store_files WHERE name = $1 AND account = $2",
        [.init(name), .init(account)])
      guard known.isEmpty else { return nil }
      if let problem = limits.problem(placing: try Self.sums(of: account, connection)) {
        return problem
      }
      try Self.keep(name, until: expires, connection)
      try connection.query(
        "UPDATE store_files SET account = $1 WHERE name = $2", [.init(account), .init(name)])
      return nil
    }
  }

  package func keep(
    _ name: String, until expires: Int64, size: Int64, digest: Digest, within limits: UploadLimits
  ) async throws -> UploadProblem? {
    try await write { connection in
      let row = try connection.query(
        "SELECT account, size, digest FROM store_files WHERE name = $1", [.init(name)]
      ).first
      if let row, try row.value("size", as: Int64.self) > 0 {
        // The same again, whose answer was lost; a second file of the name finds the first one's.
        return try row.optional("digest") == digest.hex ? nil : .taken
      }
      let account: String? = try row?.optional("account")
      let sums = try Self.sums(of: account ?? "", connection)
      if let problem = limits.problem(adding: size, to: sums, isOwned: account != nil) {
        return problem
      }
      try Self.keep(name, until: expires, connection)
      try connection.query(
        "UPDATE store_files SET size = $1, digest = $2 WHERE name = $3",
        [.init(size), .init(digest.hex), .init(name)])
      return nil
    }
  }

  private static func sums(
    of account: String, _ connection: PostgreSQLConnection
  ) throws -> UploadSums {
    let row = try connection.query(
      """
      SELECT coalesce(sum(size) FILTER (WHERE account = $1), 0)::bigint AS own_bytes,
        count(*) FILTER (WHERE account = $1) AS own_files,
        coalesce(sum(size), 0)::bigint AS bytes, count(*) AS files
      FROM store_files WHERE account IS NOT NULL
      """, [.init(account)])[0]
    return UploadSums(
      ownBytes: try row.value("own_bytes"), ownFiles: try row.value("own_files"),
      bytes: try row.value("bytes"), files: try row.value("files"))
  }

  package func digest(of name: String) async throws -> String? {
    try await read { connection in
      try connection.query("SELECT digest FROM store_files WHERE name = $1", [.init(name)])
        .first?.optional("digest")
    }
  }

  package func uploads() async throws -> [Upload] {
    try await read { connection in
      try connection.query("SELECT * FROM store_files WHERE account IS NOT NULL").map { row in
        Upload(
          name: try row.value("name"), account: try row.value("account"),
          size: try row.value("size"), expires: try row.value("expires"))
      }
    }
  }

  package func files() async throws -> Set<String> {
    try await read { connection in
      Set(try connection.query("SELECT name FROM store_files").map { try $0.value("name") })
    }
  }

  package func expire(before now: Int64) async throws -> [String] {
    try await write { connection in
      try connection.query(
        "DELETE FROM store_files WHERE expires < $1 RETURNING name", [.init(now)]
      ).map { try $0.value("name", as: String.self) }
    }
  }
}

extension PostgreSQLTaskStore {
  package func tally() async throws -> StoreCounts {
    try await read { connection in
      StoreCounts(
        rows: try connection.query(Self.counting[0]).map { try StoreCounts.Row($0) },
        dueCallbacks: try connection.query(Self.counting[1])[0].value("n"),
        files: try connection.query(Self.counting[2])[0].value("n"))
    }
  }

  /// How tasks, callbacks and files are counted. What has not ended is few, and counted by an index.
  static let counting = [
    """
    SELECT facade, model, status, sum(n)::bigint AS n, sum(credits)::bigint AS credits,
      sum(milliseconds)::bigint AS milliseconds
    FROM (
      SELECT facade, model, status, tasks AS n, charged AS credits, milliseconds FROM store_counts
      UNION ALL SELECT facade, model, status, 1, 0, 0 FROM store_tasks WHERE status = 'pending'
      UNION ALL SELECT facade, model, status, 1, 0, 0 FROM store_tasks WHERE status = 'running'
    ) AS parts GROUP BY facade, model, status ORDER BY facade, model, status
    """,
    "SELECT count(*) AS n FROM store_tasks WHERE callback_due IS NOT NULL",
    "SELECT count(*) AS n FROM store_files WHERE account IS NULL OR size > 0",
  ]
}
