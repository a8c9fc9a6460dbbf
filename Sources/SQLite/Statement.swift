import CSQLite

/// A prepared statement, owned by the connection that prepared it.
final class Statement {
  private let pointer: OpaquePointer
  private let connection: OpaquePointer
  private let sql: String

  /// Prepares the one statement that `sql` holds.
  init(_ sql: String, connection: OpaquePointer) throws(SQLiteError) {
    var prepared: OpaquePointer?
    var hasMore = false
    let status = sql.withCString { text in
      var rest: UnsafePointer<CChar>?
      let status = sqlite3_prepare_v3(
        connection, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, &rest)
      hasMore = rest.map { !String(cString: $0).allSatisfy(\.isWhitespace) } ?? false
      return status
    }
    guard status == SQLITE_OK else {
      throw SQLiteError(status: status, connection: connection, statement: sql)
    }
    guard let prepared, !hasMore else {
      sqlite3_finalize(prepared)
      throw SQLiteError(
        .other, message: "exactly one statement was wanted here; use run(script:) for several",
        statement: sql)
    }
    pointer = prepared
    self.connection = connection
    self.sql = sql
  }

  deinit {
    sqlite3_finalize(pointer)
  }

  /// Runs the statement with `values` for its placeholders and gives each row to `body`.
  func run(_ values: [SQLiteValue], row body: (Row) -> Void) throws(SQLiteError) {
    defer {
      sqlite3_reset(pointer)
      sqlite3_clear_bindings(pointer)
    }
    try bind(values)
    var columns: [String]?
    while true {
      let status = sqlite3_step(pointer)
      switch status {
      case SQLITE_DONE:
        return
      case SQLITE_ROW:
        let names = columns ?? columnNames()
        columns = names
        body(Row(columns: names, values: names.indices.map { value(at: Int32($0)) }))
      default:
        throw SQLiteError(status: status, connection: connection, statement: sql)
      }
    }
  }

  private func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
    let wanted = Int(sqlite3_bind_parameter_count(pointer))
    guard wanted == values.count else {
      throw SQLiteError(
        .other, message: "the statement has \(wanted) placeholders and got \(values.count) values",
        statement: sql)
    }
    for (offset, value) in values.enumerated() {
      let index = Int32(offset + 1)
      let status =
        switch value {
        case .null: sqlite3_bind_null(pointer, index)
        case .int(let number): sqlite3_bind_int64(pointer, index, number)
        case .double(let number): sqlite3_bind_double(pointer, index, number)
        case .text(let text):
          text.withCString {
            swapline_sqlite_bind_text(pointer, index, $0, UInt64(text.utf8.count))
          }
        case .blob(let bytes):
          bytes.withUnsafeBytes {
            swapline_sqlite_bind_blob(pointer, index, $0.baseAddress, UInt64($0.count))
          }
        }
      guard status == SQLITE_OK else {
        throw SQLiteError(status: status, connection: connection, statement: sql)
      }
    }
  }

  private func columnNames() -> [String] {
    (0..<sqlite3_column_count(pointer)).map { index in
      sqlite3_column_name(pointer, index).map { String(cString: $0) } ?? "\(index)"
    }
  }

  private func value(at index: Int32) -> SQLiteValue {
    switch sqlite3_column_type(pointer, index) {
    case SQLITE_INTEGER: return .int(sqlite3_column_int64(pointer, index))
    case SQLITE_FLOAT: return .double(sqlite3_column_double(pointer, index))
    case SQLITE_TEXT:
      guard let text = sqlite3_column_text(pointer, index) else { return .text("") }
      let count = Int(sqlite3_column_bytes(pointer, index))
      return .text(
        String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
    case SQLITE_BLOB:
      guard let bytes = sqlite3_column_blob(pointer, index) else { return .blob([]) }
      let count = Int(sqlite3_column_bytes(pointer, index))
      return .blob(Array(UnsafeRawBufferPointer(start: bytes, count: count)))
    default: return .null
    }
  }
}
