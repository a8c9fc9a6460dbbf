import Core
import SQLite

/// The tasks of one server, in one SQLite database that survives a kill.
package final class SQLiteTaskStore: TaskStore {
  private let database: Database
  private let threads = ThreadPool(name: "tasks", width: 1)
  private let limiter = RateLimiter()

  package let isShared = false

  /// Opens the store, made when it is missing. Throws `SwaplineError`.
  package init(_ location: Database.Location) throws {
    do {
      // A task that was answered for is a task that is paid for, so it must survive a power cut.
      database = try Database(location, durability: .full)
      try database.migrate(SQLiteStoreSchema.steps)
      // The callbacks that an earlier process was sending.
      try database.execute("UPDATE tasks SET callback_lease = 0 WHERE callback_lease > 0")
    } catch let error as SQLiteError {
      throw Self.translated(error)
    }
  }

  package func grant(_ credits: Credits?, to account: String) async throws {
    try await run { database in
      try database.execute(
        """
        INSERT INTO accounts (id, granted) VALUES (?, ?)
        ON CONFLICT (id) DO UPDATE SET granted = excluded.granted
        """, [SQLiteValue(account), SQLiteValue(credits?.thousandths)])
    }
  }

  package func balance(of account: String) async throws -> Credits? {
    try await run { try Self.available(account, $0) }
  }

  // In memory: who starts the server anew waits longer than a client.
  package func takeRequest(
    of account: String, within rate: RequestRate
  ) async throws -> TimeSpan? {
    limiter.take(account, within: rate)
  }

  package func create(_ task: NewTask, queueLimit: Int) async throws -> TaskCreation {
    try await run { database in
      if let key = task.idempotencyKey {
        let earlier = try database.query(
          "SELECT * FROM tasks WHERE account = ? AND idempotency_key = ?",
          [SQLiteValue(task.account), SQLiteValue(key)])
        if let row = earlier.first {
          return try task.repeats(TaskRecord(row), meaning: row.text("meaning"))
        }
      }
      let waiting = try Self.waiting(database)
      guard waiting < queueLimit else { return .full(waiting: waiting) }
      let paid = try database.execute(
        """
        UPDATE accounts SET reserved = reserved + ?1
        WHERE id = ?2 AND (granted IS NULL OR granted - reserved - charged >= ?1)
        """, [SQLiteValue(task.price.thousandths), SQLiteValue(task.account)])
      guard paid == 1 else {
        return .poor(available: try Self.available(task.account, database) ?? .zero)
      }
      let (order, first) = (task.order, task.order.faces.first)
      try database.execute(
        """
        INSERT INTO tasks (
          id, facade, account, model, scene_url, face_url, scene_field, face_field, face_index,
          callback_url, result_format, param, idempotency_key, kind, faces, status, created_at,
          price, meaning
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?)
        """,
        [
          SQLiteValue(task.id), SQLiteValue(task.facade), SQLiteValue(task.account),
          SQLiteValue(order.model), SQLiteValue(order.sceneURL), SQLiteValue(first?.url ?? ""),
          SQLiteValue(order.sceneField), SQLiteValue(first?.field ?? ""),
          SQLiteValue(first?.index ?? 0), SQLiteValue(order.callbackURL),
          SQLiteValue(order.resultFormat?.name), SQLiteValue(task.param),
          SQLiteValue(task.idempotencyKey), SQLiteValue(order.kind.rawValue),
          SQLiteValue(task.faces), SQLiteValue(WallClock.milliseconds),
          SQLiteValue(task.price.thousandths),
          SQLiteValue(task.idempotencyKey == nil ? nil : task.meaning),
        ])
      return .created(try Self.existing(task.id, database))
    }
  }

  package func task(_ id: String, of account: String) async throws -> TaskRecord? {
    try await run { database in
      try database.query(
        "SELECT * FROM tasks WHERE id = ? AND account = ?",
        [SQLiteValue(id), SQLiteValue(account)]
      ).first.map { try TaskRecord($0) }
    }
  }

  package func claim(for lease: TimeSpan) async throws -> TaskRecord? {
    try await run { database in
      let next = try database.query(
        "SELECT id FROM tasks WHERE status = 'pending' ORDER BY sequence LIMIT 1")
      guard let id: String = try next.first?.value("id") else { return nil }
      let now = WallClock.milliseconds
      try database.execute(
        """
        UPDATE tasks SET status = 'running', started_at = ?, attempts = attempts + 1,
          epoch = epoch + 1, lease = ? WHERE id = ?
        """,
        [SQLiteValue(now), SQLiteValue(now + lease.milliseconds), SQLiteValue(id)])
      return try Self.existing(id, database)
    }
  }

  package func renew(_ tasks: [TaskRecord], for lease: TimeSpan) async throws -> Set<String> {
    try await run { database in
      let end = WallClock.milliseconds + lease.milliseconds
      return Set(
        try tasks.filter { task in
          try database.execute(
            "UPDATE tasks SET lease = ? WHERE id = ? AND epoch = ? AND status = 'running'",
            [SQLiteValue(end), SQLiteValue(task.id), SQLiteValue(task.epoch)]) == 1
        }.map(\.id))
    }
  }

  package func finish(_ task: TaskRecord, _ ending: TaskEnding) async throws -> Bool {
    let columns = try EndingColumns(ending)
    return try await run { database in
      let found = try Self.existing(task.id, database)
      guard found.epoch == task.epoch, found.status != .pending else { return false }
      guard found.status == .running else { return true }
      let now = SQLiteValue(WallClock.milliseconds)
      if let end = columns.expires {
        for name in columns.files { try Self.keep(name, until: end, database) }
      }
      try database.execute(
        """
        UPDATE tasks SET status = ?, completed_at = ?, \(columns.column) = ?, result_name = ?,
          result_expires = ?
        WHERE id = ?
        """,
        [
          SQLiteValue(columns.status.rawValue), now, SQLiteValue(columns.value),
          SQLiteValue(columns.resultName), SQLiteValue(columns.expires), SQLiteValue(task.id),
        ])
      let charge = columns.status == .success ? found.price : .zero
      try database.execute(
        "UPDATE accounts SET reserved = reserved - ?, charged = charged + ? WHERE id = ?",
        [
          SQLiteValue(found.price.thousandths), SQLiteValue(charge.thousandths),
          SQLiteValue(found.account),
        ])
      try database.execute(
        "UPDATE tasks SET callback_due = ? WHERE id = ? AND callback_url IS NOT NULL",
        [now, SQLiteValue(task.id)])
      return true
    }
  }

  package func release(_ task: TaskRecord) async throws {
    try await run { database in
      try database.execute(
        """
        UPDATE tasks SET status = 'pending', attempts = attempts - 1
        WHERE id = ? AND epoch = ? AND status = 'running'
        """, [SQLiteValue(task.id), SQLiteValue(task.epoch)])
    }
  }

  package func recover(limit: Int, isAlone: Bool) async throws -> [TaskRecord] {
    try await run { database in
      let over = [SQLiteValue(isAlone ? .max : WallClock.milliseconds), SQLiteValue(limit)]
      try database.execute(
        """
        UPDATE tasks SET status = 'pending' WHERE status = 'running' AND lease <= ?1
          AND attempts < ?2
        """, over)
      return try database.query(
        "SELECT * FROM tasks WHERE status = 'running' AND lease <= ?1 AND attempts >= ?2", over
      ).map { try TaskRecord($0) }
    }
  }

  package func billable() async throws -> Int {
    try await run { database in
      try database.query(
        """
        SELECT coalesce(sum(tasks), 0) AS n FROM counts
        WHERE status = 'success' AND is_detection = 0
        """)[0].value("n")
    }
  }

  package func waiting() async throws -> Int { try await run { try Self.waiting($0) } }

  package func check() async throws {
    try await run { try $0.query("SELECT id FROM tasks LIMIT 1") }
  }

  package func listen(_ tell: @escaping @Sendable () -> Void) async {}

  /// Runs `body` as one transaction, away from Swift's own threads.
  @discardableResult
  func run<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    let database = database
    do {
      return try await threads.run { _ in try database.transaction { try body(database) } }
    } catch let error as SQLiteError {
      throw Self.translated(error)
    }
  }

  private static func existing(_ id: String, _ database: Database) throws -> TaskRecord {
    let rows = try database.query("SELECT * FROM tasks WHERE id = ?", [SQLiteValue(id)])
    guard let row = rows.first else {
      throw SwaplineError(.internal, "Task \(id) is not in the store.")
    }
    return try TaskRecord(row)
  }

  private static func waiting(_ database: Database) throws -> Int {
    try database.query(
      "SELECT coalesce(sum(tasks), 0) AS n FROM counts WHERE status = 'pending'")[0].value("n")
  }

  private static func available(_ account: String, _ database: Database) throws -> Credits? {
    let rows = try database.query(
      """
      SELECT granted IS NULL AS unlimited, max(0, granted - reserved - charged) AS available
      FROM accounts WHERE id = ?
      """, [SQLiteValue(account)])
    guard let row = rows.first else { return .zero }
    if try row.value("unlimited") { return nil }
    return Credits(thousandths: try row.value("available"))
  }

  static func keep(_ name: String, until expires: Int64, _ database: Database) throws {
    try database.execute(
      """
      INSERT INTO files (name, expires) VALUES (?, ?)
      ON CONFLICT (name) DO UPDATE SET expires = max(expires, excluded.expires)
      """, [SQLiteValue(name), SQLiteValue(expires)])
  }

  private static func translated(_ error: SQLiteError) -> SwaplineError {
    SwaplineError(
      error.kind == .other || error.kind == .constraint ? .internal : .storage,
      "The server's record of tasks cannot be read or written: \(error.message).",
      hint: error.kind == .diskFull
        ? "Free some space on the disk of the server's folder." : "Check the server's folder.")
  }
}
