import Core

/// How fast submissions may follow each other: a bucket of tokens that a whole run shares, filled at
/// the provider's rate, and slowed down by the provider's own refusals.
package actor SubmissionPace {
  private let clock = ContinuousClock()
  /// Tokens a second; nil while nothing limits.
  private var rate: Double?
  private let given: Double?
  private var tokens = 1.0
  private var filled: ContinuousClock.Instant
  /// Nothing is sent before this.
  private var notBefore: ContinuousClock.Instant
  private var sent: [ContinuousClock.Instant] = []
  private var recovered: ContinuousClock.Instant

  /// A pace of `perMinute` submissions at most; nil for any number until the provider refuses.
  package init(perMinute: Int?) {
    given = perMinute.map { Double(max(1, $0)) / 60 }
    rate = given
    filled = clock.now
    notBefore = clock.now
    recovered = clock.now
  }

  /// How many submissions a minute are allowed now; nil for any number.
  package var perMinute: Double? { rate.map { $0 * 60 } }

  /// Waits for a turn. Throws `CancellationError` when the task is cancelled meanwhile.
  package func pass() async throws {
    while true {
      let now = clock.now
      if let wait = due(now) {
        try await clock.sleep(until: wait)
        continue
      }
      sent.append(now)
      sent.removeAll { now - $0 > .seconds(60) }
      return
    }
  }

  /// Takes in that the provider refused for now, and asked to be left alone for `after`.
  package func slowDown(after: TimeSpan) {
    let now = clock.now
    notBefore = max(notBefore, now + after.duration)
    // What went through in the last minute was too much; a tenth less may do.
    let observed = Double(sent.count { now - $0 <= .seconds(60) }) / 60
    let least = 1.0 / 60
    rate = max(least, min(rate ?? .infinity, max(least, observed)) * 0.9)
    tokens = 1
    (filled, recovered) = (notBefore, notBefore)
  }

  /// When the next token is there; nil when one was taken.
  func due(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
    guard now >= notBefore else { return notBefore }
    recover(now)
    guard let rate else { return nil }
    if now > filled {
      tokens = min(max(1, rate), tokens + (now - filled) / .seconds(1) * rate)
      filled = now
    }
    guard tokens >= 1 else { return now + .seconds((1 - tokens) / rate) }
    tokens -= 1
    return nil
  }

  /// A minute without a refusal allows a quarter more, up to what is known to be allowed.
  private func recover(_ now: ContinuousClock.Instant) {
    guard let current = rate, now - recovered > .seconds(60) else { return }
    recovered = now
    if let given {
      rate = min(given, current * 1.25)
    } else {
      // Beyond a hundred a second nothing is limited any more.
      rate = current * 1.25 > 100 ? nil : current * 1.25
    }
  }
}
