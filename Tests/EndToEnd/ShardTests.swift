import Core
import Files
import Foundation
import Ledgers
import Runs
import Testing

/// Shards as an engine starts them: once, again, killed, two at a time.
@Suite struct ShardTests {
  private static let prepare = """
    version: 1
    name: prepare
    stages: [fetch, { thumbnails: { sides: [32], format: jpg } }, metadata]
    """

  /// A list of so many items of one picture.
  private static func list(
    _ workshop: borrowing Workshop, _ count: Int, bad: Bool = false
  ) throws -> String {
    let scene = fixture("formats/orientation-1.jpg")
    let rows = (0..<count).map { "i\($0),\(scene),\(fixture("faces/ada.jpg"))\n" }
    return try workshop.write(
      "id,scene,face\n" + rows.joined() + (bad ? "bad,nothing.jpg,\n" : ""), to: "items.csv")
  }

  private static func words(
    _ workshop: borrowing Workshop, _ line: String, _ items: String, _ shard: String,
    _ more: [String] = []
  ) -> [String] {
    [
      "run", line, "--items", items, "--out", workshop.path("out"), "--run", "spring", "--shard",
      shard,
    ] + more
  }

  @Test func everyItemIsInOneShardsFolder() async throws {
    let workshop = try Workshop()
    let line = try workshop.write(Self.prepare, to: "line.yaml")
    let items = try Self.list(workshop, 12)
    let split = try await swapline([
      "split", "--items", items, "--shards", "3", "--out", workshop.path("parts"),
    ])
    #expect(split.status == 0, "\(split.messages)")
    var found: Set<String> = []
    for number in 1...3 {
      // Parts and the whole list are the same to a shard.
      let list = number == 2 ? items : workshop.path("parts/\(number)-of-3.csv")
      let end = try await swapline(Self.words(workshop, line, list, "\(number)/3"))
      #expect(end.status == 0, "\(end.messages)")
      let names = workshop.items(in: "out/\(number)-of-3")
      #expect(found.isDisjoint(with: names))
      found.formUnion(names)
      let record = try #require(ShardRecord(in: workshop.path("out/\(number)-of-3")))
      #expect(record.done == names.count && record.failed == 0)
      #expect(record.shard == "\(number)/3" && record.run == "spring")
    }
    #expect(found == Set((0..<12).map { "i\($0)" }))
    #expect(workshop.names(in: "out") == ["1-of-3", "2-of-3", "3-of-3"])
  }

  /// The second time nothing is looked at, unless something else is asked for.
  @Test(arguments: [false, true])
  func aShardThatIsDoneIsNotRunAgain(hasFailures: Bool) async throws {
    let workshop = try Workshop()
    let line = try workshop.write(Self.prepare, to: "line.yaml")
    let items = try Self.list(workshop, 3, bad: hasFailures)
    let words = Self.words(workshop, line, items, "1/1")
    let code: Int32 = hasFailures ? 4 : 0
    let record = workshop.path("out/1-of-1/done.json")
    func runs(_ more: [String] = []) async throws -> Bool {
      let before = try Data(contentsOf: URL(filePath: record))
      let end = try await swapline(words + more)
      #expect(end.status == code, "\(end.messages)")
      let isDone = end.messages.contains("Shard 1/1 is done already: 3 done")
      let isSame = try Data(contentsOf: URL(filePath: record)) == before
      #expect(isDone == isSame)
      return !isDone
    }
    #expect(try await swapline(words).status == code)
    #expect(try await !runs())
    #expect(try await runs(["--set", "thumbnails.quality=50"]))
    #expect(try await runs())
    #expect(try await !runs())
    // A list with the same items in another order is another list.
    let text = try String(contentsOfFile: items, encoding: .utf8)
    _ = try workshop.write(text + "\n", to: "items.csv")
    #expect(try await runs())
    #expect(try await runs(["--face", fixture("faces/ben.jpg")]))
    // What failed is tried again where that was asked for.
    _ = try await runs()
    #expect(try await runs(["--retry-ambiguous"]) == hasFailures)
  }

  @Test func aShardWithoutItemsIsDone() async throws {
    let workshop = try Workshop()
    let line = try workshop.write(Self.prepare, to: "line.yaml")
    for (name, text) in [("a.csv", "id,scene\n"), ("1-of-2.jsonl", "")] {
      let items = try workshop.write(text, to: name)
      let end = try await swapline(Self.words(workshop, line, items, "1/2"))
      #expect(end.status == 0, "\(end.messages)")
      #expect(ShardRecord(in: workshop.path("out/1-of-2"))?.done == 0)
    }
  }

  /// Another process has it; its ledger does not let anybody in.
  @Test func whatIsInTheWayIsLater() async throws {
    let workshop = try Workshop()
    let line = try workshop.write(Self.prepare, to: "line.yaml")
    let items = try Self.list(workshop, 1)
    let folder = try RunFolder(workshop.path("out/1-of-1"))
    do {
      let lock = try RunLock(folder)
      let end = try await swapline(Self.words(workshop, line, items, "1/1"))
      #expect(end.status == 75, "\(end.messages)")
      #expect(end.messages.contains("Another run is working in"), "\(end.messages)")
      withExtendedLifetime(lock) {}
    }
    #expect(try await swapline(Self.words(workshop, line, items, "1/1")).status == 0)
    guard PostgreSQLServer.absence == nil else { return }
    let server = try await PostgreSQLServer.started()
    let end = try await swapline(
      Self.words(
        workshop, line, items, "1/1",
        [
          "--set", "thumbnails.quality=50", "--ledger",
          "postgres://shop@127.0.0.1:\(server.port)/gone",
        ]))
    #expect(end.status == 75, "\(end.messages)")
    #expect(!FileSystem.exists(workshop.path("out/1-of-1/done.json")))
  }

  @Test(arguments: [1, 2])
  func aMachineThatIsTakenAwayLeavesTheShardForLater(signals: Int) async throws {
    let workshop = try Workshop()
    let line = try workshop.write(Self.prepare, to: "line.yaml")
    let items = try Self.list(workshop, 1_000)
    let words = Self.words(workshop, line, items, "1/1", ["--concurrency", "2"])
    let run = try Started(Workshop.command.path, words)
    while run.isRunning, workshop.names(in: "out/1-of-1").count < 4 {
      try await Task.sleep(for: .milliseconds(2))
    }
    for _ in 0..<signals {
      run.signal(SIGTERM)
      try await Task.sleep(for: .milliseconds(20))
    }
    let end = await run.wait()
    #expect(end.status == 75, "\(end.messages)")
    #expect(!FileSystem.exists(workshop.path("out/1-of-1/done.json")))
    let next = try await swapline(words)
    #expect(next.status == 0, "\(next.messages)")
    #expect(ShardRecord(in: workshop.path("out/1-of-1"))?.done == 1_000)
  }

  /// The budget of a run is one, wherever its shards are; each swap is bought once.
  @Test func oneBudgetHoldsOverShards() async throws {
    let workshop = try Workshop()
    let line = try workshop.write(
      """
      version: 1
      providers: { crun: { at: embedded, price: 1 } }
      stages: [fetch, { normalize: { for: swap } }, { host: { to: embedded } }, { swap: { provider: crun } }]
      """, to: "line.yaml")
    let rows = (0..<6).map { number in
      "i\(number),\(fixture("scenes/portrait.jpg")),\(fixture("faces/ada.jpg")),\(300 + number)\n"
    }
    let items = try workshop.write(
      "id,scene,face,normalize.maximum_side\n" + rows.joined(), to: "items.csv")
    let alone = try await swapline(Self.words(workshop, line, items, "1/2", ["--max-cost", "4"]))
    #expect(alone.status == 2 && alone.messages.contains("--ledger"), "\(alone.messages)")
    let more = ["--ledger", workshop.path("ledger.sqlite"), "--max-cost"]
    var ends: [Int32] = []
    for number in 1...2 {
      ends.append(
        try await swapline(Self.words(workshop, line, items, "\(number)/2", more + ["1"])).status)
    }
    #expect(ends.contains(5), "\(ends)")
    func charged() async throws -> Double {
      var sum = 0.0
      try await LedgerReader(workshop.path("ledger.sqlite")).forEach { sum += $0.paid }
      return sum
    }
    #expect(try await charged() == 1)
    for number in 1...2 {
      let end = try await swapline(
        Self.words(workshop, line, items, "\(number)/2", more + ["100"]))
      #expect(end.status == 0, "\(end.messages)")
    }
    let records = (1...2).compactMap { ShardRecord(in: workshop.path("out/\($0)-of-2")) }
    #expect(records.reduce(0) { $0 + $1.done } == 6)
    #expect(records.reduce(0) { $0 + $1.charged.credits } == (try await charged()))
  }

  @Test(arguments: [
    (["--shard", "1/2"], "without --run"),
    (["--run", "a b", "--shard", "1/2"], "up to 64 letters"),
    (["--run", "a", "--shard", "0/2"], "numbered from 1 to 2"),
    (["--run", "a", "--shard", "1/2", "--name", "{index}"], "{index} is another number"),
  ])
  func whatMakesNoSenseIsTold(_ more: [String], _ says: String) async throws {
    let workshop = try Workshop()
    let line = try workshop.write(Self.prepare, to: "line.yaml")
    let items = try Self.list(workshop, 1)
    let end = try await swapline(
      ["run", line, "--items", items, "--out", workshop.path("out")] + more)
    #expect(end.status == 2 && end.messages.contains(says), "\(end.messages)")
  }
}
