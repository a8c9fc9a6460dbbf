import Core
import FoundationEssentials
import SQLite

/// What may be spent, and what was.
extension Ledger {
  static func check(
    _ price: Double?, against budget: Budget, run: String, _ database: Database
  ) throws {
    guard budget.isLimited else { return }
    guard let price else {
      throw SwaplineError(
        .usage, "There is a budget, and nobody knows what this swap would cost.",
        hint: "Write its price under the provider, such as 'price: 2'.")
    }
    let spent = try spending(run, database)
    for (limit, used, span) in [
      (budget.run, spent.run, "this run"), (budget.day, spent.day, "today"),
    ] {
      guard let limit, used + price > limit + 1e-9 else { continue }
      throw SwaplineError(
        .budget,
        "The budget of \(limit.plain) credits for \(span) is reached: \(used.plain) are spent or "
          + "promised, and the next swap costs \(price.plain).",
        hint: "Run the same command again with a larger one: what is done is kept.")
    }
  }

  /// What an entry costs, as SQL: a failed one what the provider said, one whose fate is open its
  /// price.
  static let paid = """
    CASE state WHEN 'failed' THEN coalesce(credits, 0) WHEN 'refused' THEN 0
      ELSE coalesce(credits, reserved, 0) END
    """

  static func spending(_ run: String, _ database: Database) throws -> Spending {
    let sum = "SELECT coalesce(sum(\(paid)), 0) AS spent FROM swaps WHERE state != 'refused' AND"
    let now = Date.now.timeIntervalSince1970
    let today = now - now.truncatingRemainder(dividingBy: 86_400)
    return Spending(
      run: try database.query(sum + " run = ?", [.text(run)])[0].value("spent"),
      day: try database.query(sum + " created >= ?", [.double(today)])[0].value("spent"))
  }
}

extension Double {
  /// Without a fraction where there is none.
  fileprivate var plain: String { Int64(exactly: self).map { "\($0)" } ?? "\(self)" }
}
