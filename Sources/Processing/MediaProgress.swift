import Synchronization

/// How far a piece of media work is, for whoever asked for it.
public enum MediaProgress {
  /// Whoever is told how much of the work is done, for the time of a call.
  ///
  /// An object and not a closure: Swift 6.3 miscompiles task-local closures in release builds.
  @TaskLocal public static var listener: Listener?

  /// Somebody who is told how much of the work is done, 0 to 1, a few times a second.
  public final class Listener: Sendable {
    let report: @Sendable (Double) -> Void

    /// A listener that `report` tells.
    public init(_ report: @escaping @Sendable (Double) -> Void) {
      self.report = report
    }
  }

  /// Notes how far work is, and passes it on twice a second at most: threads that count frames need
  /// not know who is told.
  public final class Meter: Sendable {
    private let listener: Listener
    private let last: Mutex<ContinuousClock.Instant>

    /// A meter for the call at hand; nil where nobody wants to know.
    public init?() {
      guard let listener = MediaProgress.listener else { return nil }
      self.listener = listener
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
      if isDue { listener.report(min(1, max(0, Double(done) / Double(total)))) }
    }
  }
}
