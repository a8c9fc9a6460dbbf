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
