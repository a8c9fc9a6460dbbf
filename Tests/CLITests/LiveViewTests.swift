import Core
import Testing

@testable import CLI
@testable import Ledgers
@testable import Pipelines

@Suite struct LiveViewTests {
  private func waiting(after kinds: [RunEvent.Kind]) -> Bool {
    var view = LiveView(total: 2, budget: Budget(), stages: ["swap"])
    view.note(RunEvent(item: "one", stage: "swap", kind: .stageStarted))
    for kind in kinds { view.note(RunEvent(item: "one", stage: "swap", kind: kind)) }
    return view.lines(width: 80).joined(separator: "\n").contains("waiting for the provider")
  }

  @Test func itemsWaitFromAcceptanceToTheEndOfTheirStage() {
    #expect(waiting(after: [.task("t", .accepted)]))
    #expect(waiting(after: [.task("t", .resumed)]))
    let end = RunEvent.Kind.stageFinished(
      seconds: 1, note: nil, changes: [], bytes: 0, credits: nil)
    #expect(!waiting(after: [.task("t", .accepted), end]))
    #expect(!waiting(after: [.task("t", .accepted), .itemStopped]))
  }

  @Test func whatIsNotWaitedForIsNotCounted() {
    #expect(!waiting(after: []))
    #expect(!waiting(after: [.task("t", .recovered)]))
    #expect(!waiting(after: [.task("t", .paid)]))
    #expect(!waiting(after: [.task("t", .resumed), .task("t", .gone)]))
    // Words decide nothing, whatever they begin with.
    #expect(!waiting(after: [.progress("task t is being prepared")]))
  }
}
