import Core
import SQLite
import TestSupport
import Testing

@testable import Files
@testable import Ledgers

@Suite struct LedgerTests {
  let key = Ledger.key(
    scene: Digest(of: "scene"), face: Digest(of: "face"), provider: "crun", model: "image",
    parameters: "face_index=0")

  func intend(_ ledger: Ledger, _ item: String = "one") async throws -> Int64 {
    try await ledger.intend(key, item: item, provider: "crun", model: "image")
  }

  /// What earlier runs left is asked for in this order: results lie at the provider for a limited time.
  @Test func acceptedEntriesComeOldestFirst() async throws {
    let ledger = try Ledger(.memory)
    var numbers: [Int64] = []
    for item in ["a", "b", "c"] { numbers.append(try await intend(ledger, item)) }
    for number in [numbers[2], numbers[0], numbers[1]] {
      try await ledger.record(number, .accepted, task: "t-\(number)")
    }
    #expect(try await ledger.entries(in: .accepted).map(\.number) == numbers)
  }

  /// What is recorded behind an intent.
  struct Step: Sendable, CustomTestStringConvertible {
    var state: Ledger.State
    var task: String?
    var credits: Double?
    var result: Media?
    var message: String?
    var testDescription: String { state.rawValue }
  }

  @Test(arguments: [
    Step(state: .intended), Step(state: .accepted, task: "t-1"),
    Step(state: .succeeded, task: "t-1", credits: 1.5, result: facts()),
    Step(state: .failed, task: "t-1", credits: 0, message: "It could not."),
    Step(state: .refused, message: "No credits."),
    Step(state: .ambiguous, message: "No answer."),
  ])
  func everyStateOutlivesTheProcess(step: Step) async throws {
    let folder = try TemporaryFolder()
    let runFolder = try RunFolder(folder.path)
    do {
      let ledger = try Ledger(runFolder)
      let number = try await intend(ledger)
      if step.state != .intended {
        try await ledger.record(
          number, step.state, task: step.task, credits: step.credits, result: step.result,
          message: step.message)
      }
    }
    let entry = try #require(try await Ledger(runFolder).newest(of: key))
    #expect(entry.state == step.state)
    #expect(entry.task == step.task)
    #expect(entry.credits == step.credits)
    #expect(entry.result == step.result)
    #expect(entry.message == step.message)
    #expect(entry.item == "one" && entry.provider == "crun" && entry.model == "image")
    #expect(entry.key == key)
    #expect(entry.created > 1_600_000_000 && entry.updated >= entry.created)
  }

  @Test func whatIsNotSaidStaysAsItWas() async throws {
    let ledger = try Ledger(.memory)
    let number = try await intend(ledger)
    try await ledger.record(number, .accepted, task: "t-1")
    try await ledger.record(number, .succeeded, credits: 2, result: facts())
    try await ledger.record(number, .succeeded)
    let entry = try #require(try await ledger.newest(of: key))
    #expect(entry.task == "t-1")
    #expect(entry.credits == 2)
    #expect(entry.result == facts())
    #expect(try await ledger.entries().count == 1)
  }

  @Test func theNewestOfAKeyCounts() async throws {
    let ledger = try Ledger(.memory)
    #expect(try await ledger.newest(of: key) == nil)
    let first = try await intend(ledger)
    let second = try await intend(ledger, "two")
    _ = try await ledger.intend(Digest(of: "else"), item: "x", provider: "p", model: "m")
    try await ledger.record(first, .succeeded, task: "late")
    let entry = try #require(try await ledger.newest(of: key))
    #expect(entry.number == second)
    #expect(entry.state == .intended)
    #expect(entry.item == "two")
    #expect(try await ledger.entries().map(\.number) == [first, second, second + 1])
  }

  @Test(arguments: [
    ("scene2", "face", "crun", "image", "face_index=0"),
    ("scene", "face2", "crun", "image", "face_index=0"),
    ("face", "scene", "crun", "image", "face_index=0"),
    ("scene", "face", "crun (embedded)", "image", "face_index=0"),
    ("scene", "face", "crun", "video", "face_index=0"),
    ("scene", "face", "crun", "image", "face_index=1"),
  ])
  func everyPartMakesAnotherSwap(
    scene: String, face: String, provider: String, model: String, parameters: String
  ) {
    let other = Ledger.key(
      scene: Digest(of: scene), face: Digest(of: face), provider: provider, model: model,
      parameters: parameters)
    #expect(other != key)
  }

  @Test func writesAtOnceAllArrive() async throws {
    let folder = try TemporaryFolder()
    let runFolder = try RunFolder(folder.path)
    let ledger = try Ledger(runFolder)
    let numbers = try await withThrowingTaskGroup(of: Int64.self) { group in
      for number in 0..<20 {
        group.addTask {
          let entry = try await intend(ledger, "item\(number)")
          try await ledger.record(entry, .accepted, task: "task of item\(number)")
          return entry
        }
      }
      return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
    }
    #expect(numbers.count == 20)
    let entries = try await Ledger(runFolder).entries()
    #expect(entries.count == 20)
    #expect(entries.allSatisfy { $0.state == .accepted && $0.task == "task of \($0.item)" })
  }

  @Test func aCancelledTaskStillWritesDownWhatWasPaidFor() async throws {
    let ledger = try Ledger(.memory)
    let number = try await intend(ledger)
    let work = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await ledger.record(number, .accepted, task: "t-1")
    }
    try await work.value
    #expect(try await ledger.newest(of: key)?.state == .accepted)
  }

  @Test func aDamagedLedgerSaysWhere() async throws {
    let folder = try TemporaryFolder()
    let runFolder = try RunFolder(folder.path)
    try FileSystem.write(
      Array(repeating: 65, count: 4_096), to: runFolder.state + "/ledger.sqlite")
    let error = try await error { _ = try Ledger(runFolder) }
    #expect(error.code == .damaged)
    #expect(error.hint?.contains(".swapline") == true)
  }

  @Test func budgetsAreEveryRuns() async throws {
    let folder = TestFolder.unique("ledger") + ".sqlite"
    defer { FileSystem.remove(folder) }
    let first = try Ledger(.file(folder), budget: Budget(day: 5))
    _ = try await first.intend(
      Digest(of: "a"), item: "i", provider: "p", model: "m", cost: Ledger.Cost(4))
    let second = try Ledger(.file(folder), budget: Budget(run: 5, day: 5))
    let spent = try await second.spending()
    #expect(spent.run == 4 && spent.day == 4 && spent.month == 4)
    await #expect(throws: SwaplineError.self) {
      try await second.intend(
        Digest(of: "b"), item: "i", provider: "p", model: "m", cost: Ledger.Cost(2))
    }
  }

  @Test func aBudgetNeedsAPrice() async throws {
    let ledger = try Ledger(.memory, budget: Budget(run: 10))
    let error = await #expect(throws: SwaplineError.self) {
      try await ledger.intend(Digest(of: "a"), item: "i", provider: "p", model: "m")
    }
    #expect(error?.code == .usage)
    #expect(error?.hint?.contains("price") == true)
  }

  @Test func aFoldersBudgetOutlivesItsRuns() async throws {
    let folder = try TemporaryFolder()
    let runFolder = try RunFolder(folder.path)
    for run in 0..<3 {
      let ledger = try Ledger(runFolder, budget: Budget(run: 2))
      let taken = try? await ledger.intend(
        Digest(of: "\(run)"), item: "i", provider: "p", model: "m", cost: Ledger.Cost(1))
      #expect((taken != nil) == (run < 2))
    }
  }

  @Test(
    arguments: [
      (0.0, 0.0), (86_400 * 30.5, 0), (951_782_400, 949_363_200), (951_868_800, 951_868_800),
      (1_795_000_000, 1_793_491_200),
    ] as [(Double, Double)])
  func monthsBeginOnTheirFirstDay(time: Double, start: Double) {
    #expect(UTCDay.monthsStart(time) == start)
  }
}
