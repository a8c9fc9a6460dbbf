import Core
import PostgreSQL
import SQLite

/// A row of a table, whichever database it comes from. Errors are the database's own.
package protocol EntryRow {
  /// A text; nil for null.
  func text(_ column: String) throws -> String?
  /// A number; nil for null.
  func number(_ column: String) throws -> Double?
  /// A whole number; nil for null.
  func whole(_ column: String) throws -> Int64?
}

extension Row: EntryRow {
  package func text(_ column: String) throws -> String? { try optional(column) }
  package func number(_ column: String) throws -> Double? { try optional(column) }
  package func whole(_ column: String) throws -> Int64? { try optional(column) }
}

extension PostgreSQLRow: EntryRow {
  package func text(_ column: String) throws -> String? { try optional(column) }
  package func number(_ column: String) throws -> Double? { try optional(column) }
  package func whole(_ column: String) throws -> Int64? { try optional(column) }
}

extension Ledger.Entry {
  /// The entry in `row`, its times moved by `shift` seconds.
  init(_ row: some EntryRow, shift: Double = 0) throws {
    guard let number = try row.whole("number"),
      let key = try row.text("key").flatMap({ Digest(hex: $0) }),
      let state = try row.text("state").flatMap(Ledger.State.init(rawValue:)),
      let item = try row.text("item"),
      let provider = try row.text("provider"), let model = try row.text("model"),
      let created = try row.number("created"), let updated = try row.number("updated")
    else {
      throw SwaplineError(
        .damaged, "The ledger holds an entry that this version cannot read.",
        hint: "Use the version of swapline that wrote it.")
    }
    self.init(
      number: number, key: key, item: item, provider: provider, model: model, state: state,
      task: try row.text("task"),
      addresses: try row.text("addresses").map {
        try JSONText.decode([String].self, from: $0.utf8)
      },
      credits: try row.number("credits"), reserved: try row.number("reserved"),
      run: try row.text("run"), token: try row.text("token"),
      result: try row.text("result").map { try JSONText.decode(Media.self, from: $0.utf8) },
      message: try row.text("message"), created: created + shift, updated: updated + shift,
      folder: try row.text("folder"), rate: try row.number("rate"),
      currency: try row.text("currency"))
  }
}
