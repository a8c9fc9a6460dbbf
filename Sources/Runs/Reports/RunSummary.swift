import Core
import Ledgers
import Pipelines

/// What a run came to.
public struct RunSummary: Sendable {
  /// The run's name, as its ledger and events have it.
  public let run: String
  /// The items, counted, and what was charged.
  public let tally: RunTally
  /// Seconds of wall-clock time.
  public let seconds: Double
  /// Whether `run.json` tells of this run.
  public let isRecorded: Bool
  /// What was put at hosts, and what of it remains.
  public let hosting: HostingTotals
  /// Why `failed.jsonl`, `run.json` or `report.html` could not be written, and what a host could not
  /// take back; the items are done all the same.
  public let problems: [SwaplineError]
}

/// What became of a run's items, counted as they end: its size does not grow with their number.
public struct RunTally: Sendable {
  /// How many ended well.
  public private(set) var done = 0
  /// How many of those an earlier run had done.
  public private(set) var reused = 0
  /// How many failed.
  public private(set) var failed = 0
  /// How many were not ended because the run was stopped, as far as they were looked at.
  public private(set) var stopped = 0
  /// What the run was charged, as the ledger has it; set when the run has ended.
  public var charged = Charge()
  /// Why the first ones failed.
  public private(set) var failures: [SwaplineError] = []
  /// The items that were done first, by name.
  public private(set) var first: [String] = []

  /// How many failures are kept.
  public static let mostFailures = 1_000

  /// Nothing counted yet.
  public init() {}

  /// Counts one item.
  public mutating func add(_ outcome: Runner.Outcome) {
    switch outcome {
    case .finished(let asset, let isReused):
      done += 1
      if isReused { reused += 1 }
      if first.count < 8 { first.append(asset.id) }
    case .failed(_, let error):
      failed += 1
      if failures.count < Self.mostFailures { failures.append(error) }
    case .stopped: stopped += 1
    }
  }
}
