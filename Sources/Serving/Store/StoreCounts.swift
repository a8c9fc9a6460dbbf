import Core
import Ledgers

/// What the store can count, for those who watch the server.
package struct StoreCounts: Sendable {
  /// Tasks of one wire format and model by how far they are.
  struct Row: Sendable {
    var facade: String
    var model: String
    var status: TaskRecord.Status
    var count: Int
    var credits: Double
    /// The seconds that the work of all of them took.
    var seconds: Double

    /// Reads a row with a number, thousandths of credits and milliseconds.
    init(_ row: some EntryRow) throws {
      facade = try row.text("facade") ?? ""
      model = try row.text("model") ?? ""
      status = try row.text("status").flatMap(TaskRecord.Status.init(rawValue:)) ?? .failed
      count = Int(try row.whole("n") ?? 0)
      credits = Credits(thousandths: try row.whole("credits") ?? 0).number
      seconds = Double(try row.whole("milliseconds") ?? 0) / 1_000
    }
  }

  var rows: [Row]
  /// Callbacks that were not accepted yet.
  var dueCallbacks: Int
  /// Files that are kept.
  var files: Int
}

extension TaskStore {
  /// How many tasks wait or are being worked on.
  package func unfinished() async throws -> Int {
    let counts = try await tally()
    return counts.count(.pending) + counts.count(.running)
  }
}
