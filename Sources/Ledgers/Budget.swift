import Core

/// The most that may be spent, in the providers' credits; nil does not limit.
public struct Budget: Sendable, Hashable, Codable {
  /// What the work in one folder may cost in all, however often it is run there; of a run with a name of its
  /// own, what all the work under that name may cost, in whatever folders.
  public var run: Double?
  /// On one day (UTC), by every run that uses the same ledger.
  public var day: Double?
  /// In one month (UTC), by every run that uses the same ledger.
  public var month: Double?

  /// A budget.
  public init(run: Double? = nil, day: Double? = nil, month: Double? = nil) {
    self.run = run
    self.day = day
    self.month = month
  }

  /// Whether anything is limited.
  public var isLimited: Bool { run != nil || day != nil || month != nil }

  /// This budget, with what `other` sets in its place.
  public func replacing(with other: Budget) -> Budget {
    Budget(run: other.run ?? run, day: other.day ?? day, month: other.month ?? month)
  }
}

/// What swaps have cost so far, reservations included.
public struct Spending: Sendable, Hashable {
  /// The work that `Budget.run` limits.
  public var run: Double
  /// Today.
  public var day: Double
  /// This month.
  public var month: Double
}
