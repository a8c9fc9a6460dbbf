import Core
import Files
import SQLite

/// A ledger that is only looked at, as it was written by any version, also while a run holds its
/// folder: nothing is written, made or brought up to date.
public struct LedgerReader: Sendable {
  /// The entries behind a number, oldest first; none where there are no more.
  private let page: @Sendable (Int64) async throws -> [Ledger.Entry]
  private let facts: @Sendable () async throws -> LedgerFacts

  /// Opens the ledger at `place`: a file, or `postgres://user@host/database`. Throws `SwaplineError` where
  /// there is none.
  public init(_ place: String) throws {
    let ledger = LedgerPlace(place)
    switch ledger {
    case .file(let path):
      guard FileSystem.exists(path) else {
        throw SwaplineError(
          .usage, "There is no ledger at \(path).",
          hint: "Name a run's folder with --out, that of one shard for example, or a shared ledger "
            + "with --ledger.")
      }
      let file = try SQLiteLedgerReader(path)
      page = { try await file.page(after: $0) }
      facts = { try await file.facts() }
    case .postgres(let address):
      try ledger.check(isShared: true)
      let store = PostgreSQLLedger(address, patience: .seconds(5))
      page = { try await store.entries(after: $0, limit: 500) }
      facts = { try await store.facts() }
    }
  }

  /// Hands every submission to `body`, oldest first, a few hundred in memory at a time.
  public func forEach(_ body: (Ledger.Entry) throws -> Void) async throws {
    var last: Int64 = 0
    while true {
      let page = try await page(last)
      guard let end = page.last else { return }
      for entry in page { try body(entry) }
      last = end.number
    }
  }

  /// How things stand with the ledger and those who use it.
  public func status() async throws -> LedgerStatus { LedgerStatus(try await facts()) }

  /// What the swaps cost that were bought in runs of this name, as far as they have ended.
  public func charged(by run: String) async throws -> Charge {
    var charge = Charge()
    try await forEach { entry in
      guard entry.run == run, [.succeeded, .failed].contains(entry.state) else { return }
      charge.credits += entry.paid
      if let rate = entry.rate, let currency = entry.currency {
        charge.money[currency, default: 0] += rate * entry.paid
      }
    }
    return charge
  }

  /// Makes the tables of the ledger at `place`, or brings them up to date, and says in a sentence what was
  /// done. The file of a run's own ledger needs none of it: a run does it.
  public static func migrate(_ place: String) async throws -> String {
    let ledger = LedgerPlace(place)
    guard case .postgres(let address) = ledger else {
      throw SwaplineError(
        .usage, "\(ledger.shown) is a file, which the next run that uses it upgrades.",
        hint: "--migrate is for ledgers in a database: --ledger postgres://user@host/database.")
    }
    return try await PostgreSQLSchema.tables.migrate(address)
  }
}
