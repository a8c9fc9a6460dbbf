import Core
import Synchronization

/// Asks a run to stop: first gently, then at once.
///
/// A gentle stop abandons nothing that may have been paid: what a provider has accepted is waited for,
/// and only then the run ends. Cancelling the run's task stops at once.
public final class RunControl: Sendable {
  /// A task that a provider has, and that a run waits for.
  public struct Awaited: Sendable, Hashable, Codable {
    /// The item that it is for.
    public var item: String
    /// The provider, as the ledger has it.
    public var provider: String
    /// The provider's name for the task.
    public var task: String

    /// A task that is waited for.
    public init(item: String, provider: String, task: String) {
      self.item = item
      self.provider = provider
      self.task = task
    }
  }

  private struct State {
    var isDraining = false
    var reason: SwaplineError?
    var watchers: [Int: @Sendable () -> Void] = [:]
    var listeners: [@Sendable ([Awaited]) -> Void] = []
    var awaited: [Int: Awaited] = [:]
    var next = 0

    var waiting: [Awaited] { awaited.sorted { $0.key < $1.key }.map(\.value) }
  }

  private let state = Mutex(State())

  /// A run that has not been asked to stop.
  public init() {}

  /// Whether no new item may begin, and no new stage either, unless the reason is a budget: then the
  /// items at work go on as far as nothing has to be bought.
  public var isDraining: Bool { state.withLock { $0.isDraining } }

  /// Why the run stops by itself; nil when it was asked to.
  public var reason: SwaplineError? { state.withLock { $0.reason } }

  /// The tasks that are waited for, the longest ago first.
  public var awaited: [Awaited] { state.withLock { $0.waiting } }

  /// Lets the stages at work end and begins no other, because going on makes no sense: `reason`
  /// would be every item's. Of a budget's end only what must be bought makes no sense.
  public func drain(because reason: SwaplineError) {
    state.withLock { state in
      if !state.isDraining { state.reason = reason }
    }
    drain()
  }

  /// Lets the stages at work end and begins no other. Tasks that a provider has accepted are waited
  /// for; waiting before a submission ends.
  public func drain() {
    let (watchers, listeners, awaited) = state.withLock { state in
      let isFirst = !state.isDraining
      state.isDraining = true
      defer { state.watchers = [:] }
      return (Array(state.watchers.values), isFirst ? state.listeners : [], state.waiting)
    }
    for tell in watchers { tell() }
    for tell in listeners { tell(awaited) }
  }

  /// Has `listener` told when the run is asked to stop, at once when it was already, with the tasks that
  /// are waited for; and again with each task that a provider accepts afterwards, because its submission
  /// was under way.
  public func onDrain(_ listener: @escaping @Sendable (_ awaited: [Awaited]) -> Void) {
    let awaited: [Awaited]? = state.withLock { state in
      state.listeners.append(listener)
      return state.isDraining ? state.waiting : nil
    }
    if let awaited { listener(awaited) }
  }

  /// Runs `body`, which waits for a task that a provider has accepted: a gentle stop does not end it.
  public func awaiting<Value>(
    _ task: Awaited, _ body: () async throws -> Value
  ) async rethrows -> Value {
    let (number, listeners) = state.withLock { state in
      state.next += 1
      state.awaited[state.next] = task
      return (state.next, state.isDraining ? state.listeners : [])
    }
    for tell in listeners { tell([task]) }
    defer { _ = state.withLock { $0.awaited.removeValue(forKey: number) } }
    return try await body()
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
