import Core
import PostgreSQL

/// What a database is used for, as messages call it.
package struct PostgreSQLPurpose: Sendable {
  /// Such as `ledger`.
  let noun: String
  /// What makes its tables; the address follows.
  let migration: String
  /// Who must be ended before its tables are changed, such as `Stop the runs that use it`.
  let ending: String
  /// What becomes of the work when it cannot be reached.
  let retry: String

  /// A purpose.
  package init(_ noun: String, migration: String, ending: String, retry: String) {
    self.noun = noun
    self.migration = migration
    self.ending = ending
    self.retry = retry
  }

  /// The record of what was paid.
  static let ledger = PostgreSQLPurpose(
    "ledger", migration: "swapline ledger --migrate --ledger", ending: "Stop the runs that use it",
    retry: "then run the same command again; what is done is kept")

  /// Throws `SwaplineError` for an address with a password in it, which every user of the machine can read.
  package func check(_ address: String) throws(SwaplineError) {
    let holdsPassword: Bool
    do {
      holdsPassword = try PostgreSQLConnection.holdsPassword(address)
    } catch {
      throw SwaplineError(error, of: self, at: address)
    }
    guard holdsPassword else { return }
    throw SwaplineError(
      .usage, "The \(noun)'s address holds a password, which other users of this machine can see.",
      hint: "Leave it out, and set PGPASSWORD or write it into ~/.pgpass.")
  }
}

extension SwaplineError {
  init(_ error: PostgreSQLError, of purpose: PostgreSQLPurpose, at address: String) {
    let (shown, noun) = (PostgreSQLConnection.shown(address), purpose.noun)
    switch error.kind {
    case .refused:
      self.init(
        .storage, "The \(noun) at \(shown) denies access: \(error.message).",
        hint: "Check the user, the database and sslmode in the address; the password comes from "
          + "PGPASSWORD or ~/.pgpass.")
    case .schema:
      self.init(
        .storage, "The database at \(shown) holds no \(noun) of this version: \(error.message).",
        hint: "Run `\(purpose.migration) \(shown)` once.")
    case .address:
      self.init(
        .usage, "The \(noun)'s address \(shown) cannot be read: \(error.message).",
        hint: "Write for example postgres://user@host/database.")
    case .full:
      self.init(
        .storage, "The \(noun) at \(shown) has no room: \(error.message).",
        hint: "Free some space on its server, \(purpose.retry).")
    case .unreachable, .conflict:
      self.init(
        .storage, "The \(noun) at \(shown) cannot be reached: \(error.message).",
        hint: "Check the server and the network, \(purpose.retry).")
    case .unexpectedValue, .other:
      self.init(
        .storage, "The \(noun) at \(shown) cannot be read or written: \(error.message).",
        hint: "Check the server's log.")
    }
  }
}
