import CSQLite
import Glibc

/// One connection to an SQLite database, usable from any thread.
///
/// Calls block: on the disk, and on other connections up to the busy time-out.
package final class Database: @unchecked Sendable {
  // Proof: `connection` is set once; `statements` and `depth` are read and written only inside
  // `locked`, whose mutex is recursive, so that the body of a transaction can use its database.

  /// Where a database lives.
  package enum Location: Sendable, Hashable {
    /// In a file, made when it is missing (its folder must be there).
    case file(String)
    /// In memory, gone with the connection.
    case memory
  }

  /// What a committed transaction survives (sqlite.org/pragma.html#pragma_synchronous).
  package enum Durability: String, Sendable, Hashable {
    /// A crash of the process. What a crash of the machine leaves may be an empty or a damaged database.
    case normal = "NORMAL"
    /// A crash of the machine too: each commit waits for the disk.
    case full = "FULL"
  }

  private let connection: OpaquePointer
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var statements: [String: Statement] = [:]
  private var depth = 0

  private static let maximumStatements = 64

  /// Opens a database with a write-ahead log and enforced foreign keys.
  ///
  /// `busyTimeout` is how long a statement waits for another connection's lock, in milliseconds.
  package convenience init(
    _ location: Location, durability: Durability = .normal, busyTimeout: Int32 = 5_000
  ) throws(SQLiteError) {
    let path =
      switch location {
      case .file(let path): path
      case .memory: ":memory:"
      }
    if case .file = location { Self.makePrivate(path) }
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    try self.init(opening: path, path, flags, busyTimeout)
    // A database that may be lost is not worth the six waits for the disk that making its log takes.
    if durability == .normal { _ = try query("PRAGMA synchronous = OFF") }
    try keepWriteAheadLog(within: busyTimeout)
    _ = try query("PRAGMA synchronous = \(durability.rawValue)")
    _ = try query("PRAGMA foreign_keys = ON")
    // 16 MiB of pages: with SQLite's own 2 MiB a ledger of 100,000 entries is read again and again.
    _ = try query("PRAGMA cache_size = -16384")
  }

  /// Opens the database in the file at `path` to look at it: nothing in its folder is changed, and a
  /// connection that writes is not held up.
  package convenience init(reading path: String, busyTimeout: Int32 = 5_000) throws(SQLiteError) {
    // Without a log file no connection is open, and SQLite would create one: sqlite.org/wal.html, section 5.
    let isAlone = access(path + "-wal", F_OK) != 0
    let escaped = path.utf8.map { byte in
      switch byte {
      case 0x2D...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x7E:
        String(UnicodeScalar(byte))
      default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }.joined()
    try self.init(
      opening: "file:\(escaped)?mode=ro\(isAlone ? "&immutable=1" : "")", path,
      SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, busyTimeout)
  }

  private init(
    opening name: String, _ path: String, _ flags: Int32, _ busyTimeout: Int32
  ) throws(SQLiteError) {
    var opened: OpaquePointer?
    let status = sqlite3_open_v2(name, &opened, flags, nil)
    guard status == SQLITE_OK, let opened else {
      var error = SQLiteError(status: status, connection: opened)
      error.message += ": \(path)"
      sqlite3_close_v2(opened)
      throw error
    }
    sqlite3_extended_result_codes(opened, 1)
    sqlite3_busy_timeout(opened, busyTimeout)
    connection = opened
    mutex = .allocate(capacity: 1)
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }

  /// Switching to a write-ahead log needs the database for itself and is not waited for by SQLite's busy
  /// handler: connections that make a database at the same moment try again.
  private func keepWriteAheadLog(within milliseconds: Int32) throws(SQLiteError) {
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    while true {
      do throws(SQLiteError) {
        _ = try query("PRAGMA journal_mode = WAL")
        return
      } catch {
        guard error.kind == .busy, ContinuousClock.now < end else { throw error }
        usleep(2_000)
      }
    }
  }

  /// Makes the file its owner's alone, an old one too. SQLite gives its log files the mode of their
  /// database (sqlite3.c, `findCreateFileMode`).
  private static func makePrivate(_ path: String) {
    // Only a file that was not there is opened: closing one would set free the locks that other
    // connections of this process hold on it (sqlite.org/howtocorrupt.html, section 2.2).
    let made = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if made >= 0 { close(made) }
    for name in [path, path + "-wal", path + "-shm"] {
      var facts = stat()
      if stat(name, &facts) == 0, facts.st_mode & 0o077 != 0 { chmod(name, 0o600) }
    }
  }

  deinit {
    statements = [:]
    sqlite3_close_v2(connection)
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs one statement and says how many rows it inserted, changed or deleted.
  @discardableResult
  package func execute(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteError) -> Int {
    try locked { () throws(SQLiteError) in
      let before = sqlite3_total_changes64(connection)
      try statement(sql).run(values) { _ in }
      return Int(sqlite3_total_changes64(connection) - before)
    }
  }

  /// Runs one statement and gives back all its rows.
  package func query(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteError) -> [Row] {
    try locked { () throws(SQLiteError) in
      var rows: [Row] = []
      try statement(sql).run(values) { rows.append($0) }
      return rows
    }
  }

  /// Runs several statements without placeholders, such as a schema.
  package func run(script: String) throws(SQLiteError) {
    try locked { () throws(SQLiteError) in
      let status = sqlite3_exec(connection, script, nil, nil, nil)
      guard status == SQLITE_OK else {
        throw SQLiteError(status: status, connection: connection, statement: script)
      }
    }
  }

  /// Runs `body` as one unit that takes effect whole or, when it throws, not at all.
  ///
  /// Takes the write lock at once. Within `body` this database is used as everywhere; other threads
  /// wait. Nested transactions are savepoints of the outer one.
  package func transaction<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws -> Result {
    try locked {
      let name = "level\(depth)"
      try execute(depth == 0 ? "BEGIN IMMEDIATE" : "SAVEPOINT \(name)")
      depth += 1
      do {
        let result = try body()
        try execute(depth == 1 ? "COMMIT" : "RELEASE \(name)")
        depth -= 1
        return result
      } catch {
        depth -= 1
        // SQLite may have rolled back by itself (a full disk); a second rollback then fails, and
        // the first error is the one worth telling.
        if depth == 0 {
          if sqlite3_get_autocommit(connection) == 0 { _ = try? execute("ROLLBACK") }
        } else {
          _ = try? execute("ROLLBACK TO \(name)")
          _ = try? execute("RELEASE \(name)")
        }
        throw error
      }
    }
  }

  /// Brings the schema up to date: `steps[n]` leads from version n to n + 1 and is never edited
  /// once released. Each step is a script; all of them take effect together, or none.
  package func migrate(_ steps: [String]) throws {
    let found = try schemaVersion()
    guard found <= steps.count else {
      throw SQLiteError(
        .newerSchema,
        message: "the database has schema version \(found), and this program knows \(steps.count)")
    }
    guard found < steps.count else { return }
    try transaction {
      // Another process may have taken steps since.
      for version in try schemaVersion()..<steps.count {
        try run(script: steps[version])
        try execute("PRAGMA user_version = \(version + 1)")
      }
    }
  }

  private func schemaVersion() throws -> Int {
    try query("PRAGMA user_version")[0].value("user_version")
  }

  private func statement(_ sql: String) throws(SQLiteError) -> Statement {
    if let known = statements[sql] { return known }
    let prepared = try Statement(sql, connection: connection)
    if statements.count >= Self.maximumStatements { statements = [:] }
    statements[sql] = prepared
    return prepared
  }

  private func locked<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }
}
