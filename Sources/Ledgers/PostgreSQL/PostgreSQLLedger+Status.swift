import Core
import FoundationEssentials
import PostgreSQL

extension PostgreSQLLedger {
  func beat(_ name: String, _ report: WorkerReport, isLast: Bool) async throws {
    let text = try JSONText.line(report)
    try await queue.perform { connection in
      let known = try connection.query(
        """
        UPDATE workers SET report = $2, beat = now, ended = CASE WHEN $3::boolean THEN now END
        FROM extract(epoch FROM clock_timestamp()) AS now WHERE name = $1 RETURNING name
        """, [.init(name), .init(text), .init(isLast)])
      guard known.isEmpty else { return }
      try connection.query(
        """
        DELETE FROM workers
        WHERE beat < extract(epoch FROM clock_timestamp()) - $1::double precision
        """, [.init(WorkerTable.lifetime)])
      try connection.query(
        """
        INSERT INTO workers(name, report, started, beat, ended)
        SELECT $1, $2, now, now, CASE WHEN $3::boolean THEN now END
        FROM extract(epoch FROM clock_timestamp()) AS now ON CONFLICT (name) DO NOTHING
        """, [.init(name), .init(text), .init(isLast)])
    }
  }

  func facts() async throws -> LedgerFacts {
    try await queue.perform { connection in
      var facts = LedgerFacts()
      let now: Double = try connection.query(
        "SELECT extract(epoch FROM clock_timestamp())::double precision AS now")[0].value("now")
      for row in try connection.query("SELECT state, count(*) AS n FROM swaps GROUP BY state") {
        guard let state = Ledger.State(rawValue: try row.value("state")) else { continue }
        facts.swaps[state] = try row.value("n")
      }
      facts.held = try connection.query(
        """
        SELECT coalesce(sum(swap_paid(swaps)), 0) AS held FROM swaps
        WHERE state IN ('intended', 'ambiguous', 'accepted')
        """)[0].value("held")
      let spent = try connection.query(
        """
        SELECT coalesce(sum(credits) FILTER (WHERE scope = '1 all'), 0) AS total,
          coalesce(sum(credits) FILTER (WHERE scope LIKE '3 day %'), 0) AS day,
          coalesce(sum(credits) FILTER (WHERE scope LIKE '2 month %'), 0) AS month
        FROM spent WHERE scope IN (
          '1 all', '3 day ' || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
          '2 month ' || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM'))
        """)[0]
      facts.all = try spent.value("total")
      facts.today = try spent.value("day")
      facts.month = try spent.value("month")
      // The newest ones only: more than these no provider takes in a minute.
      for row in try connection.query(
        """
        SELECT provider, count(*) AS n FROM (
          SELECT provider, created FROM swaps ORDER BY number DESC LIMIT 20000) AS newest
        WHERE created > $1 GROUP BY provider
        """, [.init(now - 60)])
      {
        facts.lastMinute[try row.value("provider")] = try row.value("n")
      }
      facts.workers = try connection.query("SELECT * FROM workers").map {
        try LedgerStatus.Worker($0, now: now)
      }
      let shift = Date.now.timeIntervalSince1970 - now
      facts.inDoubt = try connection.query(
        """
        SELECT * FROM swaps WHERE state = 'ambiguous'
          OR (state = 'intended' AND updated < $1::double precision)
        ORDER BY created LIMIT \(LedgerFacts.mostInDoubt)
        """, [.init(now - Ledger.submissionTime)]
      ).map { try Ledger.Entry($0, shift: shift) }
      return facts
    }
  }
}
