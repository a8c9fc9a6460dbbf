import Core
import FoundationEssentials
import SQLite

extension SQLiteLedger {
  func beat(_ name: String, _ report: WorkerReport, isLast: Bool) async throws {
    let text = try JSONText.line(report)
    try await queue.perform { database in
      let now = Date.now.timeIntervalSince1970
      try database.execute(
        "DELETE FROM workers WHERE beat < ?", [.double(now - WorkerTable.lifetime)])
      try database.execute(
        """
        INSERT INTO workers(name, report, started, beat, ended) VALUES (?1, ?2, ?3, ?3, ?4)
        ON CONFLICT (name) DO UPDATE SET report = ?2, beat = ?3, ended = ?4
        """, [.text(name), .text(text), .double(now), isLast ? .double(now) : .null])
    }
  }

  func facts() async throws -> LedgerFacts { try await queue.perform { try Self.facts($0) } }

  /// What `database` knows, as it was written by any version.
  static func facts(_ database: Database, columns: String = "*") throws -> LedgerFacts {
    var facts = LedgerFacts()
    let now = Date.now.timeIntervalSince1970
    for row in try database.query("SELECT state, count(*) AS n FROM swaps GROUP BY state") {
      guard let state = Ledger.State(rawValue: try row.value("state")) else { continue }
      facts.swaps[state] = try row.value("n")
    }
    let sums = try database.query(
      """
      SELECT coalesce(sum(paid), 0.0) AS total,
        coalesce(sum(paid) FILTER (WHERE created >= ?1), 0.0) AS day,
        coalesce(sum(paid) FILTER (WHERE created >= ?2), 0.0) AS month,
        coalesce(sum(paid) FILTER (WHERE state IN ('intended', 'ambiguous', 'accepted')), 0.0)
          AS held
      FROM (SELECT state, created, \(paid) AS paid FROM (SELECT \(columns) FROM swaps))
      """, [.double(UTCDay.start(now)), .double(UTCDay.monthsStart(now))])[0]
    facts.all = try sums.value("total")
    facts.today = try sums.value("day")
    facts.month = try sums.value("month")
    facts.held = try sums.value("held")
    for row in try database.query(
      "SELECT provider, count(*) AS n FROM swaps WHERE created > ? GROUP BY provider",
      [.double(now - 60)])
    {
      facts.lastMinute[try row.value("provider")] = try row.value("n")
    }
    let tables = try database.query("SELECT name FROM sqlite_master WHERE name = 'workers'")
    if !tables.isEmpty {
      facts.workers = try database.query("SELECT * FROM workers").map {
        try LedgerStatus.Worker($0, now: now)
      }
    }
    facts.inDoubt = try database.query(
      """
      SELECT \(columns) FROM swaps WHERE state = 'ambiguous'
        OR (state = 'intended' AND updated < ?)
      ORDER BY created LIMIT \(LedgerFacts.mostInDoubt)
      """, [.double(now - Ledger.submissionTime)]
    ).map { try Ledger.Entry($0) }
    return facts
  }
}
