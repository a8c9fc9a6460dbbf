import Core
import Synchronization

/// Wakes those who wait for the end of a task.
package final class TaskCompletionSignal: Sendable {
  private struct State {
    var next = 0
    var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
  }

  private let state = Mutex(State())

  /// Says that some task has ended.
  func tell() {
    for one in state.withLock({ Array($0.waiting.values) }) { one.yield() }
  }

  /// Asks `look` at once and after every end, until it gives something or `limit` is over, which
  /// gives nil. A store that is away for a while is asked again.
  package func wait<Value: Sendable>(
    within limit: Duration, _ look: @escaping @Sendable () async throws -> Value?
  ) async throws -> Value? {
    let (ends, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state in
      state.next += 1
      state.waiting[state.next] = continuation
      return state.next
    }
    defer { state.withLock { $0.waiting[number] = nil } }
    let deadline = Task {
      try? await Task.pause(until: .now + limit)
      continuation.finish()
    }
    defer { deadline.cancel() }
    if let value = try await look() { return value }
    for await _ in ends {
      do {
        if let value = try await look() { return value }
      } catch let error as SwaplineError where error.code == .storage {
        continue
      }
    }
    return try await look()
  }
}
