import CVips
import Glibc
import Synchronization

/// Calls into libvips, which keeps one error text for all threads of the process.
///
/// The text after a call that failed is that call's alone as long as no other thread was in a call
/// since it was emptied. Where one was, the work is done once more with every other call held back.
enum LibraryCall {
  private struct State {
    /// Who emptied the text last.
    var owner: pthread_t = 0
    /// Whether another thread may have written into it since.
    var isShared = false
    /// Who is in a call.
    var inside: [pthread_t: Int] = [:]
  }

  private static let state = Mutex(State())
  private static let gate = Gate()

  /// Runs one call into libvips that may fail.
  static func run<Result>(_ body: () -> Result) -> Result {
    gate.enter()
    let thread = pthread_self()
    state.withLock { state in
      if state.owner != thread { state.isShared = true }
      state.inside[thread, default: 0] += 1
    }
    defer {
      state.withLock { state in
        let depth = state.inside[thread, default: 1] - 1
        state.inside[thread] = depth > 0 ? depth : nil
      }
      gate.leave()
    }
    return body()
  }

  /// Runs `body` while no other thread is in a call. `body` must not use `run`.
  static func alone<Result>(_ body: () -> Result) -> Result {
    gate.enterAlone()
    defer { gate.leave() }
    // Whoever has not taken its words yet would take this thread's.
    state.withLock { state in
      state.owner = pthread_self()
      state.isShared = true
    }
    return body()
  }

  /// Empties the text: some loaders write even when they succeed. Not while a thread works alone,
  /// whose words would go.
  static func emptyText() {
    gate.enter()
    defer { gate.leave() }
    let thread = pthread_self()
    state.withLock { state in
      vips_error_clear()
      state.owner = thread
      state.isShared = state.inside.contains { $0.key != thread }
    }
  }

  /// Takes the text, and says whether all of it is the calling thread's; another's stays where it is,
  /// since taking it empties it.
  static func takeText() -> (text: String, isOwn: Bool) {
    let thread = pthread_self()
    return state.withLock { state in
      guard state.owner == thread, !state.isShared else { return ("", false) }
      return (copiedText(), true)
    }
  }

  /// The text as it stands, which is empty then.
  static func copiedText() -> String {
    guard let buffer = vips_error_buffer_copy() else { return "" }
    defer { g_free(buffer) }
    return String(cString: buffer)
  }
}

/// Lets in many threads, or one alone, which does not wait for those that come after it.
private final class Gate: @unchecked Sendable {
  // The pointer is set once, and what is behind it is made for use by several threads.
  private let lock = UnsafeMutablePointer<pthread_rwlock_t>.allocate(capacity: 1)

  init() {
    var attributes = pthread_rwlockattr_t()
    pthread_rwlockattr_init(&attributes)
    pthread_rwlockattr_setkind_np(
      &attributes, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
    pthread_rwlock_init(lock, &attributes)
    pthread_rwlockattr_destroy(&attributes)
  }

  func enter() { pthread_rwlock_rdlock(lock) }
  func enterAlone() { pthread_rwlock_wrlock(lock) }
  func leave() { pthread_rwlock_unlock(lock) }
}
