import FoundationEssentials
import SQLite

extension SQLiteLedger {
  func keep(callback body: String, for token: String) async throws -> Bool {
    try await queue.perform { database in
      let known = try database.query("SELECT 1 FROM swaps WHERE token = ? LIMIT 1", [.text(token)])
      guard !known.isEmpty else { return false }
      let now = Date.now.timeIntervalSince1970
      try database.execute(
        "DELETE FROM callbacks WHERE told < ?", [.double(now - CallbackTable.lifetime)])
      try database.execute(
        "INSERT OR IGNORE INTO callbacks(token, body, told) VALUES (?, ?, ?)",
        [.text(token), .text(body), .double(now)])
      return true
    }
  }

  func callback(for token: String) async throws -> String? {
    try await queue.perform { database in
      try database.query("SELECT body FROM callbacks WHERE token = ?", [.text(token)])
        .first?.value("body")
    }
  }
}
