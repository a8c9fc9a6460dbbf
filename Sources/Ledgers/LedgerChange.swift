import Core

/// How an entry of the ledger went on: what must not be lost once a swap was submitted.
///
/// What is nil stays as it was. A change that was left behind, or is tried again, may be older than what
/// the ledger has: an entry that has ended does not begin again.
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

  /// Addresses and the result's facts as stores keep them.
  var text: (addresses: String?, result: String?) {
    get throws {
      (try addresses.map { try JSONText.line($0) }, try result.map { try JSONText.line($0) })
    }
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
