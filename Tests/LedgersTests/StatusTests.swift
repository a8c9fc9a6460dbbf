import Core
import TestSupport
import Testing

@testable import Files
@testable import Ledgers

/// How things stand with a ledger, in every kind of it.
@Suite struct StatusTests {
  private func report(_ run: String, _ budget: Budget = Budget()) -> WorkerReport {
    var report = WorkerReport(run: run, host: "h", process: 7, folder: "/out", budget: budget)
    report.items.done = 3
    report.swaps.bought = 2
    report.rates = ["p": 60]
    return report
  }

  @Test(arguments: Backend.here) func moneyAndSwapsAreCountedByState(_ backend: Backend)
    async throws
  {
    let shared = try await SharedLedger(backend)
    let ledger = try await shared.ledger()
    let ends: [(Ledger.State?, Double)] = [
      (.succeeded, 2), (.succeeded, 2), (.accepted, 3), (.refused, 5), (.ambiguous, 7), (nil, 11),
    ]
    for (index, (state, price)) in ends.enumerated() {
      let number = try await ledger.intend(
        Digest(of: "\(index)"), item: "i\(index)", provider: "p", model: "m",
        cost: Ledger.Cost(price))
      if let state { try await ledger.record(number, state, task: "t") }
    }
    for status in [try await ledger.status(), try await LedgerReader(shared.path).status()] {
      #expect(
        status.swaps == [.succeeded: 2, .accepted: 1, .refused: 1, .ambiguous: 1, .intended: 1])
      #expect(status.spent == 4 && status.held == 21)
      #expect(status.today == 25 && status.month == 25)
      #expect(status.providers.map(\.lastMinute) == [6])
      // What was written down just now may be on its way.
      #expect(status.inDoubt.map(\.item) == ["i4"])
    }
    try await shared.age(by: Ledger.submissionTime + 1)
    let later = try await ledger.status()
    #expect(later.inDoubt.map(\.item) == ["i4", "i5"])
    #expect(later.providers.isEmpty)
  }

  @Test(arguments: Backend.here) func workersAreSeenUntilTheyVanish(_ backend: Backend)
    async throws
  {
    let shared = try await SharedLedger(backend)
    let ledger = try await shared.ledger()
    #expect(try await ledger.status().workers.isEmpty)
    try await ledger.beat("a", report("one", Budget(day: 9)))
    try await ledger.beat("b", report("two", Budget(day: 5, month: 50)))
    try await ledger.beat("c", report("three", Budget(day: 1)))
    try await ledger.beat("c", report("three", Budget(day: 1)), isLast: true)
    var status = try await ledger.status()
    #expect(status.workers.map(\.report.run) == ["one", "two", "three"])
    #expect(status.workers.map(\.state) == [.working, .working, .ended])
    #expect(status.workers[0].report == report("one", Budget(day: 9)))
    #expect(status.workers.allSatisfy { $0.age < 30 })
    // Those that have ended limit nobody.
    #expect(status.budget == Budget(day: 5, month: 50))
    #expect(status.providers.map(\.perMinute) == [60])
    try await shared.execute("UPDATE workers SET beat = beat - 100")
    try await ledger.beat("b", report("two"))
    status = try await LedgerReader(shared.path).status()
    #expect(status.workers.map(\.report.run) == ["two", "one", "three"])
    #expect(status.workers.map(\.state) == [.working, .vanished, .ended])
    #expect(status.workers[1].age >= 100)
    // One that is long gone is forgotten when another begins.
    try await shared.execute(
      "UPDATE workers SET beat = beat - \(WorkerTable.lifetime) WHERE name = 'a'")
    try await ledger.beat("d", report("four"))
    #expect(try await ledger.status().workers.map(\.report.run) == ["four", "two", "three"])
  }
}
