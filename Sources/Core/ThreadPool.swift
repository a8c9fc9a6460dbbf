import Glibc
import Synchronization

/// Threads of our own for blocking calls, which would starve Swift's cooperative pool.
///
/// Work waits in order; at most `width` pieces run at once. A cancelled task's waiting work never
/// starts; its running work is told through `Cancellation`.
public final class ThreadPool: Sendable {
  /// How many pieces of work run at once.
  public let width: Int

  private let queue: Queue

  /// A pool of `width` threads, which start with the first work and end with the pool.
  public init(name: String, width: Int) {
    self.width = max(1, width)
    queue = Queue(name: name, width: self.width)
  }

  deinit {
    queue.close()
  }

  /// Runs blocking work on a thread of the pool and waits for it without blocking a Swift thread.
  public func run<Value: Sendable>(
    _ work: @escaping @Sendable (Cancellation) throws -> Value
  ) async throws -> Value {
    let cancellation = Cancellation()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        queue.add {
          continuation.resume(
            with: Result {
              try cancellation.check()
              return try work(cancellation)
            })
        }
      }
    } onCancel: {
      cancellation.cancel()
    }
  }
}

/// The waiting work of a pool, shared by its threads.
private final class Queue: Sendable {
  private struct State {
    var waiting: [@Sendable () -> Void] = []
    var threads = 0
    var idle = 0
    var isClosed = false
  }

  private let name: String
  private let width: Int
  private let state = Mutex(State())
  private let ready = Semaphore()

  init(name: String, width: Int) {
    self.name = name
    self.width = width
  }

  func add(_ work: @escaping @Sendable () -> Void) {
    let wantsThread = state.withLock { state in
      state.waiting.append(work)
      guard state.idle < state.waiting.count, state.threads < width else { return false }
      state.threads += 1
      return true
    }
    if wantsThread { startThread() }
    ready.signal()
  }

  func close() {
    let threads = state.withLock { state in
      state.isClosed = true
      return state.threads
    }
    for _ in 0..<threads { ready.signal() }
  }

  private func startThread() {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(self)
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Queue>.fromOpaque(argument).takeRetainedValue().work()
        return nil
      }, box.toOpaque())
    guard status != 0 else {
      pthread_detach(thread)
      return
    }
    box.release()
    let left = state.withLock { state in
      state.threads -= 1
      return state.threads
    }
    // Short of memory or threads, the others do the work; without any it would wait for ever.
    precondition(left > 0, "a thread of the pool \(name) could not be started: error \(status)")
  }

  private func work() {
    while true {
      state.withLock { $0.idle += 1 }
      ready.wait()
      let next: (@Sendable () -> Void)? = state.withLock { state in
        state.idle -= 1
        return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
      }
      if let next {
        next()
      } else if state.withLock({ $0.isClosed }) {
        return
      }
    }
  }
}

/// A POSIX semaphore at a stable address.
private final class Semaphore: @unchecked Sendable {
  // The pointer is set once and sem_post and sem_wait are thread-safe by POSIX.
  private let pointer = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() {
    sem_init(pointer, 0, 0)
  }

  deinit {
    sem_destroy(pointer)
    pointer.deallocate()
  }

  func signal() { sem_post(pointer) }

  func wait() {
    while sem_wait(pointer) != 0 {}
  }
}
