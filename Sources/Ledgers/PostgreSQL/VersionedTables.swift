import Core
import PostgreSQL

/// Tables in PostgreSQL that have a version. They are made and brought up to date when somebody asks for it,
/// never by who uses them: others may be using them too.
package struct VersionedTables: Sendable {
  private let purpose: PostgreSQLPurpose
  private let table: String
  private let steps: [String]

  /// Tables whose version is kept in `table`. `steps[n]` leads from version n to n + 1, and is never edited once
  /// released.
  package init(_ purpose: PostgreSQLPurpose, versionIn table: String, steps: [String]) {
    self.purpose = purpose
    self.table = table
    self.steps = steps
  }

  /// Throws where the tables are not of the version that this program knows.
  package func check(_ connection: PostgreSQLConnection, at address: String) throws {
    let version: Int =
      try connection.query("SELECT version FROM \(table)").first?.value("version") ?? 0
    guard version != steps.count else { return }
    let shown = PostgreSQLConnection.shown(address)
    throw version > steps.count
      ? SwaplineError(
        .unsupported,
        "The \(purpose.noun) at \(shown) has schema version \(version), and this program knows \(steps.count).",
        hint: "Use the version of swapline that made it, or a newer one.")
      : SwaplineError(
        .unsupported,
        "The \(purpose.noun) at \(shown) has schema version \(version), and this program needs \(steps.count).",
        hint: "\(purpose.ending), then run `\(purpose.migration) \(shown)`.")
  }

  /// Makes the tables at `address`, or brings them up to date, and says in a sentence what was done.
  package func migrate(_ address: String) async throws -> String {
    try purpose.check(address)
    let (from, to) = try await PostgreSQLQueue(address, for: purpose, patience: .zero) { _ in }
      .perform { try migrate($0, at: address) }
    let place = "the \(purpose.noun) at \(PostgreSQLConnection.shown(address))"
    if from == to { return "T\(place.dropFirst()) is already at version \(to)." }
    return from == 0
      ? "Created \(place), version \(to)." : "Upgraded \(place) from version \(from) to \(to)."
  }

  /// Makes the tables, or brings them up to date; gives the version that was there, 0 for none, and the one
  /// that is there now.
  func migrate(
    _ connection: PostgreSQLConnection, at address: String
  ) throws -> (from: Int, to: Int) {
    try connection.transaction {
      // One at a time.
      try connection.query("SELECT pg_advisory_xact_lock(hashtextextended('swapline', 0))")
      try connection.run(script: "CREATE TABLE IF NOT EXISTS \(table)(version integer NOT NULL)")
      let found: Int =
        try connection.query("SELECT version FROM \(table)").first?.value("version") ?? 0
      guard found <= steps.count else {
        try check(connection, at: address)
        return (found, found)
      }
      for step in steps.dropFirst(found) { try connection.run(script: step) }
      try connection.run(
        script: "DELETE FROM \(table); INSERT INTO \(table) VALUES (\(steps.count))")
      return (found, steps.count)
    }
  }
}
