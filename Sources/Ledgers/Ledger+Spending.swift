import Core
import FoundationEssentials
import SQLite

/// What may be spent, and what was.
extension Ledger {
  /// `folder` is the one whose work is limited, in a ledger that several share; nil for its only one.
  static func check(
    _ cost: Cost?, against budget: Budget, in folder: String?, _ database: Database
  ) throws {
    guard budget.isLimited else { return }
    guard let price = cost?.credits else {
      throw SwaplineError(
        .usage, "There is a budget, and it is not known what this swap would cost.",
        hint: "Write its price under the provider, such as 'price: 2'.")
    }
    let spent = try spending(in: folder, database)
    for (limit, used, span, hint) in [
      (
        budget.run, spent.run, "the work in this folder",
        "It counts every run in this folder. Raise it to go on; what is done is kept."
      ),
      (
        budget.day, spent.day, "today",
        "Run the same command again tomorrow (UTC), or raise it; what is done is kept."
      ),
      (
        budget.month, spent.month, "this month",
        "Run the same command again next month (UTC), or raise it; what is done is kept."
      ),
    ] {
      guard let limit, used + price > limit + 1e-9 else { continue }
      throw SwaplineError(
        .budget,
        "The budget of \(limit.plain) credit\(limit == 1 ? "" : "s") for \(span) is reached: \(used.plain) spent or "
          + "promised, and the next swap costs \(price.plain).", hint: hint)
    }
  }

  /// What an entry costs, as SQL: see `Entry.paid`.
  static let paid = """
    CASE state WHEN 'failed' THEN coalesce(credits, 0) WHEN 'refused' THEN 0
      ELSE coalesce(credits, reserved, 0) END
    """

  static func spending(in folder: String?, _ database: Database) throws -> Spending {
    let sum = "SELECT coalesce(sum(\(paid)), 0) AS spent FROM swaps WHERE state != 'refused' AND"
    let now = Date.now.timeIntervalSince1970
    func since(_ start: Double) throws -> Double {
      try database.query(sum + " created >= ?", [.double(start)])[0].value("spent")
    }
    let work =
      folder == nil
      ? try database.query(sum + " 1")
      : try database.query(sum + " folder = ?", [SQLiteValue(folder)])
    return Spending(
      run: try work[0].value("spent"),
      day: try since(now - now.truncatingRemainder(dividingBy: 86_400)),
      month: try since(monthsStart(now)))
  }

  /// The first second of the month (UTC) that `time` is in, both in seconds since 1970.
  static func monthsStart(_ time: Double) -> Double {
    // Days since March of year 0, whose months' lengths repeat without leap days in between:
    // https://howardhinnant.github.io/date_algorithms.html#civil_from_days
    let days = Int((time / 86_400).rounded(.down))
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let year = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
    let month = (5 * dayOfYear + 2) / 153
    return Double(days - (dayOfYear - (153 * month + 2) / 5)) * 86_400
  }
}

extension Double {
  /// Without a fraction where there is none.
  fileprivate var plain: String { Int64(exactly: self).map { "\($0)" } ?? "\(self)" }
}
