import Core

/// How things stand with a ledger and those who use it.
public struct LedgerStatus: Sendable, Hashable, Codable {
  /// Seconds between two reports of a worker.
  public static let beatInterval = 10.0

  /// A run at work, or one that has been.
  public struct Worker: Sendable, Hashable, Codable {
    /// How it is.
    public enum State: String, Sendable, Hashable, Codable {
      /// It reports.
      case working
      /// It has ended and said so.
      case ended
      /// It has not reported for three times as long as it should have, and did not say that it has ended.
      case vanished
    }

    /// How it is.
    public var state: State
    /// What it told last.
    public var report: WorkerReport
    /// Seconds since then, by the ledger's clock.
    public var age: Double
    /// Seconds since it began.
    public var seconds: Double

    init(_ report: WorkerReport, age: Double, seconds: Double, hasEnded: Bool) {
      self.report = report
      self.age = age
      self.seconds = seconds
      state = hasEnded ? .ended : age > 3 * LedgerStatus.beatInterval ? .vanished : .working
    }
  }

  /// A provider, as far as the ledger knows it.
  public struct Provider: Sendable, Hashable, Codable {
    /// Its name.
    public var name: String
    /// Submissions of the last minute.
    public var lastMinute: Int
    /// Submissions a minute that it takes from everybody, where a worker knows.
    public var perMinute: Double?

    enum CodingKeys: String, CodingKey {
      case name
      case lastMinute = "last_minute"
      case perMinute = "per_minute"
    }
  }

  /// Submissions by state.
  public var swaps: [Ledger.State: Int]
  /// Credits that are promised for what is under way or in doubt.
  public var held: Double
  /// Credits that were spent in all, what is held left out.
  public var spent: Double
  /// Credits of today (UTC), what is held counted.
  public var today: Double
  /// Credits of this month (UTC), what is held counted.
  public var month: Double
  /// The tightest budgets that workers at work have told.
  public var budget: Budget
  /// Providers, by name.
  public var providers: [Provider]
  /// Who uses the ledger, those at work first.
  public var workers: [Worker]
  /// Submissions that may have been charged without an answer, the longest ago first; a hundred at most.
  public var inDoubt: [Ledger.Entry]

  enum CodingKeys: String, CodingKey {
    case swaps, held, spent, today, month, budget, providers, workers
    case inDoubt = "in_doubt"
  }

  /// What a database says, put together.
  init(_ facts: LedgerFacts) {
    swaps = facts.swaps
    held = facts.held
    spent = facts.all - facts.held
    (today, month) = (facts.today, facts.month)
    inDoubt = facts.inDoubt
    let order: [Worker.State] = [.working, .vanished, .ended]
    workers = facts.workers.sorted { a, b in
      let (first, second) = (
        order.firstIndex(of: a.state) ?? 0, order.firstIndex(of: b.state) ?? 0
      )
      return (first, a.report.run, a.report.shard ?? "", a.report.host, a.report.process)
        < (second, b.report.run, b.report.shard ?? "", b.report.host, b.report.process)
    }
    var rates: [String: Double] = [:]
    budget = Budget()
    for worker in workers where worker.state == .working {
      rates.merge(worker.report.rates) { min($0, $1) }
      func least(_ a: Double?, _ b: Double?) -> Double? { [a, b].compactMap(\.self).min() }
      let other = worker.report.budget
      budget.day = least(budget.day, other.day)
      budget.month = least(budget.month, other.month)
    }
    providers = Set(facts.lastMinute.keys).union(rates.keys).sorted().map {
      Provider(name: $0, lastMinute: facts.lastMinute[$0] ?? 0, perMinute: rates[$0])
    }
  }
}

extension Ledger.State: CodingKeyRepresentable {}

/// What a ledger's database knows of how things stand.
package struct LedgerFacts: Sendable {
  var swaps: [Ledger.State: Int] = [:]
  var held = 0.0
  var all = 0.0
  var today = 0.0
  var month = 0.0
  /// Submissions of the last minute, by provider.
  var lastMinute: [String: Int] = [:]
  var workers: [LedgerStatus.Worker] = []
  var inDoubt: [Ledger.Entry] = []

  /// The most entries in doubt that are listed.
  static let mostInDoubt = 100
}

extension LedgerStatus.Worker {
  /// Reads a row of `workers`; `now` is the database's time.
  init(_ row: some EntryRow, now: Double) throws {
    let report = try JSONText.decode(
      WorkerReport.self, from: (try row.text("report") ?? "{}").utf8)
    self.init(
      report, age: max(0, now - (try row.number("beat") ?? now)),
      seconds: max(0, (try row.number("ended") ?? now) - (try row.number("started") ?? now)),
      hasEnded: try row.number("ended") != nil)
  }
}
