import Core

/// What a run that uses a ledger tells of itself, from time to time.
public struct WorkerReport: Sendable, Hashable, Codable {
  /// The run, as the ledger has it.
  public var run: String
  /// Its part of a larger run, such as `42/1000`; nil for a whole one.
  public var shard: String?
  /// The machine.
  public var host: String
  /// The process on it.
  public var process: Int32
  /// The run's folder.
  public var folder: String
  /// Items by what became of them.
  public var items = Items()
  /// Swaps by what became of them.
  public var swaps = Swaps()
  /// What this run was charged so far, in credits, where providers say.
  public var credits = 0.0
  /// What may be spent.
  public var budget: Budget
  /// Submissions a minute that each provider takes from all together, where that is known.
  public var rates: [String: Double] = [:]
  /// Seconds of processor time of the run and its media workers.
  public var processorSeconds: Double?

  /// Items by what became of them.
  public struct Items: Sendable, Hashable, Codable {
    /// Ended well.
    public var done = 0
    /// Of those, done by an earlier run.
    public var reused = 0
    /// Failed.
    public var failed = 0
    /// Not ended, because the run was stopped.
    public var stopped = 0
    /// Being worked on.
    public var running = 0

    /// Nothing counted yet.
    public init() {}

    enum CodingKeys: String, CodingKey { case done, reused, failed, stopped, running }
  }

  /// Swaps by what became of them.
  public struct Swaps: Sendable, Hashable, Codable {
    /// Accepted by a provider in this run.
    public var bought = 0
    /// Results of earlier submissions, or of other runs.
    public var reused = 0
    /// In doubt when their item ended.
    public var ambiguous = 0
    /// At a provider now.
    public var waiting = 0
    /// Seconds that all of them together have waited for providers.
    public var waitedSeconds = 0.0

    /// Nothing counted yet.
    public init() {}

    enum CodingKeys: String, CodingKey {
      case bought, reused, ambiguous, waiting
      case waitedSeconds = "waited_seconds"
    }
  }

  enum CodingKeys: String, CodingKey {
    case run, shard, host, process, folder, items, swaps, credits, budget, rates
    case processorSeconds = "processor_seconds"
  }

  /// A report of a run that has just begun.
  package init(
    run: String, shard: String? = nil, host: String, process: Int32, folder: String, budget: Budget
  ) {
    self.run = run
    self.shard = shard
    self.host = host
    self.process = process
    self.folder = folder
    self.budget = budget
  }
}

/// How the tables of workers are made, in each kind of ledger.
enum WorkerTable {
  static let postgreSQL = """
    -- Who uses the ledger, and what they told last. Times are the server's, in seconds since 1970.
    CREATE TABLE workers(
      name text PRIMARY KEY, report text NOT NULL, started double precision NOT NULL,
      beat double precision NOT NULL, ended double precision);
    """

  static let sqlite = """
    CREATE TABLE workers(
      name TEXT PRIMARY KEY, report TEXT NOT NULL, started REAL NOT NULL, beat REAL NOT NULL,
      ended REAL
    ) STRICT;
    """

  /// Reports older than this are removed, in seconds.
  static let lifetime = 7 * 86_400.0
}
