import Core
import FoundationEssentials
import SQLite

/// The durable record of every paid submission, written before and after it.
///
/// Each write is synced to the disk before the call returns, so that a kill at any moment leaves at
/// most one question: whether a submission that was about to be sent was sent. Such a one is
/// *ambiguous* and is never sent again by itself.
public final class Ledger: Sendable {
  /// How far a submission has come.
  public enum State: String, Sendable, Hashable, Codable {
    /// About to be sent; found so by a later run, it may have been charged.
    case intended
    /// Sent, and no answer told whether the provider took it: it may have been charged.
    case ambiguous
    /// The provider has the task.
    case accepted
    /// The result is on our disk.
    case succeeded
    /// The provider took the task and failed.
    case failed
    /// The provider refused it, or no byte was sent: nothing was charged.
    case refused
  }

  /// One submission.
  public struct Entry: Sendable, Hashable, Codable {
    /// The entry's number.
    public var number: Int64
    /// What makes two swaps the same: see `Ledger.key`.
    public var key: Digest
    /// The item that asked for it first.
    public var item: String
    /// The provider's name.
    public var provider: String
    /// The provider's model.
    public var model: String
    /// How far it has come.
    public var state: State
    /// The provider's name for the task, once it is known.
    public var task: String?
    /// Where the provider keeps the result for a limited time, once it has said so.
    public var addresses: [String]?
    /// What it cost, in the provider's credits, where the provider says.
    public var credits: Double?
    /// What it was expected to cost when it was sent; nil where nobody knew.
    public var reserved: Double?
    /// The run that sent it; nil for entries of older versions.
    public var run: String?
    /// What the address of its callback ends with; nil where none was given.
    public var token: String?
    /// The result's facts, once it is on our disk.
    public var result: Media?
    /// What went wrong, when something did.
    public var message: String?
    /// Seconds since 1970 of the intent.
    public var created: Double
    /// Seconds since 1970 of the last change.
    public var updated: Double
  }

  /// The name of the run at hand.
  public let run: String
  /// What may be spent.
  public let budget: Budget
  private let queue: CommitQueue

  /// Opens, and makes where missing, the ledger of a run's folder.
  public convenience init(
    _ folder: RunFolder, budget: Budget = Budget(), run: String = Token.random(bytes: 8)
  ) throws {
    try self.init(.file(folder.state + "/ledger.sqlite"), budget: budget, run: run)
  }

  /// Opens a ledger anywhere, also in memory.
  public init(
    _ location: Database.Location, budget: Budget = Budget(), run: String = Token.random(bytes: 8)
  ) throws {
    self.budget = budget
    self.run = run
    do {
      let database = try Database(location, durability: .full)
      queue = CommitQueue(database, name: "ledger")
      try database.migrate([
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
      ])
    } catch let error as SQLiteError {
      throw SwaplineError(ledger: error)
    }
  }

  /// What makes two swaps the same: the digests of scene and face as submitted, the parameters, the
  /// provider and its model.
  public static func key(
    scene: Digest, face: Digest, provider: String, model: String, parameters: String
  ) -> Digest {
    Digest(of: [scene.hex, face.hex, provider, model, parameters].joined(separator: "\n"))
  }

  /// The newest submission of a swap; nil when it was never submitted.
  public func newest(of key: Digest) async throws -> Entry? {
    try await perform { database in
      try database.query(
        "SELECT * FROM swaps WHERE key = ? ORDER BY number DESC LIMIT 1", [.text(key.hex)]
      ).first.map(Entry.init)
    }
  }

  /// Every submission, oldest first.
  public func entries() async throws -> [Entry] {
    try await perform { try $0.query("SELECT * FROM swaps ORDER BY number").map(Entry.init) }
  }

  /// The submissions that are in `state`, the longest ago first.
  public func entries(in state: State) async throws -> [Entry] {
    try await perform { database in
      try database.query(
        "SELECT * FROM swaps WHERE state = ? ORDER BY created", [.text(state.rawValue)]
      ).map(Entry.init)
    }
  }

  /// Hands every submission to `body`, oldest first, a few hundred in memory at a time.
  public func forEach(_ body: (Entry) throws -> Void) async throws {
    var last: Int64 = 0
    while true {
      let after = last
      let page = try await perform { database in
        try database.query(
          "SELECT * FROM swaps WHERE number > ? ORDER BY number LIMIT 500", [.int(after)]
        ).map(Entry.init)
      }
      guard let end = page.last else { return }
      for entry in page { try body(entry) }
      last = end.number
    }
  }

  /// Records that a swap is about to be submitted, and gives the entry's number.
  ///
  /// `price` is what it will cost, nil where nobody knows; `token` is what the address of its callback
  /// ends with. Throws an error of code `budget`, and records nothing, when that would be more than
  /// may be spent: however many ask at once, never one credit over.
  public func intend(
    _ key: Digest, item: String, provider: String, model: String, price: Double? = nil,
    token: String? = nil
  ) async throws -> Int64 {
    let (budget, run) = (budget, run)
    return try await transition { database in
      try database.transaction {
        try Self.check(price, against: budget, run: run, database)
        let now = Date.now.timeIntervalSince1970
        let rows = try database.query(
          """
          INSERT INTO swaps(
            key, item, provider, model, state, reserved, run, token, created, updated)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number
          """,
          [
            .text(key.hex), .text(item), .text(provider), .text(model),
            .text(State.intended.rawValue), SQLiteValue(price), .text(run), SQLiteValue(token),
            .double(now), .double(now),
          ])
        guard let row = rows.first else {
          throw SwaplineError(.internal, "The ledger took no entry.")
        }
        return try row.value("number")
      }
    }
  }

  /// Records that a submission which was refused, or which its provider takes once however often it
  /// comes, is about to be sent again. Throws as `intend` does.
  public func intendAgain(_ number: Int64, price: Double?) async throws {
    let (budget, run) = (budget, run)
    try await transition { database in
      try database.transaction {
        // The entry's own price must not count beside itself.
        _ = try database.execute(
          "UPDATE swaps SET state = ? WHERE number = ?",
          [.text(State.refused.rawValue), .int(number)])
        try Self.check(price, against: budget, run: run, database)
        _ = try database.execute(
          "UPDATE swaps SET state = ?, reserved = ?, updated = ? WHERE number = ?",
          [
            .text(State.intended.rawValue), SQLiteValue(price),
            .double(Date.now.timeIntervalSince1970), .int(number),
          ])
      }
    }
  }

  /// What was spent, what is under way and what is in doubt counted at its price.
  public func spending() async throws -> Spending {
    let run = run
    return try await perform { try Self.spending(run, $0) }
  }

  /// What the tasks cost that ended in this run, whoever submitted them.
  public func charged() async throws -> Charge {
    let run = run
    return try await perform { database in
      let rows = try database.query(
        """
        SELECT coalesce(sum(\(Self.paid)), 0) AS credits, currency,
          sum(rate * \(Self.paid)) AS money
        FROM swaps WHERE settled = ? GROUP BY currency
        """, [.text(run)])
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

  /// Records how an entry went on. What is nil stays as it was.
  public func record(
    _ number: Int64, _ state: State, task: String? = nil, addresses: [String]? = nil,
    credits: Double? = nil, result: Media? = nil, message: String? = nil
  ) async throws {
    let addressText = try addresses.map { try JSONText.line($0) }
    let resultText = try result.map { try JSONText.line($0) }
    let settled = [.succeeded, .failed].contains(state) ? run : nil
    try await transition { database in
      _ = try database.execute(
        """
        UPDATE swaps SET state = ?, task = coalesce(?, task),
          addresses = coalesce(?, addresses), credits = coalesce(?, credits),
          result = coalesce(?, result), message = coalesce(?, message),
          settled = coalesce(settled, ?), updated = ?
        WHERE number = ?
        """,
        [
          .text(state.rawValue), SQLiteValue(task), SQLiteValue(addressText), SQLiteValue(credits),
          SQLiteValue(resultText), SQLiteValue(message?.hidingQueries), SQLiteValue(settled),
          .double(Date.now.timeIntervalSince1970), .int(number),
        ])
    }
  }

  /// A change of an entry's state: the moments at which a kill must lose nothing.
  private func transition<Value: Sendable>(
    _ work: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    SuddenEnd.shared.pass()
    defer { SuddenEnd.shared.pass() }
    return try await perform(work)
  }

  private func perform<Value: Sendable>(
    _ work: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    do {
      return try await queue.perform(work)
    } catch let error as SQLiteError {
      throw SwaplineError(ledger: error)
    }
  }
}

extension Ledger.Entry {
  fileprivate init(_ row: Row) throws {
    let key: String = try row.value("key")
    let state: String = try row.value("state")
    guard let digest = Digest(hex: key), let known = Ledger.State(rawValue: state) else {
      throw SwaplineError(
        .damaged, "The ledger holds an entry that this version cannot read.",
        hint: "Use the version of swapline that wrote it.")
    }
    let result: String? = try row.optional("result")
    let addresses: String? = try row.optional("addresses")
    self.init(
      number: try row.value("number"), key: digest, item: try row.value("item"),
      provider: try row.value("provider"), model: try row.value("model"), state: known,
      task: try row.optional("task"),
      addresses: try addresses.map { try JSONText.decode([String].self, from: $0.utf8) },
      credits: try row.optional("credits"), reserved: try row.optional("reserved"),
      run: try row.optional("run"), token: try row.optional("token"),
      result: try result.map { try JSONText.decode(Media.self, from: $0.utf8) },
      message: try row.optional("message"), created: try row.value("created"),
      updated: try row.value("updated"))
  }
}

extension SwaplineError {
  init(ledger error: SQLiteError) {
    let hint =
      switch error.kind {
      case .diskFull:
        "Free some space and run the same command again; nothing was submitted without a record."
      case .damaged:
        "Bring .swapline/ledger.sqlite back from a backup, or name another folder with --out, "
          + "where everything is bought again."
      default: "Check the folder .swapline in the run's folder."
      }
    self.init(
      error.kind == .damaged ? .damaged : .storage,
      "The run's record cannot be read or written: \(error.message).", hint: hint)
  }
}
