import Core
import SQLite

/// How an entry of the ledger went on: what must not be lost once a swap was submitted.
package struct LedgerChange: Sendable, Hashable, Codable {
  var number: Int64
  var state: Ledger.State
  var task: String?
  var addresses: [String]?
  var credits: Double?
  var result: Media?
  var message: String?
  /// The run in which the task ended; nil while it has not.
  var settled: String?
  /// Seconds since 1970.
  var updated: Double

  /// Writes the change. One that was left behind, or is tried again, may be older than what the ledger
  /// has: an entry that has ended does not begin again.
  func apply(_ database: Database) throws {
    let addressText = try addresses.map { try JSONText.line($0) }
    let resultText = try result.map { try JSONText.line($0) }
    _ = try database.execute(
      """
      UPDATE swaps SET state = ?, task = coalesce(?, task),
        addresses = coalesce(?, addresses), credits = coalesce(?, credits),
        result = coalesce(?, result), message = coalesce(?, message),
        settled = coalesce(settled, ?), updated = ?
      WHERE number = ?
        AND NOT (state IN ('succeeded', 'failed', 'refused')
          AND ? NOT IN ('succeeded', 'failed', 'refused'))
      """,
      [
        .text(state.rawValue), SQLiteValue(task), SQLiteValue(addressText), SQLiteValue(credits),
        SQLiteValue(resultText), SQLiteValue(message), SQLiteValue(settled), .double(updated),
        .int(number), .text(state.rawValue),
      ])
  }

  /// The entry as it will be once the change is written.
  func applied(to entry: Ledger.Entry) -> Ledger.Entry {
    var entry = entry
    entry.state = state
    entry.task = task ?? entry.task
    entry.addresses = addresses ?? entry.addresses
    entry.credits = credits ?? entry.credits
    entry.result = result ?? entry.result
    entry.message = message ?? entry.message
    entry.updated = updated
    return entry
  }
}
