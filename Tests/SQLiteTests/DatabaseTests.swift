import Glibc
import SQLite
import Synchronization
import TestSupport
import Testing

@Suite struct DatabaseTests {
  private struct Stop: Error {}

  private func counter() throws -> Database {
    let database = try Database(.memory)
    try database.migrate(["CREATE TABLE box (id INTEGER PRIMARY KEY, what, CHECK (what <> 13))"])
    return database
  }

  private func count(_ database: Database) throws -> Int {
    try database.query("SELECT count(*) AS n FROM box")[0].value("n")
  }

  @Test(arguments: [
    SQLiteValue.null, .int(.min), .int(.max), .double(0.1), .double(-1e300), .text(""),
    .text("a\0b · 'quoted' 🙂"), .blob([]), .blob([0, 1, 255]),
  ])
  func valuesComeBackUnchanged(_ value: SQLiteValue) throws {
    let database = try counter()
    #expect(try database.execute("INSERT INTO box (what) VALUES (?)", [value]) == 1)
    #expect(try database.query("SELECT what FROM box")[0]["what"] == value)
  }

  @Test(arguments: [false, true])
  func filesAreTheirOwnersAlone(_ isOld: Bool) throws {
    let path = TestFolder.unique("modes") + ".sqlite"
    defer { for end in ["", "-wal", "-shm"] { unlink(path + end) } }
    func modes() -> [mode_t] {
      ["", "-wal", "-shm"].map { end in
        var facts = stat()
        return stat(path + end, &facts) == 0 ? facts.st_mode & 0o777 : 0
      }
    }
    let first = try Database(.file(path))
    try first.migrate(["CREATE TABLE box (what)"])
    #expect(modes() == [0o600, 0o600, 0o600])
    guard isOld else { return }
    for end in ["", "-wal", "-shm"] { chmod(path + end, 0o644) }
    try withExtendedLifetime(first) {
      _ = try Database(.file(path)).query("SELECT * FROM box")
      #expect(modes() == [0o600, 0o600, 0o600])
    }
  }

  @Test func typedAccessNamesWhatIsWrong() throws {
    let row = try Database(.memory).query("SELECT 7 AS n, NULL AS none, 'x' AS t")[0]
    #expect(try row.value("n", as: Int.self) == 7)
    #expect(try row.value("n", as: Double.self) == 7)
    #expect(try row.optional("none", as: Int.self) == nil)
    let message = #expect(throws: SQLiteError.self) { try row.value("t", as: Int.self) }?.message
    #expect(message == "column t holds no Int")
    #expect(throws: SQLiteError.self) { try row.value("none", as: Int.self) }
    let missing = #expect(throws: SQLiteError.self) { try row.value("u", as: Int.self) }?.message
    #expect(missing == "there is no column u, only n, none, t")
  }

  @Test func aTransactionTakesEffectWholeOrNotAtAll() throws {
    let database = try counter()
    #expect(throws: Stop.self) {
      try database.transaction {
        try database.execute("INSERT INTO box (what) VALUES (1)")
        throw Stop()
      }
    }
    #expect(try count(database) == 0)
    try database.transaction {
      try database.execute("INSERT INTO box (what) VALUES (1)")
      #expect(throws: Stop.self) {
        try database.transaction {
          try database.execute("INSERT INTO box (what) VALUES (2)")
          throw Stop()
        }
      }
    }
    #expect(try count(database) == 1)
  }

  @Test func threadsDoNotMixTheirTransactions() async throws {
    let database = try counter()
    try database.execute("INSERT INTO box (id, what) VALUES (1, 0)")
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<40 {
        group.addTask {
          try? database.transaction {
            let n: Int = try database.query("SELECT what FROM box")[0].value("what")
            try database.execute("UPDATE box SET what = ?", [SQLiteValue(n + 14)])
          }
        }
      }
    }
    #expect(try database.query("SELECT what FROM box")[0].value("what", as: Int.self) == 560)
  }

  @Test func errorsShowTheStatementAndHideTheValues() throws {
    let database = try counter()
    let error = #expect(throws: SQLiteError.self) {
      try database.execute("INSERT INTO box (id, what) VALUES (?, ?)", [4711, 13])
    }
    #expect(error?.kind == .constraint)
    #expect(error?.description.contains("VALUES (?, ?)") == true)
    #expect(error?.description.contains("4711") == false)
  }

  @Test(
    arguments: [
      ("SELECT", []), ("SELECT ?", []), ("SELECT 1", [1]), ("SELECT 1; SELECT 2", []), ("", []),
    ] as [(String, [SQLiteValue])])
  func statementsThatMakeNoSenseAreRefused(_ sql: String, _ values: [SQLiteValue]) throws {
    let database = try Database(.memory)
    #expect(throws: SQLiteError.self) { try database.query(sql, values) }
    #expect(try database.query("SELECT 1 AS one").count == 1)
  }

  @Test func aFullDatabaseIsToldApart() throws {
    let database = try counter()
    _ = try database.query("PRAGMA max_page_count = 4")
    let error = #expect(throws: SQLiteError.self) {
      try database.transaction {
        for _ in 0..<100 {
          try database.execute("INSERT INTO box (what) VALUES (zeroblob(4000))")
        }
      }
    }
    #expect(error?.kind == .diskFull)
    #expect(try count(database) == 0)
  }

  @Test func migrationsRunOnceAndANewerFileIsRefused() throws {
    let folder = try TemporaryFolder()
    let file = Database.Location.file(folder.path + "/a.sqlite")
    let steps = ["CREATE TABLE a (x)", "INSERT INTO a VALUES (1)"]
    try Database(file).migrate([steps[0]])
    try Database(file).migrate(steps)
    try Database(file).migrate(steps)
    #expect(try Database(file).query("SELECT * FROM a").count == 1)
    let error = #expect(throws: SQLiteError.self) { try Database(file).migrate([steps[0]]) }
    #expect(error?.kind == .newerSchema)
  }

  @Test func whoMakeADatabaseAtTheSameTimeTakeEachStepOnce() async throws {
    let folder = try TemporaryFolder()
    for round in 0..<20 {
      let file = Database.Location.file("\(folder.path)/\(round).sqlite")
      let steps = ["CREATE TABLE a (x)", "INSERT INTO a VALUES (1)", "ALTER TABLE a ADD COLUMN y"]
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<6 { group.addTask { try Database(file, durability: .full).migrate(steps) } }
        try await group.waitForAll()
      }
      #expect(try Database(file).query("SELECT x, y FROM a").count == 1)
    }
  }

  @Test func aFailedMigrationLeavesTheOldSchema() throws {
    let database = try Database(.memory)
    #expect(throws: SQLiteError.self) {
      try database.migrate(["CREATE TABLE a (x); CREATE TABLE a (x)"])
    }
    try database.migrate(["CREATE TABLE a (x)"])
    #expect(try database.query("SELECT * FROM a").isEmpty)
  }

  @Test func filesUseAWriteAheadLogAndTheAskedDurability() throws {
    let folder = try TemporaryFolder()
    let database = try Database(.file(folder.path + "/a.sqlite"), durability: .full)
    #expect(try database.query("PRAGMA journal_mode")[0]["journal_mode"] == "wal")
    #expect(try database.query("PRAGMA synchronous")[0]["synchronous"] == 2)
    #expect(try database.query("PRAGMA foreign_keys")[0]["foreign_keys"] == 1)
  }

  @Test func aLockedFileIsBusyAndAForeignOneDamaged() throws {
    let folder = try TemporaryFolder()
    let file = Database.Location.file(folder.path + "/a.sqlite")
    let first = try Database(file)
    try first.run(script: "CREATE TABLE a (x); CREATE TABLE b (x);")
    let second = try Database(file, busyTimeout: 10)
    try first.transaction {
      let error = #expect(throws: SQLiteError.self) {
        try second.execute("INSERT INTO a VALUES (1)")
      }
      #expect(error?.kind == .busy)
    }
    try folder.write("this is no database, and long enough to be looked at", to: "b.sqlite")
    let error = #expect(throws: SQLiteError.self) {
      try Database(.file(folder.path + "/b.sqlite"))
    }
    #expect(error?.kind == .damaged)
    let missing = #expect(throws: SQLiteError.self) {
      try Database(.file(folder.path + "/none/b.sqlite"))
    }
    #expect(missing?.kind == .inaccessible)
  }
}
