import Core
import FoundationEssentials
import SQLite

/// A ledger in an SQLite database: one file, for the runs of one machine.
struct SQLiteLedger: LedgerStore {
  let queue: CommitQueue
  private let faults: WriteFault

  /// Opens the ledger at `location`, made where it is missing, and applies `left` to it, which an earlier
  /// run could not.
  init(_ location: Database.Location, faults: WriteFault, left: [LedgerChange]) throws {
    self.faults = faults
    do {
      let database = try Database(location, durability: .full)
      queue = CommitQueue(database, name: "ledger")
      try database.migrate(Self.schema)
      if !left.isEmpty {
        try database.transaction { for change in left { try Self.apply(change, database) } }
      }
    } catch let error as SQLiteError {
      throw SwaplineError(ledger: error)
    }
  }

  private static let schema = [
    """
    CREATE TABLE swaps(
      number INTEGER PRIMARY KEY, key TEXT NOT NULL, item TEXT NOT NULL,
      provider TEXT NOT NULL, model TEXT NOT NULL, state TEXT NOT NULL, task TEXT,
      credits REAL, result TEXT, message TEXT, created REAL NOT NULL, updated REAL NOT NULL
    ) STRICT;
    CREATE INDEX swaps_by_key ON swaps(key);
    """,
    "ALTER TABLE swaps ADD COLUMN addresses TEXT;",
    """
    ALTER TABLE swaps ADD COLUMN reserved REAL;
    ALTER TABLE swaps ADD COLUMN run TEXT;
    ALTER TABLE swaps ADD COLUMN token TEXT;
    CREATE INDEX swaps_by_run ON swaps(run);
    CREATE INDEX swaps_by_day ON swaps(created);
    """,
    """
    ALTER TABLE swaps ADD COLUMN settled TEXT;
    ALTER TABLE swaps ADD COLUMN folder TEXT;
    ALTER TABLE swaps ADD COLUMN rate REAL;
    ALTER TABLE swaps ADD COLUMN currency TEXT;
    CREATE INDEX swaps_by_folder ON swaps(folder);
    CREATE INDEX swaps_by_settled ON swaps(settled);
    """,
    WorkerTable.sqlite,
    CallbackTable.sqlite,
  ]

  func newest(of key: Digest) async throws -> Ledger.Entry? {
    try await queue.perform { database in
      try database.query(
        "SELECT * FROM swaps WHERE key = ? ORDER BY number DESC LIMIT 1", [.text(key.hex)]
      ).first.map { try Ledger.Entry($0) }
    }
  }

  func entries(after number: Int64, limit: Int) async throws -> [Ledger.Entry] {
    try await queue.perform { database in
      try database.query(
        "SELECT * FROM swaps WHERE number > ? ORDER BY number LIMIT ?",
        [.int(number), .int(Int64(limit))]
      ).map { try Ledger.Entry($0) }
    }
  }

  func entries(in state: Ledger.State, of folder: String?) async throws -> [Ledger.Entry] {
    try await queue.perform { database in
      try database.query(
        "SELECT * FROM swaps WHERE state = ? AND (? OR folder IS ?) ORDER BY created",
        [.text(state.rawValue), .int(folder == nil ? 1 : 0), SQLiteValue(folder)]
      ).map { try Ledger.Entry($0) }
    }
  }

  func intend(
    _ intent: LedgerIntent, _ cost: Ledger.Cost?, by buyer: LedgerBuyer
  ) async throws -> Int64 {
    try await transition { database in
      try database.transaction {
        if buyer.isShared { try Self.checkUnbought(intent, database) }
        try buyer.budget.check(cost, in: buyer.scope) {
          try Self.spending(in: buyer.scope, database)
        }
        let now = Date.now.timeIntervalSince1970
        let rows = try database.query(
          """
          INSERT INTO swaps(
            key, item, provider, model, state, reserved, run, token, created, updated, folder, rate,
            currency)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number
          """,
          [
            .text(intent.key.hex), .text(intent.item), .text(intent.provider), .text(intent.model),
            .text(Ledger.State.intended.rawValue), SQLiteValue(cost?.credits),
            .text(buyer.run), SQLiteValue(intent.token), .double(now), .double(now),
            SQLiteValue(buyer.folder), SQLiteValue(cost?.rate),
            SQLiteValue(cost?.currency),
          ])
        guard let row = rows.first else {
          throw SwaplineError(.internal, "The ledger took no entry.")
        }
        return try row.value("number")
      }
    }
  }

  func intendAgain(
    _ number: Int64, _ cost: Ledger.Cost?, by buyer: LedgerBuyer
  ) async throws {
    try await transition { database in
      try database.transaction {
        if buyer.isShared { try Self.checkUntaken(number, by: buyer.folder, database) }
        // The entry's own price must not count beside itself.
        _ = try database.execute(
          "UPDATE swaps SET state = ? WHERE number = ?",
          [.text(Ledger.State.refused.rawValue), .int(number)])
        try buyer.budget.check(cost, in: buyer.scope) {
          try Self.spending(in: buyer.scope, database)
        }
        let now = Date.now.timeIntervalSince1970
        _ = try database.execute(
          """
          UPDATE swaps SET state = ?, reserved = ?, rate = ?, currency = ?, run = ?, folder = ?,
            created = ?, updated = ? WHERE number = ?
          """,
          [
            .text(Ledger.State.intended.rawValue), SQLiteValue(cost?.credits),
            SQLiteValue(cost?.rate), SQLiteValue(cost?.currency), .text(buyer.run),
            SQLiteValue(buyer.folder), .double(now), .double(now), .int(number),
          ])
      }
    }
  }

  func apply(_ change: LedgerChange) async throws {
    try await transition { try Self.apply(change, $0) }
  }

  func spending(in scope: LedgerScope) async throws -> Spending {
    try await queue.perform { try Self.spending(in: scope, $0) }
  }

  func charged(by run: String, from folder: String?) async throws -> Charge {
    try await queue.perform { database in
      let rows = try database.query(
        """
        SELECT coalesce(sum(\(Self.paid)), 0) AS credits, currency,
          sum(rate * \(Self.paid)) AS money
        FROM swaps WHERE settled = ? AND (? OR folder IS ?) GROUP BY currency
        """, [.text(run), .int(folder == nil ? 1 : 0), SQLiteValue(folder)])
      var charge = Charge()
      for row in rows {
        charge.credits += try row.value("credits", as: Double.self)
        let currency: String? = try row.optional("currency")
        if let currency, let money: Double = try row.optional("money") {
          charge.money[currency, default: 0] += money
        }
      }
      return charge
    }
  }

  // Runs of one machine have keys and rates of their own as a rule, and are few.
  func lease(_ count: Int, of provider: String, every seconds: Double) async throws -> Double? {
    nil
  }

  private func transition<Value: Sendable>(
    _ work: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    try await queue.perform { [faults] database in
      try faults.pass()
      return try work(database)
    }
  }

  /// What an entry costs, as SQL: see `Entry.paid`.
  static let paid = """
    CASE state WHEN 'failed' THEN coalesce(credits, 0) WHEN 'refused' THEN 0
      ELSE coalesce(credits, reserved, 0) END
    """

  private static func spending(in scope: LedgerScope, _ database: Database) throws -> Spending {
    let sum = "SELECT coalesce(sum(\(paid)), 0) AS spent FROM swaps WHERE state != 'refused' AND"
    let now = Date.now.timeIntervalSince1970
    func since(_ start: Double) throws -> Double {
      try database.query(sum + " created >= ?", [.double(start)])[0].value("spent")
    }
    let work =
      switch scope {
      case .everything: try database.query(sum + " 1")
      case .folder(let folder): try database.query(sum + " folder = ?", [.text(folder)])
      case .run(let run): try database.query(sum + " run = ?", [.text(run)])
      }
    return Spending(
      run: try work[0].value("spent"), day: try since(UTCDay.start(now)),
      month: try since(UTCDay.monthsStart(now)))
  }

  /// Throws `BoughtElsewhere` when another run has gone on with the swap since `seen` was its newest
  /// entry: with a newer one, or with this one, which had come to nothing.
  private static func checkUnbought(_ intent: LedgerIntent, _ database: Database) throws {
    let seen = intent.seen
    let isOver = seen.map { [.refused, .failed].contains($0.state) } ?? false
    let rows = try database.query(
      """
      SELECT number FROM swaps WHERE key = ? AND state NOT IN ('refused', 'failed')
        AND (number > ? OR (? AND number = ?)) LIMIT 1
      """,
      [
        .text(intent.key.hex), .int(seen?.number ?? 0), .int(isOver ? 1 : 0),
        .int(seen?.number ?? 0),
      ])
    guard rows.isEmpty else { throw Ledger.BoughtElsewhere() }
  }

  /// Throws `BoughtElsewhere` when another run has sent this entry again, has bought its swap in a
  /// newer one, or has its task.
  private static func checkUntaken(
    _ number: Int64, by folder: String?, _ database: Database
  ) throws {
    let rows = try database.query(
      """
      SELECT mine.number FROM swaps AS mine WHERE mine.number = ? AND (
        mine.state IN ('accepted', 'succeeded')
        OR (mine.state = 'intended' AND mine.folder IS NOT ? AND mine.updated > ?)
        OR EXISTS (
          SELECT 1 FROM swaps AS other WHERE other.key = mine.key AND other.number > mine.number
            AND other.state NOT IN ('refused', 'failed')))
      """,
      [
        .int(number), SQLiteValue(folder),
        .double(Date.now.timeIntervalSince1970 - Ledger.submissionTime),
      ])
    guard rows.isEmpty else { throw Ledger.BoughtElsewhere() }
  }

  private static func apply(_ change: LedgerChange, _ database: Database) throws {
    let text = try change.text
    _ = try database.execute(
      """
      UPDATE swaps SET state = ?, task = coalesce(?, task),
        addresses = coalesce(?, addresses), credits = coalesce(?, credits),
        result = coalesce(?, result), message = coalesce(?, message),
        settled = coalesce(settled, ?), updated = ?
      WHERE number = ?
        AND NOT (state IN ('succeeded', 'failed', 'refused')
          AND ? NOT IN ('succeeded', 'failed', 'refused'))
      """,
      [
        .text(change.state.rawValue), SQLiteValue(change.task), SQLiteValue(text.addresses),
        SQLiteValue(change.credits), SQLiteValue(text.result), SQLiteValue(change.message),
        SQLiteValue(change.settled), .double(change.updated), .int(change.number),
        .text(change.state.rawValue),
      ])
  }
}

extension SwaplineError {
  package init(ledger error: SQLiteError) {
    let hint =
      switch error.kind {
      case .diskFull:
        "Free some space and run the same command again."
      case .damaged:
        "Restore .swapline/ledger.sqlite from a backup, or name another folder with --out, "
          + "where everything is bought again."
      default: "Check the folder .swapline in the run's folder."
      }
    self.init(
      error.kind == .damaged ? .damaged : .storage,
      "The run's record cannot be read or written: \(error.message).", hint: hint)
  }
}
