import Synchronization

/// Wakes those who wait for somebody to fetch a file.
final class FetchWatch: Sendable {
  private struct State {
    var next = 0
    var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
  }

  private let state = Mutex(State())

  /// Something was fetched.
  func tell() {
    let waiting = state.withLock { Array($0.waiting.values) }
    for continuation in waiting { continuation.yield() }
  }

  /// Waits until `isDone` says so, which is asked at once and after each fetch. Throws
  /// `CancellationError` when the calling task is cancelled.
  func wait(until isDone: () -> Bool) async throws {
    // Listening before asking: a fetch between the two is not missed.
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state in
      state.next += 1
      state.waiting[state.next] = continuation
      return state.next
    }
    defer { _ = state.withLock { $0.waiting.removeValue(forKey: number) } }
    if isDone() { return }
    for await _ in stream where isDone() { return }
    throw CancellationError()
  }
}
