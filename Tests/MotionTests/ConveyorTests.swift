import Core
import Glibc
import Synchronization
import Testing

@testable import Motion

@Suite struct ConveyorTests {
  @Test func workIsDoneInOrder() throws {
    let done = Mutex([Int]())
    try BoundedWorkQueue.running(depth: 3) { queue in
      for number in 0..<50 { try queue.submit { done.withLock { $0.append(number) } } }
    }
    #expect(done.withLock { $0 } == Array(0..<50))
  }

  @Test(arguments: [true, false]) func nothingIsBegunBehindAnError(_ isOwn: Bool) {
    let done = Mutex([Int]())
    #expect(throws: CancellationError.self) {
      try BoundedWorkQueue.running(depth: 2) { queue in
        for number in 0..<20 {
          if number == 5, !isOwn { throw CancellationError() }
          try queue.submit {
            usleep(2_000)
            if number == 5 { throw CancellationError() }
            done.withLock { $0.append(number) }
          }
        }
      }
    }
    let seen = done.withLock { $0 }
    #expect(seen == Array(0..<seen.count) && seen.count <= 5)
    usleep(20_000)
    #expect(done.withLock { $0 } == seen, "nothing goes on")
  }
}
