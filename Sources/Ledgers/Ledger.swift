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
  /// What the run's folder is called in the ledger; nil for a ledger without one. `Budget.run` limits its
  /// work.
  public let folder: String?
  /// Whether runs in other folders use the same ledger.
  public let isShared: Bool
  package let unwritten: UnwrittenChanges
  private let store: any LedgerStore
  private let rate: SharedRate
  private let scope: LedgerScope
  private let journal: LedgerJournal?
  private let open = Mutex(Open())

  /// Opens, and makes where missing, the ledger of a run's folder, or the one at `path` that it shares
  /// with others: a file, or `postgres://user@host/database`.
  ///
  /// `name` is that of the run, where several runs have it: then `budget.run` limits what all of them
  /// spend. Without one it has a name that no other run has.
  public convenience init(
    _ folder: RunFolder, at path: String? = nil, budget: Budget = Budget(), name: String? = nil
  ) throws {
    try self.init(
      Site(of: folder, at: path), budget: budget, name: name, journal: nil, faults: .none)
  }

  /// Opens the ledger for the run that holds `folder`: room is set aside for what must not be lost,
  /// and what an earlier run has left there is taken over. `name` is as above.
  package convenience init(
    holding folder: RunFolder, at path: String?, budget: Budget, name: String? = nil,
    faults: WriteFault = .shared
  ) throws {
    let site = Site(of: folder, at: path)
    try site.place.check(isShared: site.isShared)
    if site.isShared { try LedgersOfFolder(folder).note(site.place) }
    try self.init(
      site, budget: budget, name: name, journal: try LedgerJournal(site.journal(in: folder)),
      faults: faults)
  }

  /// Opens a ledger anywhere, also in memory.
  package init(
    _ location: Database.Location, budget: Budget = Budget(),
    run: String = RandomToken.hex(bytes: 8)
  ) throws {
    (self.budget, self.run, folder, isShared, journal) = (budget, run, nil, false, nil)
    scope = .everything
    unwritten = UnwrittenChanges(nil, faults: .none)
    store = try SQLiteLedger(location, faults: .none, left: [])
    rate = SharedRate(store)
  }

  private init(
    _ site: Site, budget: Budget, name: String?, journal: LedgerJournal?, faults: WriteFault
  ) throws {
    (self.budget, self.journal) = (budget, journal)
    run = name ?? RandomToken.hex(bytes: 8)
    (folder, isShared) = (site.folder, site.isShared)
    scope = name.map { .run($0) } ?? (isShared ? .folder(site.folder) : .everything)
    try site.place.check(isShared: site.isShared)
    unwritten = UnwrittenChanges(journal, faults: faults)
    let left = try journal?.left() ?? []
    switch site.place {
    case .file(let path):
      store = try SQLiteLedger(.file(path), faults: faults, left: left)
      if !left.isEmpty { journal?.clear() }
    case .postgres(let address):
      store = PostgreSQLLedger(address, left: left) { journal?.clear() }
    }
    rate = SharedRate(store)
  }

  /// A ledger's place as a run's folder sees it.
  struct Site {
    let place: LedgerPlace
    let isShared: Bool
    /// What the folder is called in the ledger.
    let folder: String

    /// The place at `path`, or in `folder` itself.
    init(of folder: RunFolder, at path: String?) {
      let own = LedgerPlace(folder.state + "/ledger.sqlite")
      place = path.map { LedgerPlace($0) } ?? own
      isShared = place != own
      // Several machines may have a folder of the same path.
      if case .postgres = place {
        self.folder = "\(ProcessInfo.processInfo.hostName):\(folder.path)"
      } else {
        self.folder = folder.path
      }
    }

    /// Where the changes are kept that the ledger could not take. Each ledger has its own: the numbers
    /// of its entries mean others elsewhere.
    func journal(in folder: RunFolder) -> String {
      guard isShared else { return folder.state + "/ledger.journal" }
      return folder.state + "/ledger-\(Digest(of: place.shown).hex.prefix(16)).journal"
    }
  }

  /// The path of a folder by its name in a ledger.
  package static func path(ofFolder name: String) -> String {
    name.firstIndex(of: "/").map { String(name[$0...]) } ?? name
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
    try await store.newest(of: key).map { unwritten.applied(to: $0) }
  }

  /// Every submission, oldest first.
  public func entries() async throws -> [Entry] {
    var entries: [Entry] = []
    try await forEach { entries.append($0) }
    return entries
  }

  /// The submissions of this folder that are in `state`, the longest ago first.
  public func entries(in state: State) async throws -> [Entry] {
    try await store.entries(in: state, of: isShared ? folder : nil)
      .map { unwritten.applied(to: $0) }.filter { $0.state == state }
  }

  /// Hands every submission to `body`, oldest first, a few hundred in memory at a time.
  public func forEach(_ body: (Entry) throws -> Void) async throws {
    var last: Int64 = 0
    while true {
      let page = try await store.entries(after: last, limit: 500)
      guard let end = page.last else { return }
      for entry in page { try body(entry) }
      last = end.number
    }
  }

  /// Records that a swap is about to be submitted, and gives the entry's number.
  ///
  /// `cost` is what it will cost, nil where that is not known; `token` is what the address of its
  /// callback ends with; `after` is the newest entry of the key, as it was when the caller decided to
  /// buy. Throws an error of code `budget`, and records nothing, when that would be more than may be spent: however
  /// many ask at once, never one credit over. Throws `BoughtElsewhere` when another run that shares
  /// the ledger was quicker.
  public func intend(
    _ key: Digest, item: String, provider: String, model: String, cost: Cost? = nil,
    token: String? = nil, after seen: Entry? = nil
  ) async throws -> Int64 {
    try await makeReady()
    defer { open.withLock { $0.coming -= 1 } }
    let intent = LedgerIntent(
      key: key, item: item, provider: provider, model: model, token: token, seen: seen)
    let number = try await transition { [buyer] in try await $0.intend(intent, cost, by: buyer) }
    open.withLock { _ = $0.numbers.insert(number) }
    return number
  }

  /// Seconds in which a submission has its answer: intended longer ago, and its run was ended meanwhile.
  public static let submissionTime = 120.0

  /// Records that a submission which was refused, or which its provider takes once however often it
  /// comes, is about to be sent again. It counts from now on as this run's, on this day. Throws as
  /// `intend` does.
  public func intendAgain(_ number: Int64, cost: Cost?) async throws {
    try await makeReady()
    defer { open.withLock { $0.coming -= 1 } }
    try await transition { [buyer] in try await $0.intendAgain(number, cost, by: buyer) }
    open.withLock { _ = $0.numbers.insert(number) }
  }

  /// Waits for a turn at `provider`, which takes so many submissions a minute from everybody who shares the
  /// ledger together. Throws `CancellationError` when the task is cancelled meanwhile.
  package func passTurn(of provider: String, perMinute: Double?) async throws {
    guard let perMinute, isShared else { return }
    guard let turn = try await rate.turn(of: provider, perMinute: perMinute) else { return }
    try await ContinuousClock().sleep(until: turn)
  }

  /// Whether an intent that was written down at `begin` may still be sent: half of the time in which others
  /// leave it alone is the answer's.
  package func mayStillSend(since begin: ContinuousClock.Instant) -> Bool {
    !isShared || ContinuousClock.now - begin < .seconds(Self.submissionTime / 2)
  }

  private var buyer: LedgerBuyer {
    LedgerBuyer(run: run, folder: folder, isShared: isShared, budget: budget, scope: scope)
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
    try await store.spending(in: scope)
  }

  /// What the tasks cost that ended in this run, whoever submitted them. Where several runs have its name, those
  /// that were submitted from this folder.
  public func charged() async throws -> Charge {
    guard case .run = scope, isShared else { return try await store.charged(by: run, from: nil) }
    return try await store.charged(by: run, from: folder.map(Self.path(ofFolder:)))
  }

  /// What the tasks cost that ended in runs of this name, from whatever folders.
  public func charged(by name: String) async throws -> Charge {
    try await store.charged(by: name, from: nil)
  }

  /// Stores a callback that reached this run for the run that is waiting for it; returns false if the ledger has no such
  /// submission.
  package func handOn(callback body: JSONValue, for token: String) async throws -> Bool {
    guard isShared else { return false }
    return try await store.keep(callback: try JSONText.line(body), for: token)
  }

  /// The callback of a submission that reached another run, if there is one.
  package func callbackFromElsewhere(for token: String) async throws -> JSONValue? {
    guard isShared else { return nil }
    return try await store.callback(for: token).map { try JSONValue(parsing: Array($0.utf8)) }
  }

  /// Tells everybody who looks at the ledger how the run `name` is; `isLast` says that it ends.
  package func beat(_ name: String, _ report: WorkerReport, isLast: Bool = false) async throws {
    try await store.beat(name, report, isLast: isLast)
  }

  /// How things stand with the ledger and those who use it.
  public func status() async throws -> LedgerStatus { LedgerStatus(try await store.facts()) }

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
      try await transition { try await $0.apply(change) }
    } catch let error as SwaplineError where error.code == .storage {
      await keep(change, error)
    }
  }

  private func keep(_ change: LedgerChange, _ error: SwaplineError) async {
    await unwritten.keep(change, because: error) { [self] change in
      try await transition { try await $0.apply(change) }
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
    _ work: (any LedgerStore) async throws -> Value
  ) async throws -> Value {
    CrashPoint.shared.hit()
    defer { CrashPoint.shared.hit() }
    return try await work(store)
  }
}
