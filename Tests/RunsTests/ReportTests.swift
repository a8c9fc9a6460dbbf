import Core
import TestSupport
import Testing

@testable import Files
@testable import Ledgers
@testable import Pipelines
@testable import Runs

@Suite struct ReportTests {
  static var asset: Asset {
    var asset = Asset(item: Item(id: "one", scene: "s.png", face: "f.png"))
    asset.media = [.scene: facts("scene"), .face: facts("face"), .result: facts("result")]
    asset.renditions = [
      Rendition(file: "result-64.webp", stage: "thumbnails", media: facts("small", width: 64))
    ]
    asset.swap = SwapFacts(
      provider: "crun", model: "image", task: "t-1", credits: 1.5, isReused: false)
    var change = Change(.size, from: "a", to: "b", reason: "why")
    change.stage = "normalize"
    change.role = .scene
    asset.history = [change]
    asset.stages = [StageFacts(stage: "fetch", seconds: 0.5, note: "scene")]
    asset.addresses = [.scene: Address(url: "http://secret.test", expires: 1)]
    return asset
  }

  static let change =
    #"{"from":"a","kind":"size","reason":"why","role":"scene","stage":"normalize","to":"b"}"#

  @Test(arguments: [
    (RunEvent.Kind.itemStarted, #"{"event":"item_started","item":"one","run":"r","version":1}"#),
    (
      .stageStarted,
      #"{"event":"stage_started","item":"one","run":"r","stage":"fetch","version":1}"#
    ),
    (
      .progress("half"),
      #"{"event":"progress","item":"one","note":"half","run":"r","stage":"fetch","version":1}"#
    ),
    (
      .task("t-1", .accepted),
      #"{"event":"task_accepted","item":"one","run":"r","stage":"fetch","task":"t-1","version":1}"#
    ),
    (
      .stageFinished(
        seconds: 0.5, note: "done", changes: asset.history, bytes: 7, credits: 1.5),
      #"{"bytes":7,"changes":["# + change
        + #"],"credits":1.5,"event":"stage_finished","item":"one","note":"done","run":"r","seconds":0.5,"stage":"fetch","version":1}"#
    ),
    (
      .stageFinished(seconds: 2, note: nil, changes: [], bytes: 0, credits: nil),
      #"{"bytes":0,"changes":[],"event":"stage_finished","item":"one","run":"r","seconds":2,"stage":"fetch","version":1}"#
    ),
    (
      .stageReused(note: nil),
      #"{"event":"stage_reused","item":"one","run":"r","stage":"fetch","version":1}"#
    ),
    (
      .itemFinished(asset),
      #"{"credits":1.5,"event":"item_finished","files":["result-64.webp"],"item":"one","run":"r","version":1}"#
    ),
    (
      .itemFinished(asset.reused),
      #"{"credits":0,"event":"item_finished","files":["result-64.webp"],"item":"one","run":"r","version":1}"#
    ),
    (
      .itemFailed(
        SwaplineError(.limit, "Too large.", hint: "Smaller.", item: "one", place: "fetch")),
      #"{"error":{"code":"limit","hint":"Smaller.","item":"one","message":"Too large.","place":"fetch"},"event":"item_failed","item":"one","run":"r","version":1}"#
    ),
    (.itemStopped, #"{"event":"item_stopped","item":"one","run":"r","version":1}"#),
    (
      .runStopping(
        waiting: [RunControl.Awaited(item: "one", provider: "crun", task: "t")],
        reason: SwaplineError(.budget, "Spent.")),
      #"{"error":{"code":"budget","message":"Spent."},"event":"run_stopping","run":"r","version":1,"waiting":[{"item":"one","provider":"crun","task":"t"}]}"#
    ),
    (
      .runFinished(
        RunTotals(
          done: 3, reused: 1, failed: 1, stopped: 2,
          charged: Charge(credits: 6, money: ["USD": 0.012]), seconds: 4, waiting: [], inDoubt: 1,
          reason: nil)),
      #"{"event":"run_finished","run":"r","totals":{"charged":{"credits":6,"money":{"USD":0.012}},"done":3,"failed":1,"in_doubt":1,"reused":1,"seconds":4,"stopped":2,"waiting":[]},"version":1}"#
    ),
  ])
  func eventsAreOneLineOfJSON(kind: RunEvent.Kind, line: String) throws {
    let isOfItem = line.contains(#""event":"item"#)
    let isOfRun = line.contains(#""event":"run"#)
    let event = RunEvent(
      run: "r", item: isOfRun ? "" : "one", stage: isOfItem || isOfRun ? nil : "fetch", kind: kind)
    #expect(try JSONText.line(event) == line)
  }

  @Test func theAssetsReportKeepsItsShape() throws {
    let report = try JSONValue(parsing: AssetReport(Self.asset).text.utf8)
    func keys(_ value: JSONValue?) -> [String] {
      guard case .object(let parts)? = value else { return [] }
      return parts.keys.sorted()
    }
    #expect(
      keys(report) == [
        "face", "findings", "history", "id", "renditions", "result", "scene", "source", "stages",
        "swap", "version",
      ])
    // The words of `probe --json`, every one of them.
    let measured = try JSONValue(parsing: JSONText.bytes(try #require(Self.asset.media[.scene])))
    let file = (keys(measured) + ["file"]).sorted()
    #expect(file.contains("bitDepth") && file.contains("digest"))
    for part in ["scene", "face", "result"] {
      #expect(keys(report[part]) == file, "\(part)")
      #expect(report[part]?["file"] == .string("\(part).png"))
      #expect(report[part]?["digest"] == .string(Digest(of: part).hex))
    }
    guard case .array(let renditions)? = report["renditions"] else {
      Issue.record("renditions are no list")
      return
    }
    #expect(keys(renditions.first) == (file + ["stage"]).sorted())
    #expect(renditions.first?["width"] == 64)
    #expect(keys(report["swap"]) == ["credits", "isReused", "model", "provider", "task"])
    #expect(report["source"] == ["scene": "s.png", "face": "f.png"])
    #expect(report["version"] == 2)
    #expect(try !AssetReport(Self.asset).text.contains("secret"))
    #expect(
      try JSONText.decode(AssetReport.self, from: AssetReport(Self.asset).text.utf8)
        == AssetReport(Self.asset))
  }

  @Test func anOutcomePrintsALine() {
    let item = Item(id: "x", scene: "x.png")
    let outcomes: [Runner.Outcome] = [
      .finished(Self.asset, isReused: false), .finished(Self.asset, isReused: true),
      .failed(item, SwaplineError(.notFound, "Gone.")), .stopped(item),
    ]
    #expect(
      outcomes.map { "\($0)" } == [
        "one: done, result-64.webp", "one: done before, result-64.webp", "x: failed: Gone.",
        "x: stopped",
      ])
  }

  @Test func anAssetSurvivesBeingRemembered() throws {
    let text = try JSONText.line(Self.asset)
    #expect(try JSONText.decode(Asset.self, from: text.utf8) == Self.asset)
  }

  @Test func aRunsReportCounts() throws {
    let reused = Self.asset.reused
    let item = Item(id: "x", scene: "x.png")
    let error = SwaplineError(.notFound, "Gone.")
    let outcomes: [Runner.Outcome] = [
      .finished(Self.asset, isReused: false), .finished(Self.asset, isReused: false),
      .finished(reused, isReused: false), .finished(reused, isReused: true),
      .failed(item, error), .stopped(item), .stopped(item),
    ]
    let pipeline = Pipeline("p") { Take() }
    var tally = outcomes.tally
    tally.charged = Charge(credits: 3, money: ["USD": 0.006])
    let report = RunReport(Plan(pipeline), tally, seconds: 3, run: "r")
    #expect(report.done == 4)
    #expect(report.reused == 1)
    #expect(report.stopped == 2)
    #expect(report.credits == 3)
    #expect(report.failures == [error])
    let json = try JSONValue(encoding: report)
    guard case .object(let parts) = json else {
      Issue.record("a report is an object")
      return
    }
    #expect(
      parts.keys.sorted() == [
        "charged", "credits", "done", "ended", "failed", "failures", "plan", "reused", "run",
        "seconds",
        "stopped", "version",
      ])
  }
}

extension Asset {
  fileprivate var reused: Asset {
    var copy = self
    copy.swap?.isReused = true
    return copy
  }
}

extension [Runner.Outcome] {
  fileprivate var tally: RunTally {
    var tally = RunTally()
    for outcome in self { tally.add(outcome) }
    return tally
  }
}
