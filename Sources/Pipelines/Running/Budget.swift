import Core

/// The most that may be spent, in the providers' credits; nil does not limit.
public struct Budget: Sendable, Hashable, Codable {
  /// In one run.
  public var run: Double?
  /// On one day (UTC), by every run in the same folder.
  public var day: Double?

  /// A budget.
  public init(run: Double? = nil, day: Double? = nil) {
    self.run = run
    self.day = day
  }

  /// Whether anything is limited.
  public var isLimited: Bool { run != nil || day != nil }

  /// This budget, with what `other` sets in its place.
  public func replacing(with other: Budget) -> Budget {
    Budget(run: other.run ?? run, day: other.day ?? day)
  }
}

/// What a folder's swaps have cost so far, reservations included.
public struct Spending: Sendable, Hashable {
  /// By the run at hand.
  public var run: Double
  /// Today.
  public var day: Double
}
