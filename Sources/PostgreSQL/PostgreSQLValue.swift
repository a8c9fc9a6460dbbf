/// A value that is sent with a statement, in PostgreSQL's text form.
package struct PostgreSQLValue: Sendable, Hashable {
  /// Nil for null.
  let text: String?

  /// Null.
  package static let null = PostgreSQLValue(nil as String?)

  /// Text, or null.
  package init(_ text: String?) { self.text = text }
  /// A whole number, or null.
  package init(_ number: Int64?) { text = number.map { "\($0)" } }
  /// A number, or null.
  package init(_ number: Double?) { text = number.map { "\($0)" } }
  /// Yes or no.
  package init(_ flag: Bool) { text = flag ? "t" : "f" }
}
