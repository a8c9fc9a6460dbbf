import Glibc

/// The system's clock.
package enum Clock {
  /// Seconds since 1970.
  package static func epoch() -> Int64 { Int64(time(nil)) }
}
