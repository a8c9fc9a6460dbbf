import Synchronization

/// Lets something happen at most once in a while, from any thread.
final class LockedInstant: Sendable {
  private let last = Mutex(ContinuousClock.now)

  /// Whether `interval` has passed since the last time that this was true.
  func advance(by interval: Duration) -> Bool {
    last.withLock { last in
      let now = ContinuousClock.now
      guard now - last >= interval else { return false }
      last = now
      return true
    }
  }
}
