import Core
import FoundationEssentials
import PostgreSQL

/// A ledger in a PostgreSQL database, for the runs of many machines.
///
/// Times are the server's, so that machines whose clocks differ agree on what is old; they are given out
/// as this machine's.
struct PostgreSQLLedger: LedgerStore {
  let queue: PostgreSQLQueue

  /// The ledger at `address`, which is connected to when it is first used: `left`, which an earlier run
  /// could not write, is applied then, and `taken` called.
  init(
    _ address: String, patience: Duration = .seconds(45), left: [LedgerChange] = [],
    taken: @escaping @Sendable () -> Void = {}
  ) {
    queue = PostgreSQLQueue(address, for: .ledger, patience: patience) { connection in
      try PostgreSQLSchema.tables.check(connection, at: address)
      guard !left.isEmpty else { return }
      try connection.transaction { for change in left { try Self.apply(change, connection) } }
      taken()
    }
  }

  func newest(of key: Digest) async throws -> Ledger.Entry? {
    try await queue.perform { connection in
      try Self.entries("WHERE key = $1 ORDER BY number DESC LIMIT 1", [.init(key.hex)], connection)
        .first
    }
  }

  func entries(after number: Int64, limit: Int) async throws -> [Ledger.Entry] {
    try await queue.perform { connection in
      try Self.entries(
        "WHERE number > $1 ORDER BY number LIMIT $2", [.init(number), .init(Int64(limit))],
        connection)
    }
  }

  func entries(in state: Ledger.State, of folder: String?) async throws -> [Ledger.Entry] {
    try await queue.perform { connection in
      try Self.entries(
        "WHERE state = $1 AND ($2::text IS NULL OR folder = $2) ORDER BY created",
        [.init(state.rawValue), .init(folder)], connection)
    }
  }

  func intend(
    _ intent: LedgerIntent, _ cost: Ledger.Cost?, by buyer: LedgerBuyer
  ) async throws -> Int64 {
    // By it the same intent is known again when its answer was lost on the way.
    let nonce = RandomToken.hex(bytes: 16)
    return try await queue.perform { connection in
      try Self.lock(intent.key.hex, connection)
      if let row = try connection.query(
        "SELECT number FROM swaps WHERE nonce = $1", [.init(nonce)]
      ).first {
        return try row.value("number")
      }
      if buyer.isShared { try Self.checkUnbought(intent, connection) }
      let row = try connection.query(
        """
        INSERT INTO swaps(
          key, item, provider, model, state, reserved, rate, currency, run, folder, token, nonce,
          created, updated)
        SELECT $1, $2, $3, $4, 'intended', $5, $6, $7, $8, $9, $10, $11, now, now
        FROM extract(epoch FROM clock_timestamp()) AS now RETURNING number
        """,
        [
          .init(intent.key.hex), .init(intent.item), .init(intent.provider), .init(intent.model),
          .init(cost?.credits), .init(cost?.rate), .init(cost?.currency), .init(buyer.run),
          .init(buyer.folder), .init(intent.token), .init(nonce),
        ]
      ).first
      guard let number: Int64 = try row?.value("number") else {
        throw SwaplineError(.internal, "The ledger took no entry.")
      }
      try Self.check(cost, by: buyer, connection)
      return number
    }
  }

  func intendAgain(_ number: Int64, _ cost: Ledger.Cost?, by buyer: LedgerBuyer) async throws {
    let nonce = RandomToken.hex(bytes: 16)
    try await queue.perform { connection in
      let row = try connection.query(
        "SELECT key, nonce FROM swaps WHERE number = $1", [.init(number)]
      ).first
      guard let row, try row.value("nonce") != nonce else { return }
      try Self.lock(row.value("key"), connection)
      if buyer.isShared { try Self.checkUntaken(number, by: buyer.folder, connection) }
      try connection.query(
        """
        UPDATE swaps SET state = 'intended', reserved = $2, rate = $3, currency = $4,
          run = $5, folder = $6, nonce = $7, created = now, updated = now
        FROM extract(epoch FROM clock_timestamp()) AS now WHERE number = $1
        """,
        [
          .init(number), .init(cost?.credits), .init(cost?.rate), .init(cost?.currency),
          .init(buyer.run), .init(buyer.folder), .init(nonce),
        ])
      try Self.check(cost, by: buyer, connection)
    }
  }

  func apply(_ change: LedgerChange) async throws {
    try await queue.perform { try Self.apply(change, $0) }
  }

  func spending(in scope: LedgerScope) async throws -> Spending {
    try await queue.perform { try Self.spending(in: scope, $0) }
  }

  func charged(by run: String, from folder: String?) async throws -> Charge {
    try await queue.perform { connection in
      var charge = Charge()
      for row in try connection.query(
        """
        SELECT sum(swap_paid(swaps)) AS credits, currency,
          sum(rate * swap_paid(swaps)::double precision) AS money
        FROM swaps WHERE settled = $1
          AND ($2::text IS NULL OR substr(folder, strpos(folder, '/')) = $2) GROUP BY currency
        """, [.init(run), .init(folder)])
      {
        charge.credits += try row.optional("credits", as: Double.self) ?? 0
        let currency: String? = try row.optional("currency")
        if let currency, let money: Double = try row.optional("money") {
          charge.money[currency, default: 0] += money
        }
      }
      return charge
    }
  }

  func lease(_ count: Int, of provider: String, every seconds: Double) async throws -> Double? {
    try await queue.perform { connection in
      try connection.query(
        """
        WITH clock AS (SELECT extract(epoch FROM clock_timestamp())::double precision AS now)
        INSERT INTO rates AS r(provider, next)
        SELECT $1, now + $2::double precision FROM clock
        ON CONFLICT (provider) DO UPDATE SET next =
          greatest(r.next, (SELECT now FROM clock)) + $2::double precision
        RETURNING next - $2::double precision - (SELECT now FROM clock) AS wait
        """, [.init(provider), .init(Double(count) * seconds)])[0].value("wait")
    }
  }

  /// Lets nobody else decide about this swap until the transaction ends.
  private static func lock(_ key: String, _ connection: PostgreSQLConnection) throws {
    try connection.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", [.init(key)])
  }

  /// Throws when the entry that was just written is more than may be spent: its price counts already,
  /// and what it is added to cannot change until the transaction ends.
  private static func check(
    _ cost: Ledger.Cost?, by buyer: LedgerBuyer, _ connection: PostgreSQLConnection
  ) throws {
    try buyer.budget.check(cost, in: buyer.scope) {
      var spent = try spending(in: buyer.scope, connection)
      let own = cost?.credits ?? 0
      (spent.run, spent.day, spent.month) = (spent.run - own, spent.day - own, spent.month - own)
      return spent
    }
  }

  private static func spending(
    in scope: LedgerScope, _ connection: PostgreSQLConnection
  ) throws -> Spending {
    let work =
      switch scope {
      case .everything: "1 all"
      case .folder(let folder): "4 folder \(folder)"
      case .run(let run): "5 run \(run)"
      }
    let row = try connection.query(
      """
      SELECT
        coalesce(sum(credits) FILTER (WHERE scope = $1), 0) AS run,
        coalesce(sum(credits) FILTER (WHERE scope LIKE '3 day %'), 0) AS day,
        coalesce(sum(credits) FILTER (WHERE scope LIKE '2 month %'), 0) AS month
      FROM spent WHERE scope IN (
        $1, '3 day ' || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
        '2 month ' || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM'))
      """, [.init(work)])[0]
    return Spending(
      run: try row.value("run"), day: try row.value("day"), month: try row.value("month"))
  }

  /// As `SQLiteLedger` does.
  private static func checkUnbought(
    _ intent: LedgerIntent, _ connection: PostgreSQLConnection
  ) throws {
    let isOver = intent.seen.map { [.refused, .failed].contains($0.state) } ?? false
    let rows = try connection.query(
      """
      SELECT number FROM swaps WHERE key = $1 AND state NOT IN ('refused', 'failed')
        AND (number > $2::bigint OR ($3::boolean AND number = $2::bigint)) LIMIT 1
      """, [.init(intent.key.hex), .init(intent.seen?.number ?? 0), .init(isOver)])
    guard rows.isEmpty else { throw Ledger.BoughtElsewhere() }
  }

  /// As `SQLiteLedger` does.
  private static func checkUntaken(
    _ number: Int64, by folder: String?, _ connection: PostgreSQLConnection
  ) throws {
    let rows = try connection.query(
      """
      SELECT mine.number FROM swaps AS mine WHERE mine.number = $1 AND (
        mine.state IN ('accepted', 'succeeded')
        OR (mine.state = 'intended' AND mine.folder IS DISTINCT FROM $2
          AND mine.updated > extract(epoch FROM clock_timestamp()) - $3::double precision)
        OR EXISTS (
          SELECT 1 FROM swaps AS other WHERE other.key = mine.key AND other.number > mine.number
            AND other.state NOT IN ('refused', 'failed')))
      """, [.init(number), .init(folder), .init(Ledger.submissionTime)])
    guard rows.isEmpty else { throw Ledger.BoughtElsewhere() }
  }

  private static func apply(_ change: LedgerChange, _ connection: PostgreSQLConnection) throws {
    let text = try change.text
    try connection.query(
      """
      UPDATE swaps SET state = $2, task = coalesce($3, task),
        addresses = coalesce($4, addresses), credits = coalesce($5, credits),
        result = coalesce($6, result), message = coalesce($7, message),
        settled = coalesce(settled, $8), updated = extract(epoch FROM clock_timestamp())
      WHERE number = $1
        AND NOT (state IN ('succeeded', 'failed', 'refused')
          AND $2 NOT IN ('succeeded', 'failed', 'refused'))
      """,
      [
        .init(change.number), .init(change.state.rawValue), .init(change.task),
        .init(text.addresses), .init(change.credits), .init(text.result), .init(change.message),
        .init(change.settled),
      ])
  }

  private static func entries(
    _ rest: String, _ values: [PostgreSQLValue], _ connection: PostgreSQLConnection
  ) throws -> [Ledger.Entry] {
    let now = Date.now.timeIntervalSince1970
    return try connection.query(
      "SELECT *, extract(epoch FROM clock_timestamp()) AS now FROM swaps \(rest)", values
    ).map { row in
      // The server's clock may differ.
      try Ledger.Entry(row, shift: now - (try row.value("now", as: Double.self)))
    }
  }
}
