import Glibc

/// The system's clock.
public enum Clock {
  /// Seconds since 1970.
  public static func epoch() -> Int64 { Int64(time(nil)) }
}
