import Core
import Synchronization

/// A bucket of requests for each account, refilled steadily.
final class RateLimiter: Sendable {
  private struct Bucket {
    var left: Double
    var at: ContinuousClock.Instant
  }

  private let perMinute: Int?
  private let burst: Double
  private let buckets = Mutex<[String: Bucket]>([:])

  /// At most `perMinute` requests a minute for each account, nil for any number; `burst` of them at
  /// once, nil for all.
  init(perMinute: Int?, burst: Int? = nil) {
    self.perMinute = perMinute.map { max(1, $0) }
    self.burst = Double(max(1, burst ?? perMinute ?? 1))
  }

  /// Takes one request; the time until the next one is free when there is none now.
  func take(_ account: String, at now: ContinuousClock.Instant = .now) -> TimeSpan? {
    guard let perMinute else { return nil }
    let rate = Double(perMinute) / 60
    return buckets.withLock { buckets in
      var bucket = buckets[account] ?? Bucket(left: burst, at: now)
      bucket.left = min(burst, bucket.left + (now - bucket.at) / .seconds(1) * rate)
      bucket.at = now
      defer { buckets[account] = bucket }
      guard bucket.left >= 1 else { return .seconds((1 - bucket.left) / rate) }
      bucket.left -= 1
      return nil
    }
  }
}
