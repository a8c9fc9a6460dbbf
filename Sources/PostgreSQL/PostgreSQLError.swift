import CPostgreSQL

/// What a PostgreSQL server could not do, without any value that was sent.
package struct PostgreSQLError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What the caller can do about it.
  package enum Kind: Sendable, Hashable {
    /// The server cannot be reached, or the connection to it broke. Whether a transaction whose end was
    /// asked for took effect is not known.
    case unreachable
    /// The server does not let this user in, or not with this certificate.
    case refused
    /// Another transaction was in the way; the same one may succeed now.
    case conflict
    /// The server has no room.
    case full
    /// A table or column is missing.
    case schema
    /// A column is missing, or holds another type than was asked for.
    case unexpectedValue
    /// The name of the server cannot be read.
    case address
    /// Anything else: a statement that does not parse, as a rule.
    case other
  }

  /// What the caller can do about it.
  package var kind: Kind
  /// Five characters of the SQL standard (postgresql.org/docs/15/errcodes-appendix.html); empty where
  /// the server did not say any.
  package var state: String
  /// One line.
  package var message: String

  /// An error.
  package init(_ kind: Kind, state: String = "", message: String) {
    self.kind = kind
    self.state = state
    self.message = message
  }

  package var description: String {
    "PostgreSQL\(state.isEmpty ? "" : " error \(state)"): \(message)"
  }

  /// What is the matter with a connection that could not be made, or has none of its own.
  init(connection: OpaquePointer?) {
    let text = PQerrorMessage(connection).map { String(cString: $0) } ?? "out of memory"
    let line = Self.oneLine(text)
    // libpq gives no code for these. Whatever is not known to stay, such as a server that starts, recovers
    // or stops, may pass.
    let isRefused = [
      "authentication failed", "no password supplied", "pg_hba.conf", "does not exist",
      "certificate", "does not support SSL",
    ].contains { text.contains($0) }
    self.init(isRefused ? .refused : .unreachable, message: line)
  }

  /// What is the matter with an answer.
  init(result: OpaquePointer?, connection: OpaquePointer?) {
    func field(_ code: Int32) -> String {
      PQresultErrorField(result, code).map { String(cString: $0) } ?? ""
    }
    let state = field(swapline_pg_sqlstate)
    guard PQstatus(connection) == CONNECTION_OK, !state.isEmpty else {
      let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
      self.init(.unreachable, state: state, message: Self.oneLine(text))
      return
    }
    self.init(Self.kind(of: state), state: state, message: field(swapline_pg_primary_message))
  }

  private static func kind(of state: String) -> Kind {
    switch state.prefix(2) {
    case "08", "57": .unreachable
    case "28", "3D",
      "42" where state == "42501":
      .refused
    case "40", "55": .conflict
    case "53": .full
    case "42" where ["42P01", "42703", "42883"].contains(state): .schema
    default: .other
    }
  }

  /// What libpq says first; further lines ask whether the server runs.
  private static func oneLine(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).first ?? ""
    return String(line.trimmingPrefix { $0.isWhitespace })
  }
}
