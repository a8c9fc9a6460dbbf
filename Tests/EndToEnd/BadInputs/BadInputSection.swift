import Processing
import Testing

/// Rows that belong together: a table of the page.
struct BadInputSection: Sendable, CustomTestStringConvertible {
  /// So many rows run at once, of all sections together: some of them mostly wait.
  private static let turns = AsyncSemaphore(4)

  let title: String
  let rows: [BadInput]

  var testDescription: String { title }

  init(_ title: String, _ rows: [BadInput]) {
    self.title = title
    self.rows = rows
  }

  /// Runs the rows; what came of them, in their order.
  func outcomes() async throws -> [Trial.Outcome] {
    try await withThrowingTaskGroup(of: (Int, Trial.Outcome).self) { group in
      for (index, row) in rows.enumerated() {
        group.addTask {
          (index, try await Self.turns.withPermit { try await Trial.outcome(of: row) })
        }
      }
      var outcomes: [Int: Trial.Outcome] = [:]
      for try await (index, outcome) in group { outcomes[index] = outcome }
      return rows.indices.compactMap { outcomes[$0] }
    }
  }
}
