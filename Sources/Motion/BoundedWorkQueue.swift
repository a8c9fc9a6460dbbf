import Dispatch
import Synchronization

/// Does pieces of work in order on a thread of its own, at most a few behind whoever hands them over:
/// decoding and encoding overlap, and memory holds a few frames.
///
/// What is handed over belongs to the other thread from then on.
final class BoundedWorkQueue: Sendable {
  private struct Work: @unchecked Sendable {
    let body: () throws -> Void
  }

  private let queue = DispatchQueue(label: "swapline.queue")
  private let room: DispatchSemaphore
  private let failure = Mutex<(any Error)?>(nil)

  /// A queue that holds at most `depth` pieces of work.
  init(depth: Int) {
    room = DispatchSemaphore(value: depth)
  }

  /// Hands over the next piece of work; waits while there is no room. Throws the error of an earlier
  /// one, behind which nothing is done any more.
  func submit(_ body: @escaping () throws -> Void) throws {
    try check()
    room.wait()
    let work = Work(body: body)
    queue.async { [self] in
      defer { room.signal() }
      guard failure.withLock({ $0 == nil }) else { return }
      do {
        try work.body()
      } catch {
        failure.withLock { $0 = error }
      }
    }
  }

  /// Waits until everything is done. Throws the first error.
  func finish() throws {
    queue.sync {}
    try check()
  }

  /// Runs `body` with a queue and waits for what it handed over. When either throws, nothing more
  /// is begun, and nothing is still being done when the error arrives.
  static func running<Result>(depth: Int, _ body: (BoundedWorkQueue) throws -> Result) throws
    -> Result
  {
    let queue = BoundedWorkQueue(depth: depth)
    do {
      let result = try body(queue)
      try queue.finish()
      return result
    } catch {
      queue.abandon(error)
      throw error
    }
  }

  /// Begins nothing more, and waits for what is being done.
  func abandon(_ error: any Error) {
    failure.withLock { $0 = $0 ?? error }
    queue.sync {}
  }

  private func check() throws {
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
