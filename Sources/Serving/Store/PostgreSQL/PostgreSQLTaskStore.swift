import Core
import Ledgers
import PostgreSQL

/// The tasks of several servers, in a PostgreSQL database.
///
/// One transaction writes at a time, under a lock of the store: many small writes of one server share a
/// transaction, and the rows of two such ones, locked in any order, would get in each other's way. Times
/// are the database's, so that servers whose clocks differ agree on what has ended.
package final class PostgreSQLTaskStore: TaskStore {
  private let queue: PostgreSQLQueue
  private let news: StoreNews

  package let isShared = true

  /// The store at `address`. A database that is away is waited for so long as `patience`. Throws
  /// `SwaplineError` for an address that must not be used.
  package init(_ address: String, patience: Duration = .seconds(1)) throws {
    try PostgreSQLStoreSchema.purpose.check(address)
    queue = PostgreSQLQueue(
      address, for: PostgreSQLStoreSchema.purpose, patience: patience
    ) { try PostgreSQLStoreSchema.tables.check($0, at: address) }
    news = StoreNews(address)
  }

  /// Makes the tables of the store at `address`, or brings them up to date, and says in a sentence what was
  /// done.
  package static func migrate(_ address: String) async throws -> String {
    try await PostgreSQLStoreSchema.tables.migrate(address)
  }

  package func listen(_ tell: @escaping @Sendable () -> Void) async { await news.listen(tell) }

  package func grant(_ credits: Credits?, to account: String) async throws {
    try await write { connection in
      try connection.query(
        """
        INSERT INTO store_accounts(id, granted) VALUES ($1, $2)
        ON CONFLICT (id) DO UPDATE SET granted = EXCLUDED.granted
        """, [.init(account), .init(credits?.thousandths)])
    }
  }

  package func balance(of account: String) async throws -> Credits? {
    try await read { try Self.available(account, $0) }
  }

  package func takeRequest(
    of account: String, within rate: RequestRate
  ) async throws -> TimeSpan? {
    guard let (perSecond, most) = rate.bucket else { return nil }
    // By it the same request is known again when its answer was lost on the way.
    let nonce = RandomToken.hex(bytes: 8)
    return try await write { connection in
      let now = try Self.now(connection)
      let row = try connection.query(
        "SELECT left_over, at, nonce FROM store_rates WHERE account = $1", [.init(account)]
      ).first
      if try row?.value("nonce") == nonce { return nil }
      var left = most
      if let row {
        let idle = Double(max(0, now - (try row.value("at", as: Int64.self)))) / 1_000
        left = min(most, try row.value("left_over", as: Double.self) + idle * perSecond)
      }
      guard left >= 1 else { return .seconds((1 - left) / perSecond) }
      try connection.query(
        """
        INSERT INTO store_rates(account, left_over, at, nonce) VALUES ($1, $2, $3, $4)
        ON CONFLICT (account) DO UPDATE SET left_over = $2, at = $3, nonce = $4
        """, [.init(account), .init(left - 1), .init(now), .init(nonce)])
      return nil
    }
  }

  package func create(_ task: NewTask, queueLimit: Int) async throws -> TaskCreation {
    try await write { connection in
      if let made = try Self.existing(task.id, connection) { return .created(made) }
      if let key = task.idempotencyKey {
        let earlier = try connection.query(
          "SELECT * FROM store_tasks WHERE account = $1 AND idempotency_key = $2",
          [.init(task.account), .init(key)])
        if let row = earlier.first {
          return try task.repeats(TaskRecord(row), meaning: row.text("meaning"))
        }
      }
      let waiting = try Self.waiting(connection)
      guard waiting < queueLimit else { return .full(waiting: waiting) }
      let paid = try connection.query(
        """
        UPDATE store_accounts SET reserved = reserved + $1::bigint WHERE id = $2
          AND (granted IS NULL OR granted - reserved - charged >= $1::bigint) RETURNING id
        """, [.init(task.price.thousandths), .init(task.account)])
      guard paid.count == 1 else {
        return .poor(available: try Self.available(task.account, connection) ?? .zero)
      }
      let order = task.order
      let row = try connection.query(
        """
        INSERT INTO store_tasks(
          id, facade, account, model, kind, scene_url, scene_field, faces, callback_url,
          result_format, param, idempotency_key, meaning, price, status, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'pending', $15)
        RETURNING *
        """,
        [
          .init(task.id), .init(task.facade), .init(task.account), .init(order.model),
          .init(order.kind.rawValue), .init(order.sceneURL), .init(order.sceneField),
          .init(task.faces), .init(order.callbackURL), .init(order.resultFormat?.name),
          .init(task.param), .init(task.idempotencyKey),
          .init(task.idempotencyKey == nil ? nil : task.meaning),
          .init(task.price.thousandths), .init(try Self.now(connection)),
        ])[0]
      try StoreNews.tell(connection)
      return .created(try TaskRecord(row))
    }
  }

  package func task(_ id: String, of account: String) async throws -> TaskRecord? {
    try await read { connection in
      try connection.query(
        "SELECT * FROM store_tasks WHERE id = $1 AND account = $2", [.init(id), .init(account)]
      ).first.map { try TaskRecord($0) }
    }
  }

  package func claim(for lease: TimeSpan) async throws -> TaskRecord? {
    let name = RandomToken.hex(bytes: 12)
    return try await write { connection in
      // Done before, and its answer was lost.
      let made = try connection.query(
        "SELECT * FROM store_tasks WHERE claim = $1 AND status = 'running'", [.init(name)])
      if let row = made.first { return try TaskRecord(row) }
      let now = try Self.now(connection)
      return try connection.query(
        """
        UPDATE store_tasks SET status = 'running', started_at = $1::bigint,
          attempts = attempts + 1, epoch = epoch + 1, claim = $2, lease = $1::bigint + $3::bigint
        WHERE sequence = (
          SELECT sequence FROM store_tasks WHERE status = 'pending' ORDER BY sequence LIMIT 1)
        RETURNING *
        """, [.init(now), .init(name), .init(lease.milliseconds)]
      ).first.map { try TaskRecord($0) }
    }
  }

  package func renew(_ tasks: [TaskRecord], for lease: TimeSpan) async throws -> Set<String> {
    try await write { connection in
      let end = try Self.now(connection) + lease.milliseconds
      return Set(
        try tasks.filter { task in
          try !connection.query(
            """
            UPDATE store_tasks SET lease = $1 WHERE id = $2 AND epoch = $3 AND status = 'running'
            RETURNING id
            """, [.init(end), .init(task.id), .init(task.epoch)]
          ).isEmpty
        }.map(\.id))
    }
  }

  package func finish(_ task: TaskRecord, _ ending: TaskEnding) async throws -> Bool {
    let columns = try EndingColumns(ending)
    return try await write { connection in
      guard let found = try Self.existing(task.id, connection) else {
        throw SwaplineError(.internal, "Task \(task.id) is not in the store.")
      }
      guard found.epoch == task.epoch, found.status != .pending else { return false }
      guard found.status == .running else { return true }
      let now = try Self.now(connection)
      if let end = columns.expires {
        for name in columns.files { try Self.keep(name, until: end, connection) }
      }
      try connection.query(
        """
        UPDATE store_tasks SET status = $2, completed_at = $3::bigint, \(columns.column) = $4,
          result_name = $5, result_expires = $6,
          callback_due = CASE WHEN callback_url IS NULL THEN NULL ELSE $3::bigint END
        WHERE id = $1
        """,
        [
          .init(task.id), .init(columns.status.rawValue), .init(now), .init(columns.value),
          .init(columns.resultName), .init(columns.expires),
        ])
      let charge = columns.status == .success ? found.price : .zero
      try connection.query(
        """
        UPDATE store_accounts SET reserved = reserved - $1::bigint, charged = charged + $2::bigint
        WHERE id = $3
        """,
        [.init(found.price.thousandths), .init(charge.thousandths), .init(found.account)])
      try connection.query(
        """
        INSERT INTO store_counts AS c VALUES ($1, $2, $3, $4, 1, $5, $6)
        ON CONFLICT (facade, model, status, is_detection) DO UPDATE SET tasks = c.tasks + 1,
          charged = c.charged + EXCLUDED.charged, milliseconds = c.milliseconds + EXCLUDED.milliseconds
        """,
        [
          .init(found.facade), .init(found.order.model), .init(columns.status.rawValue),
          .init(columns.isDetection), .init(charge.thousandths),
          .init(now - (found.startedAt ?? now)),
        ])
      try StoreNews.tell(connection)
      return true
    }
  }

  package func release(_ task: TaskRecord) async throws {
    try await write { connection in
      let done = try connection.query(
        """
        UPDATE store_tasks SET status = 'pending', attempts = attempts - 1
        WHERE id = $1 AND epoch = $2 AND status = 'running' RETURNING id
        """, [.init(task.id), .init(task.epoch)])
      if !done.isEmpty { try StoreNews.tell(connection) }
    }
  }

  package func recover(limit: Int, isAlone: Bool) async throws -> [TaskRecord] {
    try await write { connection in
      let over: [PostgreSQLValue] = [
        .init(isAlone ? Int64.max : try Self.now(connection)), .init(Int64(limit)),
      ]
      let waiting = try connection.query(
        """
        UPDATE store_tasks SET status = 'pending' WHERE status = 'running' AND lease <= $1
          AND attempts < $2 RETURNING id
        """, over)
      if !waiting.isEmpty { try StoreNews.tell(connection) }
      return try connection.query(
        "SELECT * FROM store_tasks WHERE status = 'running' AND lease <= $1 AND attempts >= $2",
        over
      ).map { try TaskRecord($0) }
    }
  }

  package func billable() async throws -> Int {
    try await read { connection in
      try connection.query(
        """
        SELECT coalesce(sum(tasks), 0)::bigint AS n FROM store_counts
        WHERE status = 'success' AND NOT is_detection
        """)[0].value("n")
    }
  }

  package func waiting() async throws -> Int { try await read { try Self.waiting($0) } }

  package func check() async throws {
    try await read { try $0.query("SELECT id FROM store_tasks LIMIT 1") }
  }

  /// Runs `body` in a transaction that only looks.
  @discardableResult
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (PostgreSQLConnection) throws -> Value
  ) async throws -> Value {
    try await queue.perform(body)
  }

  /// Runs `body` in a transaction that may write. It may be run twice: whether a transaction took effect
  /// whose end was not answered is not known.
  @discardableResult
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (PostgreSQLConnection) throws -> Value
  ) async throws -> Value {
    try await queue.perform { connection in
      try connection.query(
        "SELECT pg_advisory_xact_lock(hashtextextended('swapline store', 0))")
      return try body(connection)
    }
  }

  /// The database's time in milliseconds since 1970.
  static func now(_ connection: PostgreSQLConnection) throws -> Int64 {
    try connection.query("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now")[0]
      .value("now")
  }

  private static func existing(
    _ id: String, _ connection: PostgreSQLConnection
  ) throws -> TaskRecord? {
    try connection.query("SELECT * FROM store_tasks WHERE id = $1", [.init(id)]).first
      .map { try TaskRecord($0) }
  }

  private static func waiting(_ connection: PostgreSQLConnection) throws -> Int {
    try connection.query("SELECT count(*) AS n FROM store_tasks WHERE status = 'pending'")[0]
      .value("n")
  }

  private static func available(
    _ account: String, _ connection: PostgreSQLConnection
  ) throws -> Credits? {
    let rows = try connection.query(
      """
      SELECT granted IS NULL AS unlimited, greatest(0, granted - reserved - charged) AS available
      FROM store_accounts WHERE id = $1
      """, [.init(account)])
    guard let row = rows.first else { return .zero }
    if try row.value("unlimited", as: String.self) == "t" { return nil }
    return Credits(thousandths: try row.value("available"))
  }

  static func keep(
    _ name: String, until expires: Int64, _ connection: PostgreSQLConnection
  ) throws {
    try connection.query(
      """
      INSERT INTO store_files AS f(name, expires) VALUES ($1, $2)
      ON CONFLICT (name) DO UPDATE SET expires = greatest(f.expires, EXCLUDED.expires)
      """, [.init(name), .init(expires)])
  }
}
