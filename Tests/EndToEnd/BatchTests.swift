import Core
import Curl
import Foundation
import Testing

/// Many items, one budget, and what is left for the next run.
@Suite struct BatchTests {
  private static let prepare = """
    version: 1
    name: prepare
    stages: [fetch, { thumbnails: { sides: [32], format: jpg } }, metadata]
    """

  private func swapping(_ workshop: borrowing Workshop, _ server: ServeTests.Server) throws
    -> String
  {
    try workshop.write(
      """
      version: 1
      name: swapping
      providers: { crun: { base_url: '\(server.url)', price: 1, in_flight: 2 } }
      stages: [fetch, { normalize: { for: swap } }, host, { swap: { provider: crun } }, metadata]
      """, to: "swapping.yaml")
  }

  @Test func foldersPatternsAndFacesBecomeNamedItems() async throws {
    let workshop = try Workshop()
    let line = try workshop.write(Self.prepare, to: "line.yaml")
    try FileManager.default.createDirectory(
      atPath: workshop.path("photos/deep"), withIntermediateDirectories: true)
    for name in ["photos/a.jpg", "photos/deep/b.jpg"] {
      try FileManager.default.copyItem(
        atPath: fixture("formats/orientation-1.jpg"), toPath: workshop.path(name))
    }
    _ = try workshop.write("not a picture", to: "photos/readme.txt")
    let end = try await swapline([
      "run", line, "--scene", workshop.path("photos"), "--scene",
      fixture("formats/orientation-[23].jpg"), "--face",
      fixture("faces/ada.jpg"), "--face", fixture("faces/ben.jpg"), "--name",
      "{index}-{scene}-{face}", "--out", workshop.path("out"),
    ])
    #expect(end.status == 0, "\(end.messages)")
    let items = workshop.names(in: "out").filter { $0.first?.isNumber == true }
    #expect(
      items == [
        "1-a-ada", "2-a-ben", "3-b-ada", "4-b-ben", "5-orientation-2-ada", "6-orientation-2-ben",
        "7-orientation-3-ada", "8-orientation-3-ben",
      ])
    let wrong = try await swapline(["run", line, "--scene", "x.jpg", "--name", "{colour}"])
    #expect(wrong.status == 2 && wrong.messages.contains("{id}, {scene}, {face}, {index}"))
    let none = try await swapline(["run", line, "--scene", workshop.path("nothing/*.jpg")])
    #expect(none.status == 2 && none.messages.contains("No scene matches"))
  }

  @Test func badRowsStopNobodyAndTheListOfThemRunsAgain() async throws {
    let workshop = try Workshop()
    let line = try workshop.write(Self.prepare, to: "line.yaml")
    let good = fixture("formats/orientation-1.jpg")
    let late = workshop.path("late.jpg")
    let items = try workshop.write(
      """
      id,scene,thumbnails.quality
      one,\(good),50
      two,,
      three,\(late),60
      four,\(good),999
      one,\(good),
      five,\(good),
      """, to: "items.csv")
    let end = try await swapline(["run", line, "--items", items, "--out", workshop.path("out")])
    #expect(end.status == 4, "\(end.messages)")
    for text in [
      "items.csv:3", "late.jpg", "thumbnails.quality", "Two items are called 'one'",
      "2 of 6 items done",
    ] {
      #expect(end.messages.contains(text), "\(text) in \(end.messages)")
    }
    let failed = workshop.path("out/failed.jsonl")
    let rows = try String(contentsOfFile: failed, encoding: .utf8).split(separator: "\n")
    // Each row that is not done, those included that make no sense.
    #expect(rows.count == 4)
    #expect(rows[0].contains("\"line\":3") && rows[0].contains("items.csv"), "\(rows[0])")
    try FileManager.default.copyItem(atPath: good, toPath: late)
    let again = try await swapline([
      "run", line, "--items", failed, "--set", "thumbnails.quality=50", "--out",
      workshop.path("out"),
    ])
    // What could be mended is; the row's own parameter is still wrong.
    #expect(again.messages.contains("2 of 4 items done"), "\(again.messages)")
    #expect(again.messages.contains("items.csv:3") || again.messages.contains("no scene"))
  }

  /// Two commands at the same time, two folders, one ledger, a vendor.
  @Test func foldersThatShareALedgerKeepOneDaysBudgetAndBuyEachSwapOnce() async throws {
    let workshop = try Workshop()
    let server = try await ServeTests.Server(workshop, keys: "\(ServeTests.key) 100\n")
    let line = try swapping(workshop, server)
    func run(_ budget: Int) async throws -> [Finished] {
      let text = try String(contentsOfFile: line, encoding: .utf8)
      let file = try workshop.write(text + "\nbudget: { day: \(budget) }\n", to: "day.yaml")
      let runs = try ["a", "b"].map { folder in
        try Started(
          Workshop.command.path,
          [
            "run", file, "--scene", fixture("scenes/portrait.jpg"), "--scene",
            fixture("scenes/two-people.jpg"), "--scene",
            fixture("scenes/rolled.jpg"), "--face", fixture("faces/ben.jpg"),
            "--ledger", workshop.path("shared.sqlite"), "--out", workshop.path(folder),
          ], environment: ["CRUN_API_KEY": ServeTests.key])
      }
      var ended: [Finished] = []
      for run in runs { ended.append(await run.wait()) }
      return ended
    }
    let first = try await run(2)
    #expect(first.map(\.status) == [5, 5], "\(first)")
    #expect(try await server.billed == 2)
    let second = try await run(3)
    #expect(second.map(\.status) == [0, 0], "\(second)")
    #expect(try await server.billed == 3)
    // Whoever names a folder is shown the ledger that its runs have used.
    let listed = try await swapline("ledger", "--out", workshop.path("a"))
    #expect(listed.status == 0 && listed.output.contains("Charged: 3 credits"), "\(listed)")
  }

  @Test func aBudgetIsNeverPassedAndTheNextOneGoesOn() async throws {
    let workshop = try Workshop()
    let server = try await ServeTests.Server(workshop, keys: "\(ServeTests.key) 100\n")
    let line = try swapping(workshop, server)
    func run(_ cost: String) async throws -> Finished {
      try await swapline(
        [
          "run", line, "--scene", fixture("scenes/portrait.jpg"), "--scene",
          fixture("scenes/two-people.jpg"), "--scene",
          fixture("scenes/rolled.jpg"), "--face", fixture("faces/ben.jpg"),
          "--max-cost", cost, "--out", workshop.path("out"),
        ], environment: ["CRUN_API_KEY": ServeTests.key])
    }
    let first = try await run("2.5")
    #expect(first.status == 5, "\(first.messages)")
    #expect(
      first.messages.contains("The budget of 2.5 credits for the work in this folder is reached"))
    #expect(first.messages.contains("the budget is reached: nothing new begins"))
    #expect(first.messages.contains("2 of 3 items done"), "\(first.messages)")
    // What was submitted was brought home.
    #expect(try await server.billed == 2)
    // However often it is run again: the budget is the folder's.
    for _ in 0..<2 { #expect(try await run("2.5").status == 5) }
    #expect(try await server.billed == 2)
    let second = try await run("3")
    #expect(second.status == 0, "\(second.messages)")
    #expect(try await server.billed == 3)

    let ledger = try await swapline(["ledger", "--out", workshop.path("out")])
    #expect(ledger.output.contains("3 succeeded.\nCharged: 3 credits."), "\(ledger.output)")
    let csv = try await swapline(["ledger", "--out", workshop.path("out"), "--csv"])
    #expect(csv.output.split(separator: "\r\n").count == 4)

    // Without its work files a run makes everything again but what was paid for.
    let cache = try await swapline([
      "cache", "--out", workshop.path("out"), "--larger-than", "0B",
    ])
    #expect(cache.output.contains("3 of them are paid results and stay"), "\(cache.output)")
    try FileManager.default.removeItem(atPath: workshop.path("out/.swapline/memory.sqlite"))
    let third = try await run("0")
    #expect(third.status == 0, "\(third.messages)")
    #expect(try await server.billed == 3)
    _ = await server.stop()
  }

  @Test func anEmptyAccountIsFoundBeforeTheFirstSubmission() async throws {
    let workshop = try Workshop()
    let server = try await ServeTests.Server(workshop, keys: "\(ServeTests.key) 0.5\n")
    let end = try await swapline(
      [
        "run", try swapping(workshop, server), "--scene", fixture("scenes/portrait.jpg"),
        "--face", fixture("faces/ben.jpg"), "--out", workshop.path("out"),
      ], environment: ["CRUN_API_KEY": ServeTests.key])
    _ = await server.stop()
    #expect(end.status == 1)
    #expect(end.messages.contains("has 0.5 credits left, and a swap costs 1."), "\(end.messages)")
    let ledger = try await swapline(["ledger", "--out", workshop.path("out")])
    #expect(ledger.output.contains("No entries."), "\(ledger.output)")
  }

  @Test func aPlanSaysWhyAStepRunsAgain() async throws {
    let workshop = try Workshop()
    let line = try workshop.write(Self.prepare, to: "line.yaml")
    let scene = workshop.path("scene.jpg")
    try FileManager.default.copyItem(
      atPath: fixture("formats/orientation-1.jpg"), toPath: scene)
    let out = ["--scene", scene, "--out", workshop.path("out")]
    _ = try await swapline(["run", line] + out)
    func plan(_ extra: String...) async throws -> String {
      try await swapline(["plan", line] + out + extra).output
    }
    #expect(try await plan().contains("scene: done before, nothing runs again"))
    let changed = try await plan("--set", "thumbnails.sides=[16]")
    #expect(
      changed.contains(
        "scene: fetch done before; thumbnails runs again: 'thumbnails' has sides [32] → [16]"),
      "\(changed)")
    try FileManager.default.removeItem(atPath: scene)
    try FileManager.default.copyItem(
      atPath: fixture("formats/orientation-2.jpg"), toPath: scene)
    #expect(try await plan().contains("scene: fetch runs again: the scene has changed"))
  }

  @Test func eventsSayWhichRunAndItemTheyAreOf() async throws {
    let workshop = try Workshop()
    let line = try workshop.write(Self.prepare, to: "line.yaml")
    let end = try await swapline([
      "run", line, "--json", "--scene", fixture("formats/orientation-1.jpg"), "--out",
      workshop.path("out"),
    ])
    let events = try end.output.split(separator: "\n").map {
      try JSONValue(parsing: Array($0.utf8))
    }
    let runs = Set(events.map { $0["run"]?.string ?? "" })
    #expect(runs.count == 1 && runs.first?.isEmpty == false)
    #expect(events.allSatisfy { $0["version"] == 1 })
    #expect(events.dropLast().allSatisfy { $0["item"]?.string == "orientation-1" })
    let last = try #require(events.last)
    #expect(last["event"] == "run_finished" && last["item"] == nil)
    #expect(last["totals"]?["done"] == 1 && last["totals"]?["charged"]?["credits"] == 0)
    let fetched = events.first { $0["stage"] == "fetch" && $0["event"] == "stage_finished" }
    #expect(fetched?["bytes"]?.int ?? 0 > 1_000)
  }

  @Test func aMillionRowsBeginAtOnce() async throws {
    let workshop = try Workshop()
    let line = try workshop.write(Self.prepare, to: "line.yaml")
    let items = workshop.path("items.csv")
    let handle = FileHandle(forWritingAtPath: try workshop.write("id,scene\n", to: "items.csv"))
    let file = try #require(handle)
    try file.seekToEnd()
    let scene = fixture("formats/orientation-1.jpg")
    for part in 0..<100 {
      let rows = (0..<10_000).map { "i\(part * 10_000 + $0),\(scene)\n" }.joined()
      try file.write(contentsOf: Data(rows.utf8))
    }
    try file.close()
    let run = try Started(
      Workshop.command.path, ["run", line, "--items", items, "--out", workshop.path("out")])
    var seconds = 0.0
    while run.isRunning, workshop.names(in: "out").filter({ $0.hasPrefix("i") }).count < 20,
      seconds < 60
    {
      try await Task.sleep(for: .milliseconds(20))
      seconds += 0.02
    }
    let status = try String(contentsOfFile: "/proc/\(run.pid)/status", encoding: .utf8)
    run.signal(SIGINT)
    let end = await run.wait()
    #expect(end.status == 130, "\(end.messages)")
    // The file has some sixty megabytes; a few items are in hand.
    let peak = status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) } ?? .max
    #expect(peak < 150_000)
  }
}
