import Core
import Pipelines
import Synchronization
import Testing

@Suite struct RunControlTests {
  @Test func givesBackWhatTheBodyGives() async throws {
    let control = RunControl()
    #expect(try await control.untilDraining { 7 } == 7)
    await #expect(throws: SwaplineError.self) {
      try await control.untilDraining { throw SwaplineError(.limit, "x") }
    }
    #expect(!control.isDraining)
  }

  @Test func aDrainEndsWaitingOfEverybody() async throws {
    let control = RunControl()
    let waiting = (0..<5).map { _ in
      Task { try await control.untilDraining { try await Task.sleep(for: .seconds(60)) } }
    }
    try await Task.sleep(for: .milliseconds(10))
    let begin = ContinuousClock.now
    control.drain()
    control.drain()
    for task in waiting {
      await #expect(throws: CancellationError.self) { try await task.value }
    }
    #expect(ContinuousClock.now - begin < .seconds(25))
    #expect(control.isDraining)
  }

  @Test func nothingBeginsOnceItDrains() async throws {
    let control = RunControl()
    control.drain()
    await #expect(throws: CancellationError.self) {
      try await control.untilDraining { try await Task.sleep(for: .seconds(60)) }
    }
  }

  @Test func theCallersCancellationReachesTheBody() async throws {
    let control = RunControl()
    let task = Task { try await control.untilDraining { try await Task.sleep(for: .seconds(60)) } }
    try await Task.sleep(for: .milliseconds(10))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(!control.isDraining)
  }

  /// Before the stop, at it, and after it because its submission was under way: each is told once.
  @Test func everyTaskThatIsWaitedForAfterAStopIsTold() async throws {
    let control = RunControl()
    let told = Mutex<[[String]]>([])
    control.onDrain { awaited in told.withLock { $0.append(awaited.map(\.task)) } }
    func awaited(_ task: String) -> RunControl.Awaited {
      RunControl.Awaited(item: "item", provider: "crun", task: task)
    }
    await control.awaiting(awaited("ended")) {}
    await control.awaiting(awaited("accepted")) {
      control.drain()
      control.drain()
      await control.awaiting(awaited("late")) {}
    }
    #expect(told.withLock { $0 } == [["accepted"], ["late"]])
    let late = Mutex<[[String]]>([])
    control.onDrain { awaited in late.withLock { $0.append(awaited.map(\.task)) } }
    #expect(late.withLock { $0 } == [[]])
  }
}
