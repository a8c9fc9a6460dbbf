import Core
import Ledgers
import Pipelines
import Testing

@testable import Runs

/// What a run tells of itself while it goes on.
@Suite struct RunMeterTests {
  private let start = ContinuousClock.now

  private func report(_ meter: RunMeter, after seconds: Double = 0) -> WorkerReport {
    var report = WorkerReport(run: "r", host: "h", process: 1, folder: "/", budget: Budget())
    meter.fill(&report, at: start + .seconds(seconds))
    return report
  }

  @Test func itemsAndSwapsAreCountedWhileTheyChange() {
    let meter = RunMeter()
    func tell(_ item: String, _ kind: RunEvent.Kind, at seconds: Double = 0) {
      meter.observe(RunEvent(item: item, kind: kind), at: start + .seconds(seconds))
    }
    for item in ["a", "b", "c", "d"] { tell(item, .itemStarted) }
    tell("a", .task("t1", .accepted), at: 1)
    tell("b", .task("t2", .resumed), at: 2)
    tell("b", .task("t2", .gone), at: 2)
    var now = report(meter, after: 4)
    #expect(now.items.running == 4 && now.swaps.waiting == 2 && now.swaps.bought == 1)
    #expect(now.swaps.waitedSeconds == 5)
    tell("a", .stageFinished(seconds: 1, note: nil, changes: [], bytes: 0, credits: 2.5), at: 5)
    now = report(meter, after: 6)
    #expect(now.swaps.waiting == 1 && now.credits == 2.5 && now.swaps.waitedSeconds == 8)
    var asset = Asset(item: Item(id: "a", scene: "s"))
    asset.swap = SwapFacts(provider: "p", model: "m", task: "t", credits: 1, isReused: true)
    tell("a", .itemFinished(asset), at: 6)
    tell("b", .itemFailed(SwaplineError(.ambiguous, "in doubt")), at: 7)
    tell("c", .itemFailed(SwaplineError(.noFace, "no face")), at: 7)
    tell("d", .itemStopped, at: 7)
    // A row that is no item was never begun.
    tell("e", .itemFailed(SwaplineError(.usage, "no item")), at: 7)
    now = report(meter, after: 100)
    #expect(now.items.done == 1 && now.items.failed == 3 && now.items.stopped == 1)
    #expect(now.items.running == 0 && now.swaps.waiting == 0)
    #expect(now.swaps.reused == 1 && now.swaps.ambiguous == 1)
    #expect(now.swaps.waitedSeconds == 9)
  }

  @Test func theRunsOwnAccountIsTheLastWord() {
    let meter = RunMeter()
    meter.observe(RunEvent(item: "a", kind: .itemStarted))
    meter.observe(
      RunEvent(
        item: "",
        kind: .runFinished(
          RunTotals(
            done: 4, reused: 2, failed: 1, stopped: 3, charged: Charge(), seconds: 1, waiting: [],
            inDoubt: 0, reason: nil))))
    let items = report(meter).items
    #expect(items.done == 4 && items.reused == 2 && items.failed == 1 && items.stopped == 3)
    #expect(items.running == 0)
  }

  @Test func processorTimeIsKnownAndGrows() throws {
    let before = try #require(ProcessorTime.seconds)
    var digest = Digest(of: "")
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end, try #require(ProcessorTime.seconds) <= before {
      for _ in 0..<1_000 { digest = Digest(of: digest.hex) }
    }
    #expect(try #require(ProcessorTime.seconds) > before)
  }
}
