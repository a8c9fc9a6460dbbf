import Core
import Ledgers

/// What a run came to when it ended.
public struct RunTotals: Sendable, Encodable {
  /// How many items ended well.
  public var done: Int
  /// How many of those an earlier run had done.
  public var reused: Int
  /// How many failed.
  public var failed: Int
  /// How many were not ended, as far as they were looked at.
  public var stopped: Int
  /// What the run was charged.
  public var charged: Charge
  /// Seconds of wall-clock time.
  public var seconds: Double
  /// Tasks that are still with their provider: the next run asks for them first.
  public var waiting: [RunControl.Awaited]
  /// How many submissions may have been charged without an answer.
  public var inDoubt: Int
  /// Why the run ended before its items did; nil when it did not, or was asked to.
  public var reason: SwaplineError?

  package init(
    done: Int, reused: Int, failed: Int, stopped: Int, charged: Charge, seconds: Double,
    waiting: [RunControl.Awaited], inDoubt: Int, reason: SwaplineError?
  ) {
    self.done = done
    self.reused = reused
    self.failed = failed
    self.stopped = stopped
    self.charged = charged
    self.seconds = seconds
    self.waiting = waiting
    self.inDoubt = inDoubt
    self.reason = reason
  }

  enum CodingKeys: String, CodingKey {
    case done, reused, failed, stopped, charged, seconds, waiting, reason
    case inDoubt = "in_doubt"
  }
}
