import Core
import Synchronization

/// How many requests an account may make.
package struct RequestRate: Sendable, Hashable {
  /// Requests a minute; nil for any number.
  package var perMinute: Int?
  /// How many of them may come at once; nil for all of a minute's.
  package var burst: Int?

  /// A rate.
  package init(perMinute: Int?, burst: Int? = nil) {
    self.perMinute = perMinute
    self.burst = burst
  }

  /// The bucket that is refilled steadily: so many a second, so many at most; nil without limit.
  var bucket: (perSecond: Double, most: Double)? {
    perMinute.map { (Double(max(1, $0)) / 60, Double(max(1, burst ?? $0))) }
  }
}

/// A bucket of requests for each account, refilled steadily.
final class RateLimiter: Sendable {
  private struct Bucket {
    var left: Double
    var at: ContinuousClock.Instant
  }

  private let buckets = Mutex<[String: Bucket]>([:])

  /// Takes one request; the time until the next one is free when there is none now.
  func take(
    _ account: String, within rate: RequestRate, at now: ContinuousClock.Instant = .now
  ) -> TimeSpan? {
    guard let (perSecond, most) = rate.bucket else { return nil }
    return buckets.withLock { buckets in
      var bucket = buckets[account] ?? Bucket(left: most, at: now)
      bucket.left = min(most, bucket.left + (now - bucket.at) / .seconds(1) * perSecond)
      bucket.at = now
      defer { buckets[account] = bucket }
      guard bucket.left >= 1 else { return .seconds((1 - bucket.left) / perSecond) }
      bucket.left -= 1
      return nil
    }
  }
}
