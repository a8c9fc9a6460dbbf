import Synchronization

/// A bounded number of turns, given in the order in which they were asked for.
public final class AsyncSemaphore: Sendable {
  private struct State {
    var free: Int
    var waiting: [(id: Int, continuation: CheckedContinuation<Void, any Error>)] = []
    var nextID = 0
  }

  private let state: Mutex<State>

  /// `count` turns at once.
  public init(_ count: Int) {
    state = Mutex(State(free: max(1, count)))
  }

  /// Runs `body` in a turn; a task that is cancelled while it waits leaves the line at once.
  public func withPermit<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
    try await begin()
    defer { end() }
    return try await body()
  }

  private func begin() async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let result: Result<Void, any Error>? = state.withLock { state in
          // Under the lock, so that a cancellation is either seen here or finds the waiting one.
          if Task.isCancelled { return .failure(CancellationError()) }
          if state.free > 0 {
            state.free -= 1
            return .success(())
          }
          state.waiting.append((id, continuation))
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      let leaving = state.withLock { state in
        state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
      }
      leaving?.continuation.resume(throwing: CancellationError())
    }
  }

  private func end() {
    let next = state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.free += 1
        return CheckedContinuation<Void, any Error>?.none
      }
      return state.waiting.removeFirst().continuation
    }
    next?.resume()
  }
}
