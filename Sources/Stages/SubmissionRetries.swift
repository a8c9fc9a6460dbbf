import Core

/// How a submission that certainly was not taken is sent again, as data.
package struct SubmissionRetries: Sendable, Hashable {
  /// How often it is sent at most, the first time included.
  package var maximumAttempts: Int
  /// How often at most when the provider is in maintenance, which lasts longer than a run waits.
  package var attemptsInMaintenance: Int
  /// The first pause when the provider declines for now and names no time.
  package var busyPause: TimeSpan
  /// The first pause when no byte left this machine.
  package var notSentPause: TimeSpan

  /// A way of sending again; each pause is twice as long as the one before, up to sixteen times the
  /// first.
  package init(
    maximumAttempts: Int = 6, attemptsInMaintenance: Int = 2, busyPause: TimeSpan = .seconds(2),
    notSentPause: TimeSpan = TimeSpan(milliseconds: 500)
  ) {
    self.maximumAttempts = max(1, maximumAttempts)
    self.attemptsInMaintenance = max(1, attemptsInMaintenance)
    self.busyPause = busyPause
    self.notSentPause = notSentPause
  }

  func pause(_ first: TimeSpan, after attempt: Int) -> TimeSpan {
    TimeSpan(milliseconds: first.milliseconds << Int64(min(max(1, attempt) - 1, 4)))
  }
}
