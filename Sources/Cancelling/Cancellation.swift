import Synchronization

/// Carries a request to stop into blocking work, which asks for it or is told by a handler: the one
/// flag for Swift's own work and for the C libraries.
public final class Cancellation: Sendable {
  private struct State {
    var handlers: [Int: @Sendable () -> Void] = [:]
    var next = 0
  }

  // Beside the lock: libraries ask at every strip of pixels, on threads of their own.
  private let flag = Atomic(false)
  private let state = Mutex(State())

  /// A request that nobody has made yet.
  public init() {}

  /// Whether the work should stop.
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }

  /// Throws `CancellationError` when the work should stop.
  public func check() throws {
    if isCancelled { throw CancellationError() }
  }

  /// Asks the work to stop; handlers run once, on this thread.
  public func cancel() {
    state.withLock { state in
      flag.store(true, ordering: .relaxed)
      // Under the lock, so that a handler cannot run once `withHandler` has returned.
      for handler in state.handlers.values { handler() }
      state.handlers = [:]
    }
  }

  /// Runs `body` with `handler` told of a request to stop that comes before it ends.
  ///
  /// The handler never runs after `body` has returned, so it may interrupt what `body` owns. It
  /// must be short and must not use this `Cancellation`.
  public func withHandler<Result>(
    _ handler: @escaping @Sendable () -> Void, _ body: () throws -> Result
  ) throws -> Result {
    let number: Int? = state.withLock { state in
      guard !isCancelled else { return nil }
      state.next += 1
      state.handlers[state.next] = handler
      return state.next
    }
    guard let number else { throw CancellationError() }
    defer { _ = state.withLock { $0.handlers.removeValue(forKey: number) } }
    return try body()
  }
}
