import Core
import Glibc
import TestSupport
import Testing

@testable import Ledgers

/// What a ledger promises to the runs that share it, wherever it is.
@Suite struct SharedLedgerTests {
  let key = Digest(of: "swap")

  private func buy(
    _ ledger: Ledger, _ name: String, _ credits: Double = 2
  ) async throws -> Int64 {
    try await ledger.intend(
      Digest(of: name), item: "i", provider: "p", model: "m", cost: Ledger.Cost(credits))
  }

  @Test(arguments: Backend.here)
  func everythingOfAnEntryIsKept(_ backend: Backend) async throws {
    let shared = try await SharedLedger(backend)
    let ledger = try await shared.ledger()
    let number = try await ledger.intend(
      key, item: "ä'\";--", provider: "p", model: "m", cost: .init(2, rate: 0.5, currency: "EUR"),
      token: "t0")
    var entry = try #require(try await ledger.newest(of: key))
    #expect(entry.number == number && entry.state == .intended && entry.key == key)
    #expect(entry.item == "ä'\";--" && entry.provider == "p" && entry.model == "m")
    #expect(entry.reserved == 2 && entry.rate == 0.5 && entry.currency == "EUR")
    #expect(entry.token == "t0" && entry.run == ledger.run && entry.folder == ledger.folder)
    #expect(abs(entry.created - Self.now) < 60)
    try await ledger.record(number, .accepted, task: "t-1", addresses: ["https://a/1", "b"])
    try await ledger.record(number, .succeeded, credits: 1.5, result: facts(), message: "Fine.")
    entry = try #require(try await shared.ledger(1).newest(of: key))
    #expect(entry.state == .succeeded && entry.task == "t-1" && entry.credits == 1.5)
    #expect(entry.addresses == ["https://a/1", "b"] && entry.result == facts())
    #expect(entry.message == "Fine.")
    // One that comes late does not begin it again.
    try await ledger.record(number, .accepted)
    #expect(try await ledger.newest(of: key)?.state == .succeeded)
    #expect(try await ledger.entries().map(\.number) == [number])
  }

  @Test(arguments: Backend.here)
  func aCallbackIsKeptForWhoeverWaits(_ backend: Backend) async throws {
    let shared = try await SharedLedger(backend)
    let (waiting, other) = (try await shared.ledger(), try await shared.ledger(1))
    _ = try await waiting.intend(
      key, item: "i", provider: "p", model: "m", cost: .init(2), token: "t0")
    #expect(try await waiting.callbackFromElsewhere(for: "t0") == nil)
    #expect(try await other.handOn(callback: ["n": "ä'"], for: "t0"))
    // It comes again, and counts once; strangers leave nothing.
    #expect(try await other.handOn(callback: ["n": 2], for: "t0"))
    #expect(try await !other.handOn(callback: ["n": 3], for: "t1"))
    #expect(try await waiting.callbackFromElsewhere(for: "t0") == ["n": "ä'"])
    #expect(try await waiting.callbackFromElsewhere(for: "t1") == nil)
  }

  @Test(arguments: Backend.here)
  func neverOneCreditOverHoweverManyAskAtOnce(_ backend: Backend) async throws {
    let shared = try await SharedLedger(backend)
    let ledgers = [
      try await shared.ledger(0, Budget(day: 10)), try await shared.ledger(1, Budget(day: 10)),
      try await shared.ledger(2, Budget(month: 10)),
    ]
    let taken = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<60 {
        group.addTask { (try? await buy(ledgers[number % 3], "\(number)", 3)) != nil }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(taken == 3)
    #expect(try await ledgers[0].spending().day == 9)
  }

  @Test(arguments: Backend.here)
  func oneSwapIsBoughtOnceHoweverManyAskAtOnce(_ backend: Backend) async throws {
    let shared = try await SharedLedger(backend)
    let ledgers = [try await shared.ledger(0), try await shared.ledger(1)]
    let taken = await withTaskGroup(of: String?.self) { group in
      for number in 0..<80 {
        group.addTask {
          let name = "\(number % 20)"
          return (try? await buy(ledgers[number / 40], name)) == nil ? nil : name
        }
      }
      return await group.reduce(into: [String]()) { if let name = $1 { $0.append(name) } }
    }
    #expect(taken.count == 20 && Set(taken).count == 20)
    #expect(try await ledgers[0].entries().count == 20)
  }

  @Test(arguments: Backend.here)
  func foldersHaveTheirOwnBudgetsAndDaysTogether(_ backend: Backend) async throws {
    let shared = try await SharedLedger(backend)
    let number = try await buy(shared.ledger(0, Budget(run: 2)), "a")
    _ = try await buy(shared.ledger(1, Budget(run: 2)), "b")
    for budget in [Budget(run: 2), Budget(month: 5), Budget(day: 5)] {
      let error = await #expect(throws: SwaplineError.self) {
        try await buy(shared.ledger(1, budget), "c")
      }
      #expect(error?.code == .budget)
    }
    // Who was slower does not buy the same.
    await #expect(throws: Ledger.BoughtElsewhere.self) { try await buy(shared.ledger(1), "a") }
    // What another folder waits for is not this one's to bring home.
    try await shared.ledger(0).record(number, .accepted, task: "t")
    #expect(try await shared.ledger(1).entries(in: .accepted).isEmpty)
    #expect(try await shared.ledger(0).entries(in: .accepted).map(\.task) == ["t"])
    #expect(try await shared.ledger(0).entries().count == 2)
  }

  @Test(arguments: Backend.here)
  func whatCostNothingIsNotCounted(_ backend: Backend) async throws {
    let shared = try await SharedLedger(backend)
    let ledger = try await shared.ledger(0, Budget(run: 3))
    let number = try await buy(ledger, "a", 3)
    let error = await #expect(throws: SwaplineError.self) { try await buy(ledger, "b", 1) }
    #expect(error?.message.contains("3 spent or promised, and the next swap costs 1") == true)
    #expect(try await ledger.entries().count == 1)
    try await ledger.record(number, .refused)
    _ = try await buy(ledger, "b", 1)
    await #expect(throws: SwaplineError.self) {
      try await ledger.intendAgain(number, cost: Ledger.Cost(3))
    }
    #expect(try await ledger.spending().run == 1)
    try await ledger.intendAgain(number, cost: Ledger.Cost(2))
    #expect(try await ledger.spending().run == 3)
    // What the provider says it charged replaces what was expected.
    try await ledger.record(number, .failed, credits: 0)
    #expect(try await ledger.spending().run == 1)
  }

  @Test(arguments: Backend.here)
  func whatIsSentAgainCountsTodayAndInTheFolderThatSendsIt(_ backend: Backend) async throws {
    let shared = try await SharedLedger(backend)
    let number = try await shared.ledger().intend(
      key, item: "i", provider: "p", model: "m", cost: Ledger.Cost(2))
    try await shared.ledger().record(number, .ambiguous)
    try await shared.age(by: 40 * 86_400)
    #expect(try await shared.ledger().spending().month == 0)
    let second = try await shared.ledger(1, Budget(run: 3))
    try await second.intendAgain(number, cost: Ledger.Cost(2))
    let spent = try await second.spending()
    #expect(spent.run == 2 && spent.day == 2 && spent.month == 2)
    #expect(try await shared.ledger().spending().run == 0)
    await #expect(throws: SwaplineError.self) { try await buy(second, "b") }
  }

  @Test(arguments: Backend.here, [Ledger.State.intended, .ambiguous, .accepted, .succeeded])
  func whatAnotherRunBoughtInAPauseIsNotSentAgain(
    _ backend: Backend, state: Ledger.State
  ) async throws {
    let shared = try await SharedLedger(backend)
    let (first, second) = (try await shared.ledger(0), try await shared.ledger(1))
    let number = try await first.intend(key, item: "i", provider: "p", model: "m")
    try await first.record(number, .refused)
    let seen = try await second.newest(of: key)
    let other = try await second.intend(key, item: "i", provider: "p", model: "m", after: seen)
    if state != .intended { try await second.record(other, state) }
    await #expect(throws: Ledger.BoughtElsewhere.self) {
      try await first.intendAgain(number, cost: nil)
    }
  }

  @Test(arguments: Backend.here)
  func whatAnotherRunSendsAgainIsNotBoughtBesideIt(_ backend: Backend) async throws {
    let shared = try await SharedLedger(backend)
    let (first, second) = (try await shared.ledger(0), try await shared.ledger(1))
    let number = try await first.intend(key, item: "i", provider: "p", model: "m")
    try await first.record(number, .refused)
    let seen = try await second.newest(of: key)
    try await first.intendAgain(number, cost: nil)
    await #expect(throws: Ledger.BoughtElsewhere.self) {
      try await second.intend(key, item: "i", provider: "p", model: "m", after: seen)
    }
    await #expect(throws: Ledger.BoughtElsewhere.self) {
      try await second.intendAgain(number, cost: nil)
    }
    // Its run has ended without a word.
    try await shared.age(by: Ledger.submissionTime + 10)
    try await second.intendAgain(number, cost: nil)
  }

  @Test(arguments: Backend.here)
  func moneyIsCountedBesideCredits(_ backend: Backend) async throws {
    let shared = try await SharedLedger(backend)
    let ledger = try await shared.ledger()
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
    #expect(try await shared.ledger().charged() == Charge())
  }

  /// The shards of a run have folders of their own, and one budget: however many ask at once.
  @Test(arguments: Backend.here)
  func aNamedRunHasOneBudgetInAllItsFolders(_ backend: Backend) async throws {
    let shared = try await SharedLedger(backend)
    var ledgers: [Ledger] = []
    for folder in 0..<3 {
      ledgers.append(try await shared.ledger(folder, Budget(run: 10), name: "spring"))
    }
    let (shards, other) = (ledgers, try await shared.ledger(0, Budget(run: 10), name: "summer"))
    let taken = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<60 {
        group.addTask { (try? await buy(shards[number % 3], "\(number)", 3)) != nil }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(taken == 3)
    #expect(try await shards[1].spending().run == 9)
    let error = await #expect(throws: SwaplineError.self) { try await buy(shards[2], "x") }
    #expect(error?.code == .budget && error?.message.contains("for the run 'spring'") == true)
    // Another name has another budget, also in the same folder, and takes what it sends again.
    let number = try await buy(other, "y", 10)
    try await other.record(number, .refused)
    let entry = try #require(try await other.entries().first { $0.run == "spring" })
    try await other.record(entry.number, .refused)
    try await other.intendAgain(entry.number, cost: Ledger.Cost(3))
    #expect(try await other.spending().run == 3)
    #expect(try await shards[1].spending().run == 6)
  }

  @Test(arguments: Backend.here)
  func aNamedRunIsChargedByFolderAndTogether(_ backend: Backend) async throws {
    let shared = try await SharedLedger(backend)
    for (folder, name) in [(0, "spring"), (1, "spring"), (1, "summer")] {
      let ledger = try await shared.ledger(folder, name: name)
      let number = try await buy(ledger, "\(folder) \(name)", Double(folder + 2))
      try await ledger.record(number, .succeeded)
    }
    let again = try await shared.ledger(1, name: "spring")
    #expect(try await again.charged().credits == 3)
    #expect(try await again.charged(by: "spring").credits == 5)
    #expect(try await again.charged(by: "summer").credits == 3)
  }

  @Test(arguments: Backend.here)
  func manyEntriesComeInOrder(_ backend: Backend) async throws {
    let shared = try await SharedLedger(backend)
    let ledger = try await shared.ledger()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<1_200 { group.addTask { _ = try await buy(ledger, "\(number)") } }
      try await group.waitForAll()
    }
    var numbers: [Int64] = []
    try await LedgerReader(shared.path).forEach { numbers.append($0.number) }
    #expect(numbers.count == 1_200 && numbers == numbers.sorted())
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec)
  }
}
