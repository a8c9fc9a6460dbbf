import Core
import Glibc
import PostgreSQL
import TestSupport
import Testing

@testable import Files
@testable import Ledgers

/// A ledger in a database: what its server and the way to it can do.
@Suite(.enabled(if: PostgreSQLServer.absence == nil, "\(PostgreSQLServer.absence ?? "")"))
struct PostgreSQLLedgerTests {
  private func open(_ address: String, budget: Budget = Budget()) async throws -> Ledger {
    try await ThreadPool.disk.run { _ in
      try Ledger(RunFolder(TestFolder.unique("database")), at: address, budget: budget)
    }
  }

  @Test func tablesAreMadeOnceAndOnlyWhenAskedFor() async throws {
    let server = try await PostgreSQLServer.started()
    let address = try await server.database()
    let name = String(address.split(separator: "/").last ?? "")
    let ledger = try await open(address)
    let error = await #expect(throws: SwaplineError.self) {
      try await ledger.newest(of: Digest(of: "a"))
    }
    #expect(error?.hint?.contains("swapline ledger --migrate --ledger \(address)") == true)
    #expect(try await LedgerReader.migrate(address).hasPrefix("Created the ledger at"))
    #expect(try await LedgerReader.migrate(address).contains("already"))
    #expect(try await ledger.newest(of: Digest(of: "a")) == nil)
    for (version, word) in [(99, "newer"), (0, "--migrate")] {
      try await server.run("UPDATE swapline_schema SET version = \(version)", in: name)
      let other = try await open(address)
      let error = await #expect(throws: SwaplineError.self) {
        try await other.newest(of: Digest(of: "a"))
      }
      #expect(error?.code == .unsupported && error?.message.contains("version \(version)") == true)
      #expect(error?.hint?.contains(word) == true)
    }
  }

  /// A ledger of the version before goes on: what was bought counts for its run.
  @Test func aLedgerOfVersionOneIsBroughtUpToDate() async throws {
    let server = try await PostgreSQLServer.started()
    let address = try await server.database()
    let name = String(address.split(separator: "/").last ?? "")
    try await server.run(PostgreSQLSchema.steps[0], in: name)
    try await server.run(
      """
      CREATE TABLE swapline_schema(version integer NOT NULL);
      INSERT INTO swapline_schema VALUES (1);
      INSERT INTO swaps(key, item, provider, model, state, reserved, run, nonce, created, updated)
        SELECT n, 'i', 'p', 'm', 'accepted', 2, 'spring', n, 0, 0 FROM unnest(ARRAY['a', 'b']) AS n;
      """, in: name)
    #expect(try await LedgerReader.migrate(address).contains("from version 1 to"))
    let ledger = try await ThreadPool.disk.run { _ in
      try Ledger(
        RunFolder(TestFolder.unique("database")), at: address, budget: Budget(run: 5),
        name: "spring")
    }
    #expect(try await ledger.spending().run == 4)
    let error = await #expect(throws: SwaplineError.self) {
      try await ledger.intend(
        Digest(of: "c"), item: "i", provider: "p", model: "m", cost: Ledger.Cost(2))
    }
    #expect(error?.code == .budget)
  }

  @Test(arguments: [
    ("postgres://shop:pw@127.0.0.1/x", SwaplineError.Code.usage, "holds a password", "PGPASSWORD"),
    ("postgres://shop@127.0.0.1/x?nonsense=1", .usage, "cannot be read", "postgres://user@host"),
    ("postgresql://shop@127.0.0.1:1/x?password=pw", .usage, "holds a password", ".pgpass"),
  ]) func addressesThatMustNotBeUsed(
    address: String, code: SwaplineError.Code, says: String, hint: String
  ) async throws {
    let error = await #expect(throws: SwaplineError.self) { try await open(address) }
    #expect(error?.code == code && error?.message.contains(says) == true)
    #expect(error?.hint?.contains(hint) == true)
    #expect(error?.message.contains("pw") == false)
  }

  @Test(arguments: [
    "postgres://nobody@127.0.0.1:PORT/postgres", "postgres://shop@127.0.0.1:PORT/gone",
  ])
  func whoIsNotLetInIsTold(address: String) async throws {
    let server = try await PostgreSQLServer.started()
    let address = address.replacing("PORT", with: "\(server.port)")
    let store = PostgreSQLLedger(address, patience: .seconds(30))
    let begin = ContinuousClock.now
    let error = await #expect(throws: SwaplineError.self) {
      try await store.newest(of: Digest(of: "a"))
    }
    #expect(error?.message.contains("denies access") == true, "\(error?.message ?? "")")
    // That does not pass by waiting.
    #expect(ContinuousClock.now - begin < .seconds(25))
  }

  @Test func aServerThatIsAwayIsToldAfterAWhile() async throws {
    let port = Loopback.freePorts(1)[0]
    let store = PostgreSQLLedger("postgres://shop@127.0.0.1:\(port)/x", patience: .zero)
    let error = await #expect(throws: SwaplineError.self) {
      try await store.newest(of: Digest(of: "a"))
    }
    #expect(error?.code == .storage && error?.message.contains("cannot be reached") == true)
  }

  /// A crash of the server at any moment: what was told to be written is there, and once.
  @Test func aServerThatCrashesLosesNothingAndDoublesNothing() async throws {
    let server = try await PostgreSQLServer.own()
    let address = try await server.database()
    _ = try await LedgerReader.migrate(address)
    let ledgers = [try await open(address), try await open(address)]
    let buyers = (0..<8).map { buyer in
      Task {
        var bought: [Int64] = []
        for item in 0..<60 {
          // Every swap is wanted by two of them.
          let key = Digest(of: "\(buyer / 2) \(item)")
          do {
            let number = try await ledgers[buyer % 2].intend(
              key, item: "i", provider: "p", model: "m", cost: Ledger.Cost(1))
            try await ledgers[buyer % 2].record(number, .accepted, task: "t\(number)")
            bought.append(number)
          } catch is Ledger.BoughtElsewhere {}
          try await Task.sleep(for: .milliseconds(4))
        }
        return bought
      }
    }
    for signal in [SIGKILL, SIGINT, SIGKILL] {
      try await Task.sleep(for: .milliseconds(120))
      await server.stop(signal)
      try await server.start()
    }
    var bought: [Int64] = []
    for buyer in buyers { bought += try await buyer.value }
    let entries = try await ledgers[0].entries()
    #expect(entries.count == 240 && Set(entries.map(\.key)).count == 240)
    #expect(bought.sorted() == entries.map(\.number))
    #expect(entries.allSatisfy { $0.state == .accepted && $0.task == "t\($0.number)" })
    #expect(try await ledgers[0].spending().day == 240)
    await server.stop()
  }

  @Test func turnsOfAProviderAreGivenOutOnce() async throws {
    let address = try await PostgreSQLServer.started().database()
    _ = try await LedgerReader.migrate(address)
    let stores = [PostgreSQLLedger(address), PostgreSQLLedger(address)]
    var waits: [Double] = []
    for number in 0..<6 {
      waits.append(try #require(try await stores[number % 2].lease(3, of: "p", every: 1_000)))
    }
    for (number, wait) in waits.enumerated() {
      #expect(abs(wait - Double(number) * 3_000) < 300)
    }
    let other = try await stores[0].lease(1, of: "q", every: 1_000)
    #expect(abs(other ?? .infinity) < 300)
  }

  /// Turns of a slow provider, so that no clock of a busy machine matters.
  @Test func turnsOfTwoMachinesAlternate() async throws {
    let address = try await PostgreSQLServer.started().database()
    _ = try await LedgerReader.migrate(address)
    let rates = [
      SharedRate(PostgreSQLLedger(address)), SharedRate(PostgreSQLLedger(address)),
    ]
    let begin = ContinuousClock.now
    for number in 0..<6 {
      let turn = try #require(
        try await rates[number % 2].turn(of: "p", perMinute: 60.0 / 1_000))
      let expected = Duration.seconds(1_000 * number)
      #expect(abs((turn - begin - expected) / .seconds(1)) < 300)
    }
  }

  @Test func aSecondsWorthOfTurnsIsTakenAtOnce() async throws {
    let address = try await PostgreSQLServer.started().database()
    _ = try await LedgerReader.migrate(address)
    let rate = SharedRate(PostgreSQLLedger(address))
    var turns: [ContinuousClock.Instant] = []
    for _ in 0..<20 {
      turns.append(try #require(try await rate.turn(of: "p", perMinute: 1_200)))
    }
    let steps = zip(turns, turns.dropFirst()).map { $1 - $0 }
    #expect(steps.allSatisfy { $0 == .seconds(60.0 / 1_200) }, "\(steps)")
  }

  @Test func whatWasWrittenDownLongAgoIsNotSent() async throws {
    let address = try await PostgreSQLServer.started().database()
    let shared = try await open(address)
    let own = try Ledger(.memory)
    let late = ContinuousClock.now - .seconds(Ledger.submissionTime / 2 + 1)
    #expect(shared.mayStillSend(since: .now) && !shared.mayStillSend(since: late))
    #expect(own.mayStillSend(since: late))
  }
}
