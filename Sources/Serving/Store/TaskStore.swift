import Core
import SQLite

/// Every task, account and file of the server, in one SQLite database that survives a kill.
///
/// Money moves in three steps, each one transaction with the task's own change: reserved when the
/// task is taken, charged when it succeeds, given back when it fails.
package final class TaskStore: Sendable {
  private let database: Database
  private let threads = ThreadPool(name: "tasks", width: 1)

  /// Opens the store, made when it is missing. Throws `SwaplineError`.
  package init(_ location: Database.Location) throws {
    do {
      // A task that was answered for is a task that is paid for, so it must survive a power cut.
      database = try Database(location, durability: .full)
      try database.migrate(Schema.steps)
    } catch let error as SQLiteError {
      throw Self.translated(error)
    }
  }

  /// What came of asking for a task.
  package enum Creation: Sendable, Hashable {
    /// A new one.
    case created(TaskRecord)
    /// The one that was made before with the same idempotency key.
    case repeated(TaskRecord)
    /// The idempotency key was used for another request.
    case conflict
    /// The account has only so much.
    case poor(available: Credits)
    /// So many tasks are already waiting.
    case full(waiting: Int)
  }

  /// Lets an account spend `credits` in all; nil lets it spend without limit.
  package func grant(_ credits: Credits?, to account: String) async throws {
    try await run { database in
      try database.execute(
        """
        INSERT INTO accounts (id, granted) VALUES (?, ?)
        ON CONFLICT (id) DO UPDATE SET granted = excluded.granted
        """, [SQLiteValue(account), SQLiteValue(credits?.thousandths)])
    }
  }

  /// What an account can still spend, reserved credits taken off; nil without limit. An account
  /// that is not known has nothing.
  package func balance(of account: String) async throws -> Credits? {
    try await run { try Self.available(account, $0) }
  }

  /// Takes a task: checks the queue's length, reserves its price and writes it, all or nothing.
  ///
  /// `contents` are the SHA-256 digests of files that the order names by address, where they are
  /// known: two addresses of the same bytes ask for the same.
  package func create(
    _ order: SwapOrder, facade: String, account: String, price: Credits,
    idempotencyKey: String? = nil, contents: [String: String] = [:], queueLimit: Int = .max
  ) async throws -> Creation {
    let meaning = try OrderMeaning.text(order, facade: facade, contents: contents)
    let param = try JSONText.line(order.param)
    let faces = try JSONText.line(order.faces)
    let first = order.faces.first
    let id = "task_" + RandomToken.hex(bytes: 12)
    return try await run { database in
      if let idempotencyKey {
        let earlier = try database.query(
          "SELECT * FROM tasks WHERE account = ? AND idempotency_key = ?",
          [SQLiteValue(account), SQLiteValue(idempotencyKey)])
        if let row = earlier.first {
          let task = try TaskRecord(row)
          // Tasks of earlier versions have no meaning written down.
          let known: String =
            try row.optional("meaning") ?? OrderMeaning.text(task.order, facade: task.facade)
          return known == meaning ? .repeated(task) : .conflict
        }
      }
      let waiting: Int = try database.query(
        "SELECT coalesce(sum(tasks), 0) AS n FROM counts WHERE status = 'pending'")[0].value("n")
      guard waiting < queueLimit else { return .full(waiting: waiting) }
      let paid = try database.execute(
        """
        UPDATE accounts SET reserved = reserved + ?1
        WHERE id = ?2 AND (granted IS NULL OR granted - reserved - charged >= ?1)
        """, [SQLiteValue(price.thousandths), SQLiteValue(account)])
      guard paid == 1 else {
        return .poor(available: try Self.available(account, database) ?? .zero)
      }
      try database.execute(
        """
        INSERT INTO tasks (
          id, facade, account, model, scene_url, face_url, scene_field, face_field, face_index,
          callback_url, result_format, param, idempotency_key, kind, faces, status, created_at,
          price, meaning
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?)
        """,
        [
          SQLiteValue(id), SQLiteValue(facade), SQLiteValue(account), SQLiteValue(order.model),
          SQLiteValue(order.sceneURL), SQLiteValue(first?.url ?? ""),
          SQLiteValue(order.sceneField), SQLiteValue(first?.field ?? ""),
          SQLiteValue(first?.index ?? 0),
          SQLiteValue(order.callbackURL), SQLiteValue(order.resultFormat?.name),
          SQLiteValue(param), SQLiteValue(idempotencyKey), SQLiteValue(order.kind.rawValue),
          SQLiteValue(faces), SQLiteValue(WallClock.milliseconds), SQLiteValue(price.thousandths),
          SQLiteValue(idempotencyKey == nil ? nil : meaning),
        ])
      return .created(try Self.existing(id, database))
    }
  }

  /// The task that `account` submitted under `id`.
  package func task(_ id: String, of account: String) async throws -> TaskRecord? {
    try await run { database in
      try database.query(
        "SELECT * FROM tasks WHERE id = ? AND account = ?",
        [SQLiteValue(id), SQLiteValue(account)]
      ).first.map(TaskRecord.init)
    }
  }

  /// Takes up the oldest task that waits; nil when none does.
  package func claim() async throws -> TaskRecord? {
    try await run { database in
      let next = try database.query(
        "SELECT id FROM tasks WHERE status = 'pending' ORDER BY sequence LIMIT 1")
      guard let id: String = try next.first?.value("id") else { return nil }
      try database.execute(
        "UPDATE tasks SET status = 'running', started_at = ?, attempts = attempts + 1 WHERE id = ?",
        [SQLiteValue(WallClock.milliseconds), SQLiteValue(id)])
      return try Self.existing(id, database)
    }
  }

  /// Ends a task that was taken up: charges or gives back, keeps the result's file, and makes its
  /// callback due. Ending a task twice changes nothing.
  package func finish(_ id: String, _ ending: TaskEnding) async throws {
    let outcome: (status: TaskRecord.Status, column: String, value: String)
    var files: [String] = []
    var expires: Int64?
    switch ending {
    case .result(let name, let end, let facts):
      outcome = (.success, "result_media", try JSONText.line(facts))
      (files, expires) = ([name], end)
    case .faces(let found):
      outcome = (.success, "found", try JSONText.line(found))
      (files, expires) = (found.files, found.expires)
    case .failure(let error): outcome = (.failed, "failure", try JSONText.line(error))
    }
    let (kept, end) = (files, expires)
    try await run { database in
      let task = try Self.existing(id, database)
      guard task.status == .running else { return }
      let now = SQLiteValue(WallClock.milliseconds)
      if let end { for name in kept { try Self.keep(name, until: end, database) } }
      try database.execute(
        """
        UPDATE tasks SET status = ?, completed_at = ?, \(outcome.column) = ?, result_name = ?,
          result_expires = ?
        WHERE id = ?
        """,
        [
          SQLiteValue(outcome.status.rawValue), now, SQLiteValue(outcome.value),
          SQLiteValue(outcome.column == "result_media" ? kept.first : nil), SQLiteValue(end),
          SQLiteValue(id),
        ])
      let charge = outcome.status == .success ? task.price : .zero
      try database.execute(
        "UPDATE accounts SET reserved = reserved - ?, charged = charged + ? WHERE id = ?",
        [
          SQLiteValue(task.price.thousandths), SQLiteValue(charge.thousandths),
          SQLiteValue(task.account),
        ])
      try database.execute(
        "UPDATE tasks SET callback_due = ? WHERE id = ? AND callback_url IS NOT NULL",
        [now, SQLiteValue(id)])
    }
  }

  /// Lets a task that was taken up and stopped on purpose wait again, as if it had not been begun.
  package func release(_ id: String) async throws {
    try await run { database in
      try database.execute(
        """
        UPDATE tasks SET status = 'pending', attempts = attempts - 1
        WHERE id = ? AND status = 'running'
        """, [SQLiteValue(id)])
    }
  }

  /// Makes tasks that a kill or a stop left half done wait again; gives back those that were begun
  /// `limit` times already, which their caller ends.
  package func recover(limit: Int) async throws -> [TaskRecord] {
    try await run { database in
      try database.execute(
        "UPDATE tasks SET status = 'pending' WHERE status = 'running' AND attempts < ?",
        [SQLiteValue(limit)])
      return try database.query("SELECT * FROM tasks WHERE status = 'running'")
        .map(TaskRecord.init)
    }
  }

  /// How many swaps were charged since the store was made.
  package func billable() async throws -> Int {
    try await run { database in
      try database.query(
        """
        SELECT coalesce(sum(tasks), 0) AS n FROM counts
        WHERE status = 'success' AND is_detection = 0
        """)[0].value("n")
    }
  }

  /// How many tasks wait for their turn.
  package func waiting() async throws -> Int {
    try await run {
      try $0.query("SELECT coalesce(sum(tasks), 0) AS n FROM counts WHERE status = 'pending'")[0]
        .value("n")
    }
  }

  /// How many tasks wait or are being worked on.
  package func unfinished() async throws -> Int {
    try await run {
      try $0.query(
        """
        SELECT coalesce(sum(tasks), 0) AS n FROM counts WHERE status IN ('pending', 'running')
        """)[0].value("n")
    }
  }

  /// Throws `SwaplineError` when the store cannot be used.
  package func check() async throws {
    try await run { try $0.query("SELECT id FROM tasks LIMIT 1") }
  }

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

  static func existing(_ id: String, _ database: Database) throws -> TaskRecord {
    let rows = try database.query("SELECT * FROM tasks WHERE id = ?", [SQLiteValue(id)])
    guard let row = rows.first else {
      throw SwaplineError(.internal, "Task \(id) is not in the store.")
    }
    return try TaskRecord(row)
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
