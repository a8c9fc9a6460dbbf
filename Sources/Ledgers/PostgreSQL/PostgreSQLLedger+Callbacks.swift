import PostgreSQL

extension PostgreSQLLedger {
  func keep(callback body: String, for token: String) async throws -> Bool {
    try await queue.perform { connection in
      let known = try connection.query(
        "SELECT 1 FROM swaps WHERE token = $1 LIMIT 1", [.init(token)])
      guard !known.isEmpty else { return false }
      try connection.query(
        "DELETE FROM callbacks WHERE told < extract(epoch FROM clock_timestamp()) - $1::double precision",
        [.init(CallbackTable.lifetime)])
      try connection.query(
        """
        INSERT INTO callbacks(token, body, told)
        VALUES ($1, $2, extract(epoch FROM clock_timestamp())) ON CONFLICT (token) DO NOTHING
        """, [.init(token), .init(body)])
      return true
    }
  }

  func callback(for token: String) async throws -> String? {
    try await queue.perform { connection in
      try connection.query("SELECT body FROM callbacks WHERE token = $1", [.init(token)])
        .first?.value("body")
    }
  }
}
