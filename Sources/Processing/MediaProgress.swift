import Synchronization

/// How far a piece of media work is, for whoever asked for it.
public enum MediaProgress {
  /// Told how much of the work is done, 0 to 1, a few times a second; set for the time of a call.
  @TaskLocal public static var report: (@Sendable (Double) -> Void)?

  /// Notes how far work is, and passes it on twice a second at most: threads that count frames need
  /// not know who is told.
  public final class Meter: Sendable {
    private let report: @Sendable (Double) -> Void
    private let last: Mutex<ContinuousClock.Instant>

    /// A meter for the call at hand; nil where nobody wants to know.
    public init?() {
      guard let report = MediaProgress.report else { return nil }
      self.report = report
      last = Mutex(.now)
    }

    /// So much of so much is done.
    public func note(_ done: Int64, of total: Int64) {
      guard total > 0 else { return }
      let isDue = last.withLock { last in
        guard ContinuousClock.now - last > .milliseconds(500) else { return false }
        last = .now
        return true
      }
      if isDue { report(min(1, max(0, Double(done) / Double(total)))) }
    }
  }
}
