import Core
import FoundationEssentials

/// `run.json`: what a run was to do and what became of it.
public struct RunReport: Sendable, Encodable {
  /// The version of this shape.
  public let version: Int
  /// What was run.
  public let plan: Plan
  /// When the run ended, in ISO 8601.
  public let ended: String
  /// Seconds of wall-clock time.
  public let seconds: Double
  /// How many items are done.
  public let done: Int
  /// How many of those an earlier run had done.
  public let reused: Int
  /// How many were not ended because the run was stopped.
  public let stopped: Int
  /// Why each other item failed.
  public let failures: [SwaplineError]
  /// Credits that this run was charged, where providers say.
  public let credits: Double

  /// The report of a run that took `seconds`.
  public init(_ plan: Plan, outcomes: [Runner.Outcome], seconds: Double) {
    version = 1
    self.plan = plan
    ended = Date.now.formatted(.iso8601)
    self.seconds = seconds
    var counts = (done: 0, reused: 0, stopped: 0, credits: 0.0)
    var failures: [SwaplineError] = []
    for outcome in outcomes {
      switch outcome {
      case .finished(let asset, let isReused):
        counts.done += 1
        if isReused { counts.reused += 1 }
        counts.credits += asset.swap?.charged ?? 0
      case .failed(_, let error): failures.append(error)
      case .stopped: counts.stopped += 1
      }
    }
    (done, reused, stopped, credits) = counts
    self.failures = failures
  }
}
