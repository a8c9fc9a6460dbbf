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

  @Test func neverOneCreditOverHoweverManyAskAtOnce() async throws {
    let ledger = try Ledger(.memory, budget: Budget(run: 10))
    let taken = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<40 {
        group.addTask {
          let key = Digest(of: "\(number)")
          return
            (try? await ledger.intend(
              key, item: "i", provider: "p", model: "m", cost: Ledger.Cost(3))) != nil
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(taken == 3)
    #expect(try await ledger.spending().run == 9)
  }

  @Test func whatCostNothingIsNotCounted() async throws {
    let ledger = try Ledger(.memory, budget: Budget(run: 3))
    let number = try await ledger.intend(
      Digest(of: "a"), item: "i", provider: "p", model: "m", cost: Ledger.Cost(3))
    let error = await #expect(throws: SwaplineError.self) {
      try await ledger.intend(
        Digest(of: "b"), item: "i", provider: "p", model: "m", cost: Ledger.Cost(1))
    }
    #expect(error?.code == .budget)
    #expect(error?.message.contains("3 spent or promised, and the next swap costs 1") == true)
    try await ledger.record(number, .refused)
    _ = try await ledger.intend(
      Digest(of: "b"), item: "i", provider: "p", model: "m", cost: Ledger.Cost(1))
    await #expect(throws: SwaplineError.self) {
      try await ledger.intendAgain(number, cost: Ledger.Cost(3))
    }
    try await ledger.intendAgain(number, cost: Ledger.Cost(2))
    // What the provider says it charged replaces what was expected.
    try await ledger.record(number, .failed, credits: 0)
    #expect(try await ledger.spending().run == 1)
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

  @Test func aSharedLedgersFoldersHaveTheirOwnBudgetsAndDaysTogether() async throws {
    let (one, two) = (try TemporaryFolder(), try TemporaryFolder())
    let path = one.path + "-shared.sqlite"
    defer { for end in ["", "-wal", "-shm"] { FileSystem.remove(path + end) } }
    func ledger(_ folder: borrowing TemporaryFolder, _ budget: Budget) throws -> Ledger {
      try Ledger(RunFolder(folder.path), at: path, budget: budget)
    }
    func buy(_ ledger: Ledger, _ name: String) async throws -> Int64 {
      try await ledger.intend(
        Digest(of: name), item: "i", provider: "p", model: "m", cost: Ledger.Cost(2))
    }
    let number = try await buy(ledger(one, Budget(run: 2)), "a")
    _ = try await buy(ledger(two, Budget(run: 2)), "b")
    await #expect(throws: SwaplineError.self) { try await buy(ledger(two, Budget(run: 2)), "c") }
    await #expect(throws: SwaplineError.self) { try await buy(ledger(two, Budget(month: 5)), "c") }
    await #expect(throws: SwaplineError.self) { try await buy(ledger(two, Budget(day: 5)), "c") }
    // Who was slower does not buy the same.
    await #expect(throws: Ledger.BoughtElsewhere.self) { try await buy(ledger(two, Budget()), "a") }
    // What another folder waits for is not this one's to bring home.
    try await ledger(one, Budget()).record(number, .accepted, task: "t")
    #expect(try await ledger(two, Budget()).entries(in: .accepted).isEmpty)
    #expect(try await ledger(one, Budget()).entries(in: .accepted).map(\.task) == ["t"])
  }

  /// Two folders' ledgers in one file.
  final class Pair {
    let folders: (TemporaryFolder, TemporaryFolder)
    let path: String

    init() throws {
      folders = (try TemporaryFolder(), try TemporaryFolder())
      path = folders.0.path + "-shared.sqlite"
    }

    func ledger(_ second: Bool, _ budget: Budget = Budget()) throws -> Ledger {
      try Ledger(RunFolder(second ? folders.1.path : folders.0.path), at: path, budget: budget)
    }

    /// Moves every entry into the past.
    func age(by seconds: Double) throws {
      _ = try Database(.file(path), durability: .full).execute(
        "UPDATE swaps SET created = created - ?, updated = updated - ?",
        [.double(seconds), .double(seconds)])
    }

    deinit { for end in ["", "-wal", "-shm"] { FileSystem.remove(path + end) } }
  }

  @Test func whatIsSentAgainCountsTodayAndInTheFolderThatSendsIt() async throws {
    let pair = try Pair()
    let number = try await pair.ledger(false).intend(
      key, item: "i", provider: "p", model: "m", cost: Ledger.Cost(2))
    try await pair.ledger(false).record(number, .ambiguous)
    try pair.age(by: 40 * 86_400)
    let second = try pair.ledger(true, Budget(run: 3))
    try await second.intendAgain(number, cost: Ledger.Cost(2))
    let spent = try await second.spending()
    #expect(spent.run == 2 && spent.day == 2 && spent.month == 2)
    await #expect(throws: SwaplineError.self) {
      try await second.intend(
        Digest(of: "b"), item: "i", provider: "p", model: "m", cost: Ledger.Cost(2))
    }
  }

  @Test(arguments: [Ledger.State.intended, .ambiguous, .accepted, .succeeded])
  func whatAnotherRunBoughtInAPauseIsNotSentAgain(state: Ledger.State) async throws {
    let pair = try Pair()
    let (first, second) = (try pair.ledger(false), try pair.ledger(true))
    let number = try await intend(first)
    try await first.record(number, .refused)
    let seen = try await second.newest(of: key)
    let other = try await second.intend(
      key, item: "i", provider: "p", model: "m", after: seen)
    if state != .intended { try await second.record(other, state) }
    await #expect(throws: Ledger.BoughtElsewhere.self) {
      try await first.intendAgain(number, cost: nil)
    }
  }

  @Test func whatAnotherRunSendsAgainIsNotBoughtBesideIt() async throws {
    let pair = try Pair()
    let (first, second) = (try pair.ledger(false), try pair.ledger(true))
    let number = try await intend(first)
    try await first.record(number, .refused)
    let seen = try await second.newest(of: key)
    try await first.intendAgain(number, cost: nil)
    await #expect(throws: Ledger.BoughtElsewhere.self) {
      try await second.intend(key, item: "i", provider: "p", model: "m", after: seen)
    }
    await #expect(throws: Ledger.BoughtElsewhere.self) {
      try await second.intendAgain(number, cost: nil)
    }
  }

  @Test func moneyIsCountedBesideCredits() async throws {
    let ledger = try Ledger(.memory)
    let cost = Ledger.Cost(3, rate: 0.002, currency: "USD")
    for (name, state, credits) in [
      ("a", Ledger.State.succeeded, 3.0), ("b", .succeeded, 6), ("c", .failed, 0),
      ("d", .accepted, 3),
    ] {
      let number = try await ledger.intend(
        Digest(of: name), item: "i", provider: "p", model: "m", cost: cost)
      try await ledger.record(number, state, credits: credits)
    }
    let charged = try await ledger.charged()
    #expect(charged.credits == 9)
    #expect(abs((charged.money["USD"] ?? 0) - 0.018) < 1e-9)
  }

  @Test(
    arguments: [
      (0.0, 0.0), (86_400 * 30.5, 0), (951_782_400, 949_363_200), (951_868_800, 951_868_800),
      (1_795_000_000, 1_793_491_200),
    ] as [(Double, Double)])
  func monthsBeginOnTheirFirstDay(time: Double, start: Double) {
    #expect(Ledger.monthsStart(time) == start)
  }
}
