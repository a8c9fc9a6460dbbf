import Core
import Synchronization

/// Asks a run to stop: first gently, then at once.
public final class RunControl: Sendable {
  private struct State {
    var isDraining = false
    var reason: SwaplineError?
    var watchers: [Int: @Sendable () -> Void] = [:]
    var next = 0
  }

  private let state = Mutex(State())

  /// A run that nobody has asked to stop.
  public init() {}

  /// Whether no new item and no new stage may begin.
  public var isDraining: Bool { state.withLock { $0.isDraining } }

  /// Why the run stops, where nobody asked for it; nil when somebody did.
  public var reason: SwaplineError? { state.withLock { $0.reason } }

  /// Lets the stages at work end and begins no other, because going on makes no sense: `reason`
  /// would be every item's.
  public func drain(because reason: SwaplineError) {
    state.withLock { state in
      if !state.isDraining { state.reason = reason }
    }
    drain()
  }

  /// Lets the stages at work end and begins no other. Waiting for a provider ends too: its task is
  /// in the ledger, and the next run asks for it.
  public func drain() {
    let watchers = state.withLock { state in
      state.isDraining = true
      defer { state.watchers = [:] }
      return Array(state.watchers.values)
    }
    for watcher in watchers { watcher() }
  }

  /// Runs `body`, and cancels it when the run is asked to stop: for waiting that loses nothing.
  public func untilDraining<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let work = Task { try await body() }
    let number: Int? = state.withLock { state in
      guard !state.isDraining else { return nil }
      state.next += 1
      state.watchers[state.next] = { work.cancel() }
      return state.next
    }
    guard let number else {
      work.cancel()
      throw CancellationError()
    }
    defer { _ = state.withLock { $0.watchers.removeValue(forKey: number) } }
    return try await withTaskCancellationHandler {
      try await work.value
    } onCancel: {
      work.cancel()
    }
  }
}
