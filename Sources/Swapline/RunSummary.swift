import Pipelines

/// What a run came to.
public struct RunSummary: Sendable {
  /// The run's name, as its ledger and events have it.
  public let run: String
  /// The items, counted, and what was charged.
  public let tally: RunTally
  /// Seconds of wall-clock time.
  public let seconds: Double
  /// What could not be written for people, `failed.jsonl` or `report.html`; the items are done all
  /// the same.
  public let problems: [SwaplineError]
}
