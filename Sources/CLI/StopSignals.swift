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

  /// Begins to listen.
  ///
  /// Blocking the signals and waiting for them would not do: libdispatch parks the main thread with
  /// every signal open. So a handler passes them on through a pipe, the one thing that it may do.
  func begin() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    stopPipe = ends[1]
    let input = ends[0]
    let box = Unmanaged.passRetained(Listening(signals: self, input: input))
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Listening>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    guard status == 0 else { return }
    pthread_detach(thread)
    for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, passOn) }
  }

  /// Has `handler` told of each request, with its number from one.
  func handle(_ handler: @escaping @Sendable (_ number: Int) -> Void) {
    state.withLock { $0.handler = handler }
  }

  fileprivate func request() {
    let (number, handler) = state.withLock { state in
      state.count += 1
      return (state.count, state.handler)
    }
    guard let handler, number <= 2 else { _exit(ExitCode.interrupted.rawValue) }
    handler(number)
  }
}

/// Reads the pipe on a thread of its own.
private final class Listening: Sendable {
  private let signals: StopSignals
  private let input: Int32

  init(signals: StopSignals, input: Int32) {
    self.signals = signals
    self.input = input
  }

  func run() {
    var byte: UInt8 = 0
    while true {
      let count = read(input, &byte, 1)
      if count == 1 { signals.request() } else if count == 0 || errno != EINTR { return }
    }
  }
}

// Set once, before the handler that reads it is installed.
nonisolated(unsafe) private var stopPipe: Int32 = -1

private func passOn(_ number: Int32) {
  let saved = errno
  var byte: UInt8 = 1
  _ = write(stopPipe, &byte, 1)
  errno = saved
}
