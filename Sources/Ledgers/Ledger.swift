import Core
import Files
import FoundationEssentials
import SQLite
import Synchronization

/// The durable record of every paid submission, written before and after it.
///
/// Each write is synced to the disk before the call returns, so that a kill at any moment leaves at
/// most one question: whether a submission that was about to be sent was sent. Such a one is
/// *ambiguous* and is never sent again by itself.
public final class Ledger: Sendable {
  /// How far a submission has come.
  public enum State: String, Sendable, Hashable, Codable, CaseIterable {
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
    /// The folder of the run that sent it, in a ledger that several share; nil in older ones.
    public var folder: String?
    /// What a credit costs in `currency`; nil where that is not known.
    public var rate: Double?
    /// A currency by its ISO 4217 code.
    public var currency: String?

    /// What it cost, or may cost, in credits: nothing where it was refused.
    public var paid: Double {
      switch state {
      case .refused: 0
      case .failed: credits ?? 0
      case .intended, .ambiguous, .accepted, .succeeded: credits ?? reserved ?? 0
      }
    }
  }

  /// What one swap costs.
  public struct Cost: Sendable, Hashable {
    /// Credits.
    public var credits: Double
    /// What a credit costs in `currency`.
    public var rate: Double?
    /// A currency by its ISO 4217 code.
    public var currency: String?

    /// A cost.
    public init(_ credits: Double, rate: Double? = nil, currency: String? = nil) {
      self.credits = credits
      self.rate = rate
      self.currency = currency
    }
  }

  /// Another run, which shares the ledger, is about to buy the same swap or has bought it.
  public struct BoughtElsewhere: Error {
    /// Another run is buying it, or has.
    public init() {}
  }

  /// Entries for whose changes room is needed.
  private struct Open {
    var numbers: Set<Int64> = []
    /// How many more are about to be written down.
    var coming = 0
  }

  /// The name of the run at hand.
  public let run: String
  /// What may be spent.
  public let budget: Budget
  /// The run's folder, whose work `Budget.run` limits; nil for a ledger without one.
  public let folder: String?
  /// Whether runs in other folders use the same ledger.
  public let isShared: Bool
  package let unwritten: UnwrittenChanges
  private let queue: CommitQueue
  private let faults: WriteFault
  private let journal: LedgerJournal?
  private let open = Mutex(Open())

  /// Opens, and makes where missing, the ledger of a run's folder, or the one at `path` that it shares
  /// with others.
  public convenience init(
    _ folder: RunFolder, at path: String? = nil, budget: Budget = Budget(),
    run: String = RandomToken.hex(bytes: 8)
  ) throws {
    let own = folder.state + "/ledger.sqlite"
    try self.init(
      .file(path ?? own), budget: budget, run: run, folder: folder.path,
      isShared: path.map { FileSystem.absolute($0) != own } ?? false)
  }

  /// Opens the ledger for the run that holds `folder`: room is set aside for what must not be lost,
  /// and what an earlier run has left there is taken over.
  package convenience init(
    holding folder: RunFolder, at path: String?, budget: Budget,
    run: String = RandomToken.hex(bytes: 8), faults: WriteFault = .shared
  ) throws {
    let own = folder.state + "/ledger.sqlite"
    try self.init(
      .file(path ?? own), budget: budget, run: run, folder: folder.path,
      isShared: path.map { FileSystem.absolute($0) != own } ?? false,
      journal: try LedgerJournal(Self.journal(in: folder, of: path)), faults: faults)
  }

  /// Where the changes are kept that the ledger at `path` could not take. Each ledger has its own:
  /// the numbers of its entries mean others elsewhere.
  static func journal(in folder: RunFolder, of path: String?) -> String {
    let own = folder.state + "/ledger.sqlite"
    guard let path = path.map({ FileSystem.absolute($0) }), path != own else {
      return folder.state + "/ledger.journal"
    }
    return folder.state + "/ledger-\(Digest(of: path).hex.prefix(16)).journal"
  }

  /// Opens a ledger anywhere, also in memory.
  package convenience init(
    _ location: Database.Location, budget: Budget = Budget(),
    run: String = RandomToken.hex(bytes: 8)
  ) throws {
    try self.init(location, budget: budget, run: run, folder: nil, isShared: false)
  }

  package init(
    _ location: Database.Location, budget: Budget, run: String, folder: String?, isShared: Bool,
    journal: LedgerJournal? = nil, faults: WriteFault = .none
  ) throws {
    self.budget = budget
    self.run = run
    self.folder = folder
    self.isShared = isShared
    self.journal = journal
    self.faults = faults
    unwritten = UnwrittenChanges(journal, faults: faults)
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
      if let journal, case let left = try journal.left(), !left.isEmpty {
        try database.transaction { for change in left { try change.apply(database) } }
        journal.clear()
      }
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
    let entry = try await queue.perform { database in
      try database.query(
        "SELECT * FROM swaps WHERE key = ? ORDER BY number DESC LIMIT 1", [.text(key.hex)]
      ).first.map(Entry.init)
    }
    return entry.map { unwritten.applied(to: $0) }
  }

  /// Every submission, oldest first.
  public func entries() async throws -> [Entry] {
    try await queue.perform { try $0.query("SELECT * FROM swaps ORDER BY number").map(Entry.init) }
  }

  /// The submissions of this folder that are in `state`, the longest ago first.
  public func entries(in state: State) async throws -> [Entry] {
    let (folder, isShared) = (folder, isShared)
    let entries = try await queue.perform { database in
      try database.query(
        """
        SELECT * FROM swaps WHERE state = ? AND (? OR folder IS ?) ORDER BY created
        """, [.text(state.rawValue), .int(isShared ? 0 : 1), SQLiteValue(folder)]
      ).map(Entry.init)
    }
    return entries.map { unwritten.applied(to: $0) }.filter { $0.state == state }
  }

  /// Hands every submission to `body`, oldest first, a few hundred in memory at a time.
  public func forEach(_ body: (Entry) throws -> Void) async throws {
    var last: Int64 = 0
    while true {
      let after = last
      let page = try await queue.perform { database in
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
  /// `cost` is what it will cost, nil where that is not known; `token` is what the address of its
  /// callback ends with; `after` is the newest entry of the key, as it was when the caller decided to
  /// buy. Throws an
  /// error of code `budget`, and records nothing, when that would be more than may be spent: however
  /// many ask at once, never one credit over. Throws `BoughtElsewhere` when another run that shares
  /// the ledger was quicker.
  public func intend(
    _ key: Digest, item: String, provider: String, model: String, cost: Cost? = nil,
    token: String? = nil, after: Entry? = nil
  ) async throws -> Int64 {
    try await makeReady()
    defer { open.withLock { $0.coming -= 1 } }
    let (budget, run, folder, isShared) = (budget, run, folder, isShared)
    let number: Int64 = try await transition { database in
      try database.transaction {
        if isShared { try Self.checkUnbought(key, after: after, database) }
        try Self.check(cost, against: budget, in: isShared ? folder : nil, database)
        let now = Date.now.timeIntervalSince1970
        let rows = try database.query(
          """
          INSERT INTO swaps(
            key, item, provider, model, state, reserved, run, token, created, updated, folder, rate,
            currency)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number
          """,
          [
            .text(key.hex), .text(item), .text(provider), .text(model),
            .text(State.intended.rawValue), SQLiteValue(cost?.credits), .text(run),
            SQLiteValue(token), .double(now), .double(now), SQLiteValue(folder),
            SQLiteValue(cost?.rate), SQLiteValue(cost?.currency),
          ])
        guard let row = rows.first else {
          throw SwaplineError(.internal, "The ledger took no entry.")
        }
        return try row.value("number")
      }
    }
    open.withLock { _ = $0.numbers.insert(number) }
    return number
  }

  /// Throws `BoughtElsewhere` when another run has gone on with the swap since `seen` was its newest
  /// entry: with a newer one, or with this one, which had come to nothing.
  private static func checkUnbought(_ key: Digest, after seen: Entry?, _ database: Database) throws
  {
    let isOver = seen.map { [.refused, .failed].contains($0.state) } ?? false
    let rows = try database.query(
      """
      SELECT number FROM swaps WHERE key = ? AND state NOT IN ('refused', 'failed')
        AND (number > ? OR (? AND number = ?)) LIMIT 1
      """,
      [
        .text(key.hex), .int(seen?.number ?? 0), .int(isOver ? 1 : 0), .int(seen?.number ?? 0),
      ])
    guard rows.isEmpty else { throw BoughtElsewhere() }
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
        .double(Date.now.timeIntervalSince1970 - submissionTime),
      ])
    guard rows.isEmpty else { throw BoughtElsewhere() }
  }

  /// Seconds in which a submission has its answer: intended longer ago, and its run was ended meanwhile.
  public static let submissionTime = 120.0

  /// Records that a submission which was refused, or which its provider takes once however often it
  /// comes, is about to be sent again. It counts from now on as this run's, on this day. Throws as
  /// `intend` does.
  public func intendAgain(_ number: Int64, cost: Cost?) async throws {
    try await makeReady()
    defer { open.withLock { $0.coming -= 1 } }
    let (budget, run, folder, isShared) = (budget, run, folder, isShared)
    try await transition { database in
      try database.transaction {
        if isShared { try Self.checkUntaken(number, by: folder, database) }
        // The entry's own price must not count beside itself.
        _ = try database.execute(
          "UPDATE swaps SET state = ? WHERE number = ?",
          [.text(State.refused.rawValue), .int(number)])
        try Self.check(cost, against: budget, in: isShared ? folder : nil, database)
        let now = Date.now.timeIntervalSince1970
        _ = try database.execute(
          """
          UPDATE swaps SET state = ?, reserved = ?, rate = ?, currency = ?, run = ?, folder = ?,
            created = ?, updated = ? WHERE number = ?
          """,
          [
            .text(State.intended.rawValue), SQLiteValue(cost?.credits), SQLiteValue(cost?.rate),
            SQLiteValue(cost?.currency), .text(run), SQLiteValue(folder), .double(now),
            .double(now), .int(number),
          ])
      }
    }
    open.withLock { _ = $0.numbers.insert(number) }
  }

  /// Sets room aside for everything that may have to be written about one more entry, which is counted
  /// as coming when this returns.
  private func makeReady() async throws {
    guard unwritten.isEmpty else {
      throw SwaplineError(
        .storage, "The record of an earlier swap could not be written, so no other is submitted.",
        hint: "Free some space and run the same command again.")
    }
    // Those that come at the same time need room as well.
    let entries = open.withLock { open in
      open.coming += 1
      return open.numbers.count + open.coming
    }
    guard let journal, !journal.holds(entries: entries) else { return }
    do {
      try await ThreadPool.disk.run { _ in try journal.reserve(entries: entries) }
    } catch {
      open.withLock { $0.coming -= 1 }
      guard let error = error as? SwaplineError else { throw error }
      throw SwaplineError(
        .storage, "There is no room for the record of another swap: \(error.message)",
        hint: "Free some space and run the same command again; this swap was not submitted.")
    }
  }

  /// What was spent, what is under way and what is in doubt counted at its price.
  public func spending() async throws -> Spending {
    let folder = isShared ? folder : nil
    return try await queue.perform { try Self.spending(in: folder, $0) }
  }

  /// What the tasks cost that ended in this run, whoever submitted them.
  public func charged() async throws -> Charge {
    let run = run
    return try await queue.perform { database in
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
  ///
  /// Returns when the change is on the disk. What the disk does not take is kept, told and tried again
  /// until it is written: the caller goes on with the task that it has paid for. See
  /// `whenUnwritten(_:)`.
  public func record(
    _ number: Int64, _ state: State, task: String? = nil, addresses: [String]? = nil,
    credits: Double? = nil, result: Media? = nil, message: String? = nil
  ) async throws {
    let hasEnded = [.succeeded, .failed].contains(state)
    let change = LedgerChange(
      number: number, state: state, task: task, addresses: addresses, credits: credits,
      result: result, message: message?.hidingQueries, settled: hasEnded ? run : nil,
      updated: Date.now.timeIntervalSince1970)
    if hasEnded || state == .refused { open.withLock { _ = $0.numbers.remove(number) } }
    guard unwritten.isEmpty else {
      return await keep(change, SwaplineError(.storage, "An earlier one could not be written."))
    }
    do {
      try await transition { try change.apply($0) }
    } catch let error as SwaplineError where error.code == .storage {
      await keep(change, error)
    }
  }

  private func keep(_ change: LedgerChange, _ error: SwaplineError) async {
    await unwritten.keep(change, because: error) { [self] change in
      try await transition { try change.apply($0) }
    }
  }

  /// Has `tell` told of each change that cannot be written, and why, as a line to keep by hand.
  public func whenUnwritten(_ tell: @escaping @Sendable (String, SwaplineError) -> Void) {
    unwritten.listen { change, error in
      // Addresses open a result to whoever reads them; the task's name is enough.
      var shown = change
      shown.addresses = nil
      tell((try? JSONText.line(shown)) ?? "", error)
    }
  }

  /// A change of an entry's state: the moments at which a kill must lose nothing.
  private func transition<Value: Sendable>(
    _ work: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    CrashPoint.shared.hit()
    defer { CrashPoint.shared.hit() }
    return try await queue.perform { [faults] database in
      try faults.pass()
      return try work(database)
    }
  }
}

extension Ledger.Entry {
  package init(_ row: Row) throws {
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
      updated: try row.value("updated"), folder: try row.optional("folder"),
      rate: try row.optional("rate"), currency: try row.optional("currency"))
  }
}

extension SwaplineError {
  package init(ledger error: SQLiteError) {
    let hint =
      switch error.kind {
      case .diskFull:
        "Free some space and run the same command again."
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
