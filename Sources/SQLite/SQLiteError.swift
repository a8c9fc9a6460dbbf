import CSQLite
import Glibc

/// What SQLite could not do, without any bound value.
package struct SQLiteError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What the caller can do about it.
  package enum Kind: Sendable, Hashable {
    /// The disk or the quota is full.
    case diskFull
    /// The file or its folder cannot be opened, read or written.
    case inaccessible
    /// Another connection holds the database longer than the busy time-out.
    case busy
    /// A constraint of the schema forbids the change.
    case constraint
    /// The file is no SQLite database, or it is damaged.
    case damaged
    /// The database was written by a newer version of the program.
    case newerSchema
    /// A column is missing, or holds another type than was asked for.
    case unexpectedValue
    /// Anything else: a statement that does not parse, as a rule.
    case other
  }

  /// What the caller can do about it.
  package var kind: Kind
  /// SQLite's extended result code (sqlite.org/rescode.html); 0 when this wrapper found it.
  package var code: Int32
  /// SQLite's own sentence, or this wrapper's.
  package var message: String
  /// The statement with its placeholders; values are never shown.
  package var statement: String?

  /// An error; `statement` must hold placeholders instead of values.
  package init(_ kind: Kind, code: Int32 = 0, message: String, statement: String? = nil) {
    self.kind = kind
    self.code = code
    self.message = message
    self.statement = statement
  }

  /// One line: code, message and statement.
  package var description: String {
    var text = "SQLite"
    if code != 0 { text += " error \(code)" }
    text += ": \(message)"
    if let statement { text += " (in: \(statement))" }
    return text
  }

  /// The last error of `connection`, which failed with `status`.
  init(status: Int32, connection: OpaquePointer?, statement: String? = nil) {
    let extended = connection.map { sqlite3_extended_errcode($0) } ?? status
    let system = connection.map { sqlite3_system_errno($0) } ?? 0
    let text = connection.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(status)
    let code = extended == SQLITE_OK ? status : extended
    self.init(
      Self.kind(code: code, systemError: system), code: code,
      message: text.map { String(cString: $0) } ?? "unknown error", statement: statement)
  }

  private static func kind(code: Int32, systemError: Int32) -> Kind {
    switch code & 0xFF {
    case SQLITE_FULL: .diskFull
    case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
      systemError == ENOSPC || systemError == EDQUOT ? .diskFull : .inaccessible
    case SQLITE_BUSY, SQLITE_LOCKED: .busy
    case SQLITE_CONSTRAINT: .constraint
    case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged
    default: .other
    }
  }
}
