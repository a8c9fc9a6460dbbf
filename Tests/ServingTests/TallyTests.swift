import Core
import SQLite
import TestSupport
import Testing

@testable import Serving

/// What is counted while tasks change is what counting them all would give.
@Suite struct TallyTests {
  /// Each kind of row by counting every task.
  private func scanned(_ store: SQLiteTaskStore) async throws -> [String] {
    try await store.run { database in
      try database.query(
        """
        SELECT facade || ' ' || model || ' ' || status || ' ' || count(*) || ' '
          || sum(CASE status WHEN 'success' THEN price ELSE 0 END) || ' '
          || coalesce(sum(completed_at - started_at), 0) AS line
        FROM tasks GROUP BY facade, model, status ORDER BY facade, model, status
        """
      ).map { try $0.value("line", as: String.self) }
    }
  }

  private func counted(_ store: SQLiteTaskStore) async throws -> [String] {
    try await store.tally().rows.map { row in
      "\(row.facade) \(row.model) \(row.status.rawValue) \(row.count) "
        + "\(Int((row.credits * 1_000).rounded())) \(Int((row.seconds * 1_000).rounded()))"
    }
  }

  private func fill(_ store: SQLiteTaskStore) async throws {
    try await store.grant(nil, to: "a")
    for number in 0..<24 {
      _ = try await store.create(Sample.order(number % 3 == 0 ? "m" : "n"), price: .whole(2))
    }
    for number in 0..<18 {
      let task = try #require(try await store.claim())
      switch number % 5 {
      case 0:
        _ = try await store.finish(task, Sample.result("\(number).png"))
      case 1: _ = try await store.finish(task, Sample.failure)
      case 2: try await store.release(task)
      case 3: _ = try await store.finish(task, .faces(DetectedFaces(files: [], expires: 9)))
      default: break
      }
    }
    _ = try await store.recover(limit: 1, isAlone: true)
  }

  @Test func countsFollowEveryChange() async throws {
    let store = try SQLiteTaskStore(.memory)
    try await fill(store)
    let rows = try await counted(store)
    #expect(rows == (try await scanned(store)))
    #expect(rows.count >= 6)
    let swaps = try await store.run { database in
      try database.query(
        "SELECT count(*) AS n FROM tasks WHERE status = 'success' AND found IS NULL"
      )[0].value("n", as: Int.self)
    }
    #expect(swaps > 0)
    #expect(try await store.billable() == swaps)
    let (waiting, unfinished) = (try await store.waiting(), try await store.unfinished())
    #expect(rows.contains { $0.contains(" pending ") } && waiting > 0 && unfinished > waiting)
  }

  @Test func tasksOfEarlierVersionsAreCounted() async throws {
    let path = TestFolder.unique("tally")
    do {
      let store = try SQLiteTaskStore(.file(path))
      try await fill(store)
      // As the last version left it.
      try await store.run { database in
        try database.execute("DROP TRIGGER tasks_counted_in")
        try database.execute("DROP TRIGGER tasks_counted_anew")
        try database.execute("DROP TABLE counts")
        try database.execute("DROP INDEX files_there")
        for column in ["epoch", "lease", "callback_lease"] {
          try database.execute("ALTER TABLE tasks DROP COLUMN \(column)")
        }
        try database.execute("PRAGMA user_version = 4")
      }
    }
    let store = try SQLiteTaskStore(.file(path))
    #expect(try await counted(store) == (try await scanned(store)))
  }

  @Test func watchingLooksAtNoTask() async throws {
    let store = try SQLiteTaskStore(.memory)
    let plans = try await store.run { database in
      try SQLiteTaskStore.counting.flatMap { query in
        try database.query("EXPLAIN QUERY PLAN " + query)
          .map { try $0.value("detail", as: String.self) }
      }
    }
    #expect(!plans.isEmpty)
    #expect(!plans.contains { $0.hasPrefix("SCAN tasks") && !$0.contains("tasks_callback") })
    #expect(!plans.contains { $0.hasPrefix("SCAN files") && !$0.contains("files_there") })
  }
}
