import CPostgreSQL
import Glibc

/// One connection to a PostgreSQL server.
///
/// Calls block. Not `Sendable`: one thread at a time.
package final class PostgreSQLConnection {
  private let connection: OpaquePointer
  /// Statements that the server has parsed, by their text.
  private var prepared: [String: String] = [:]
  private static let maximumPrepared = 100

  /// Whether nested transactions are parts of the outer one without a savepoint of their own: what throws in one
  /// must then give up the outer.
  package var isFlat = false

  /// Connects to the server that `address` names, `postgres://user@host/database` with the parameters
  /// of libpq (postgresql.org/docs/15/libpq-connect.html). The password comes from `PGPASSWORD` or
  /// `.pgpass`. A server elsewhere must have a certificate for its name, unless `address` says otherwise
  /// (`sslmode`).
  ///
  /// A server that does not answer any more is given up after about 15 seconds.
  package init(_ address: String) throws(PostgreSQLError) {
    // What stands before `dbname` is a default that the address replaces.
    var settings = [
      ("connect_timeout", "10"), ("tcp_user_timeout", "15000"), ("keepalives_idle", "5"),
      ("keepalives_interval", "3"), ("keepalives_count", "3"), ("application_name", "swapline"),
      ("client_encoding", "UTF8"),
    ]
    if try Self.isElsewhere(address) {
      settings += [
        ("sslmode", "verify-full"), ("sslrootcert", "/etc/ssl/certs/ca-certificates.crt"),
      ]
    }
    settings.append(("dbname", address))
    let opened = Self.withStrings(settings.map(\.0)) { keys in
      Self.withStrings(settings.map(\.1)) { values in PQconnectdbParams(keys, values, 1) }
    }
    guard let opened, PQstatus(opened) == CONNECTION_OK else {
      let error = PostgreSQLError(connection: opened)
      PQfinish(opened)
      throw error
    }
    // Notices, such as that a table exists, are not for the terminal.
    PQsetNoticeProcessor(opened, { _, _ in }, nil)
    connection = opened
  }

  deinit {
    PQfinish(connection)
  }

  /// Runs one statement, whose placeholders are `$1`, `$2` and so on, and gives back its rows.
  @discardableResult
  package func query(
    _ sql: String, _ values: [PostgreSQLValue] = []
  ) throws(PostgreSQLError) -> [PostgreSQLRow] {
    // What has values comes again and again: the server need not parse and plan it each time.
    let name = values.isEmpty ? nil : try name(of: sql)
    let result = Self.withStrings(values.map(\.text)) {
      if let name {
        PQexecPrepared(connection, name, Int32(values.count), $0, nil, nil, 0)
      } else {
        PQexecParams(connection, sql, Int32(values.count), nil, $0, nil, nil, 0)
      }
    }
    return try rows(result)
  }

  private func name(of sql: String) throws(PostgreSQLError) -> String? {
    if let known = prepared[sql] { return known }
    guard prepared.count < Self.maximumPrepared else { return nil }
    let name = "s\(prepared.count)"
    _ = try rows(PQprepare(connection, name, sql, 0, nil))
    prepared[sql] = name
    return name
  }

  /// Runs several statements without placeholders, such as a schema.
  package func run(script: String) throws(PostgreSQLError) {
    _ = try rows(PQexec(connection, script))
  }

  /// Runs `body` as one unit that takes effect whole or, when it throws, not at all. A nested one is a
  /// savepoint of the outer.
  package func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    let isNested = PQtransactionStatus(connection) != PQTRANS_IDLE
    if isNested, isFlat { return try body() }
    try query(isNested ? "SAVEPOINT nested" : "BEGIN")
    do {
      let result = try body()
      try query(isNested ? "RELEASE nested" : "COMMIT")
      return result
    } catch {
      if isNested {
        _ = try? query("ROLLBACK TO nested")
        _ = try? query("RELEASE nested")
      } else {
        _ = try? query("ROLLBACK")
      }
      throw error
    }
  }

  /// Waits until somebody notifies a channel that this connection listens to, or until `milliseconds`
  /// are over; whether somebody did.
  package func wait(milliseconds: Int32) throws(PostgreSQLError) -> Bool {
    var entry = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
    _ = poll(&entry, 1, milliseconds)
    guard PQconsumeInput(connection) == 1 else { throw PostgreSQLError(connection: connection) }
    var isNotified = false
    while let notice = PQnotifies(connection) {
      isNotified = true
      PQfreemem(notice)
    }
    return isNotified
  }

  private func rows(_ result: OpaquePointer?) throws(PostgreSQLError) -> [PostgreSQLRow] {
    defer { PQclear(result) }
    let status = PQresultStatus(result)
    guard status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK else {
      throw PostgreSQLError(result: result, connection: connection)
    }
    let columns = (0..<PQnfields(result)).map { column in
      PQfname(result, column).map { String(cString: $0) } ?? ""
    }
    return (0..<PQntuples(result)).map { row in
      PostgreSQLRow(
        columns: columns,
        values: (0..<Int32(columns.count)).map { column in
          guard PQgetisnull(result, row, column) == 0 else { return nil }
          return PQgetvalue(result, row, column).map { String(cString: $0) }
        })
    }
  }

  /// The address as it may be shown: without a password.
  package static func shown(_ address: String) -> String {
    guard let scheme = address.firstRange(of: "://"),
      let at = address[scheme.upperBound...].lastIndex(of: "@"),
      let colon = address[scheme.upperBound..<at].firstIndex(of: ":")
    else { return address }
    return address.replacingCharacters(in: colon..<at)
  }

  /// Whether the address holds a password, which other users of the machine would see.
  package static func holdsPassword(_ address: String) throws(PostgreSQLError) -> Bool {
    try options(address)["password"] != nil
  }

  /// Whether the server is on another machine.
  private static func isElsewhere(_ address: String) throws(PostgreSQLError) -> Bool {
    let options = try options(address)
    let host =
      options["hostaddr"] ?? options["host"] ?? getenv("PGHOST").map { String(cString: $0) }
    guard let host, !host.isEmpty else { return false }
    return !host.split(separator: ",").allSatisfy {
      $0.hasPrefix("/") || $0 == "localhost" || $0 == "::1" || $0.hasPrefix("127.")
    }
  }

  /// The options that an address sets.
  private static func options(_ address: String) throws(PostgreSQLError) -> [String: String] {
    var problem: UnsafeMutablePointer<CChar>?
    guard let list = PQconninfoParse(address, &problem) else {
      let text = problem.map { String(cString: $0) } ?? "out of memory"
      PQfreemem(problem)
      throw PostgreSQLError(.address, message: text.replacing("\n", with: ""))
    }
    defer { PQconninfoFree(list) }
    var options: [String: String] = [:]
    var next = list
    while let key = next.pointee.keyword {
      if let value = next.pointee.val { options[String(cString: key)] = String(cString: value) }
      next += 1
    }
    return options
  }

  /// Lends C strings to `body`, behind them a null pointer.
  private static func withStrings<Result>(
    _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
  ) -> Result {
    let copies = texts.map { $0.map { UnsafePointer(strdup($0)) } ?? nil }
    defer { for copy in copies { free(UnsafeMutableRawPointer(mutating: copy)) } }
    return (copies + [nil]).withUnsafeBufferPointer { body($0.baseAddress.unsafelyUnwrapped) }
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<String.Index>) -> String {
    String(self[..<range.lowerBound]) + String(self[range.upperBound...])
  }
}
