import Core
import Testing

@Suite struct LaneTests {
  @Test func runsAtMostItsWidthAtOnce() async throws {
    let threads = ThreadPool(name: "test", width: 3)
    let running = Shared((now: 0, most: 0))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<30 {
        group.addTask {
          try await threads.run { _ in
            running.withLock {
              $0.now += 1
              $0.most = max($0.most, $0.now)
            }
            usleepBriefly()
            running.withLock { $0.now -= 1 }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(running.withLock(\.most) <= 3)
    #expect(running.withLock(\.most) >= 2)
  }

  @Test func cancellationReachesRunningWork() async throws {
    let threads = ThreadPool(name: "test", width: 1)
    let (started, continuation) = AsyncStream.makeStream(of: Void.self)
    let work = Task {
      try await threads.run { cancellation in
        continuation.yield()
        while !cancellation.isCancelled { usleepBriefly() }
        try cancellation.check()
      }
    }
    for await _ in started { break }
    work.cancel()
    await #expect(throws: CancellationError.self) { try await work.value }
  }

  @Test func cancelledWaitingWorkNeverStarts() async throws {
    let threads = ThreadPool(name: "test", width: 1)
    let gate = Shared(false)
    let didRun = Shared(false)
    let first = Task {
      try await threads.run { _ in while !gate.withLock({ $0 }) { usleepBriefly() } }
    }
    let second = Task { try await threads.run { _ in didRun.withLock { $0 = true } } }
    second.cancel()
    gate.withLock { $0 = true }
    try await first.value
    await #expect(throws: CancellationError.self) { try await second.value }
    #expect(!didRun.withLock { $0 })
  }

  @Test func handlersRunOnceAndNeverAfterTheBody() throws {
    let cancellation = Cancellation()
    let calls = Shared(0)
    try cancellation.withHandler({ calls.withLock { $0 += 1 } }) {}
    cancellation.cancel()
    #expect(calls.withLock { $0 } == 0)
    let other = Cancellation()
    try other.withHandler({ calls.withLock { $0 += 1 } }) {
      other.cancel()
      other.cancel()
    }
    #expect(calls.withLock { $0 } == 1)
    #expect(throws: CancellationError.self) { try other.withHandler({}) {} }
  }
}
