extension Task where Success == Never, Failure == Never {
  /// Waits for `duration` in the same way.
  public static func pause(for duration: Duration) async throws {
    try await pause(until: .now + duration)
  }

  /// Waits for a limit that is seldom reached, in pieces of a second.
  ///
  /// Swift's runtime keeps some 300 bytes of a sleep that is cancelled until its time would have come:
  /// with limits of minutes, a busy server would hold those of all that it did in these minutes.
  public static func pause(until deadline: ContinuousClock.Instant) async throws {
    while true {
      let rest = deadline - .now
      guard rest > .zero else { return }
      try await Task.sleep(for: min(rest, .seconds(1)))
    }
  }
}
