/// One row of an answer, its columns known by name.
package struct Row: Sendable, Hashable {
  /// The columns' names, in the statement's order.
  package let columns: [String]
  /// The columns' values, in the same order.
  package let values: [SQLiteValue]

  init(columns: [String], values: [SQLiteValue]) {
    self.columns = columns
    self.values = values
  }

  /// The stored value of `column`; nil when the row has no such column.
  package subscript(_ column: String) -> SQLiteValue? {
    columns.firstIndex(of: column).map { values[$0] }
  }

  /// The value of `column`. Throws `SQLiteError` when it is missing, null or of another type.
  package func value<Value: SQLiteConvertible>(
    _ column: String, as type: Value.Type = Value.self
  ) throws(SQLiteError) -> Value {
    guard let value = try optional(column, as: type) else {
      throw SQLiteError(.unexpectedValue, message: "column \(column) is null")
    }
    return value
  }

  /// The value of `column`, nil where it is null. Throws `SQLiteError` when it is missing or of
  /// another type.
  package func optional<Value: SQLiteConvertible>(
    _ column: String, as type: Value.Type = Value.self
  ) throws(SQLiteError) -> Value? {
    guard let stored = self[column] else {
      throw SQLiteError(
        .unexpectedValue,
        message: "there is no column \(column), only \(columns.joined(separator: ", "))")
    }
    if stored == .null { return nil }
    guard let value = Value(sqliteValue: stored) else {
      throw SQLiteError(.unexpectedValue, message: "column \(column) holds no \(type)")
    }
    return value
  }
}
