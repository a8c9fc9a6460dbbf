import Synchronization

/// How many requests were answered with which status, and how long that took.
final class RequestCounts: Sendable {
  private struct State {
    var byStatus: [Int: Int] = [:]
    var seconds = 0.0
  }

  private let state = Mutex(State())

  /// Notes an answer.
  func note(_ status: Int, after time: Duration) {
    state.withLock { state in
      state.byStatus[status, default: 0] += 1
      state.seconds += time / .seconds(1)
    }
  }

  /// What was noted since the start.
  var all: (byStatus: [Int: Int], seconds: Double) { state.withLock { ($0.byStatus, $0.seconds) } }
}
