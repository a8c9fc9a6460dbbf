import Glibc
import Synchronization

/// Turns Ctrl-C and termination signals into requests: the first drains, the second stops, the
/// third ends the process. A command that does not listen is ended by the first.
final class StopSignals: Sendable {
  private struct State {
    var count = 0
    var handler: (@Sendable (_ number: Int) -> Void)?
  }

  /// The process's only listener.
  static let shared = StopSignals()

  private let state = Mutex(State())

  /// Begins to listen. Called before any other thread exists, since threads inherit that the
  /// signals are blocked; one thread takes them, so that nothing runs in a signal handler.
  func begin() {
    var signals = Self.signals
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    var thread = pthread_t()
    let box = Unmanaged.passUnretained(self)
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<StopSignals>.fromOpaque(argument).takeUnretainedValue().listen()
        return nil
      }, box.toOpaque())
    if status == 0 { pthread_detach(thread) }
  }

  /// Has `handler` told of each request, with its number from one.
  func handle(_ handler: @escaping @Sendable (_ number: Int) -> Void) {
    state.withLock { $0.handler = handler }
  }

  private func listen() {
    var signals = Self.signals
    while true {
      var signal: Int32 = 0
      guard sigwait(&signals, &signal) == 0 else { continue }
      let (number, handler) = state.withLock { state in
        state.count += 1
        return (state.count, state.handler)
      }
      guard let handler, number <= 2 else { _exit(ExitCode.interrupted.rawValue) }
      handler(number)
    }
  }

  private static var signals: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, signal) }
    return set
  }
}
