/// One row of an answer, its columns known by name. Values are in PostgreSQL's text form.
package struct PostgreSQLRow: Sendable, Hashable {
  private let columns: [String]
  private let values: [String?]

  init(columns: [String], values: [String?]) {
    self.columns = columns
    self.values = values
  }

  /// The value of `column`. Throws `PostgreSQLError` when it is missing, null or of another type.
  package func value<Value: LosslessStringConvertible>(
    _ column: String, as type: Value.Type = Value.self
  ) throws(PostgreSQLError) -> Value {
    guard let value = try optional(column, as: type) else {
      throw PostgreSQLError(.unexpectedValue, message: "column \(column) is null")
    }
    return value
  }

  /// The value of `column`, nil where it is null. Throws `PostgreSQLError` when it is missing or of
  /// another type.
  package func optional<Value: LosslessStringConvertible>(
    _ column: String, as type: Value.Type = Value.self
  ) throws(PostgreSQLError) -> Value? {
    guard let index = columns.firstIndex(of: column) else {
      throw PostgreSQLError(
        .unexpectedValue,
        message: "there is no column \(column), only \(columns.joined(separator: ", "))")
    }
    guard let text = values[index] else { return nil }
    guard let value = Value(text) else {
      throw PostgreSQLError(.unexpectedValue, message: "column \(column) holds no \(type)")
    }
    return value
  }
}
