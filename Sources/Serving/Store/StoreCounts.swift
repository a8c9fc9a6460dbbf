import Core
import SQLite

/// What the store can count, for those who watch the server.
struct StoreCounts: Sendable {
  /// Tasks of one wire format and model by how far they are.
  struct Row: Sendable {
    var facade: String
    var model: String
    var status: TaskRecord.Status
    var count: Int
    var credits: Double
    /// The seconds that the work of all of them took.
    var seconds: Double
  }

  var rows: [Row]
  /// Callbacks that were not accepted yet.
  var dueCallbacks: Int
  /// Files that are kept.
  var files: Int

  /// What the store is asked: tasks, callbacks, files.
  static let queries = [
    """
    SELECT facade, model, status, sum(tasks) AS n, sum(charged) AS credits,
      sum(milliseconds) AS milliseconds
    FROM counts WHERE tasks > 0
    GROUP BY facade, model, status ORDER BY facade, model, status
    """,
    "SELECT count(*) AS n FROM tasks WHERE callback_due IS NOT NULL",
    "SELECT count(*) AS n FROM files WHERE account IS NULL OR size > 0",
  ]
}

extension TaskStore {
  /// Counts everything.
  func tally() async throws -> StoreCounts {
    try await run { database in
      let rows = try database.query(StoreCounts.queries[0]).map { row in
        let credits: Int64 = try row.value("credits")
        let milliseconds: Int64 = try row.value("milliseconds")
        return StoreCounts.Row(
          facade: try row.value("facade"), model: try row.value("model"),
          status: TaskRecord.Status(rawValue: try row.value("status")) ?? .failed,
          count: try row.value("n"), credits: Credits(thousandths: credits).number,
          seconds: Double(milliseconds) / 1_000)
      }
      return StoreCounts(
        rows: rows,
        dueCallbacks: try database.query(StoreCounts.queries[1])[0].value("n"),
        files: try database.query(StoreCounts.queries[2])[0].value("n"))
    }
  }
}
