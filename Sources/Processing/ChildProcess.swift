import Core
import Glibc
import Synchronization

/// A started program, ended and reaped exactly once.
final class ChildProcess: Sendable {
  /// How a process ended.
  enum Ending: Sendable, Equatable {
    case exit(Int32)
    case signal(Int32)
    /// This program killed it.
    case stopped
  }

  /// The process's number.
  let pid: pid_t
  private let ending = Mutex<Ending?>(nil)

  /// Starts `program` with both its input and its output on `channel`, and its errors on `errors`.
  ///
  /// It gets a process group of its own, so that Ctrl-C in a terminal reaches only the program in
  /// front, which then decides what happens to its workers.
  init(
    _ program: String, _ arguments: [String] = [], channel: Channel, errors: Channel
  ) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, channel.descriptor, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, channel.descriptor, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors.descriptor, STDERR_FILENO)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var arguments = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var environment: [UnsafeMutablePointer<CChar>?] =
      WorkerEnvironment.entries(of: WorkerEnvironment.own).map { strdup($0) } + [nil]
    defer { for entry in environment { free(entry) } }
    var pid: pid_t = 0
    let status = posix_spawn(&pid, program, &actions, &attributes, &arguments, &environment)
    guard status == 0 else {
      let reason = String(cString: strerror(status))
      throw SwaplineError(
        .internal, "The media worker \(program) could not be started: \(reason).",
        hint: "Check that it is a program for this machine.")
    }
    self.pid = pid
  }

  deinit {
    end()
  }

  /// Waits up to `grace` for the process to end by itself, kills it where it still runs, and says how
  /// it ended.
  @discardableResult func end(after grace: Duration = .zero) -> Ending {
    ending.withLock { ending in
      if let ending { return ending }
      let result = reaped(within: grace) ?? killed()
      ending = result
      return result
    }
  }

  private func reaped(within grace: Duration) -> Ending? {
    let deadline = ContinuousClock.now + grace
    while true {
      var status: Int32 = 0
      if waitpid(pid, &status, WNOHANG) == pid { return Ending(status: status) }
      guard ContinuousClock.now < deadline else { return nil }
      usleep(2_000)
    }
  }

  private func killed() -> Ending {
    // The number cannot belong to another process yet: only the wait below sets it free.
    kill(pid, SIGKILL)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let ending = Ending(status: status)
    return ending == .signal(SIGKILL) ? .stopped : ending
  }
}

extension ChildProcess.Ending {
  /// From the status word of wait(2), whose macros Swift does not import.
  fileprivate init(status: Int32) {
    let signal = status & 0x7F
    self = signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
  }
}

extension ChildProcess.Ending: CustomStringConvertible {
  var description: String {
    switch self {
    case .exit(let code): "with exit code \(code)"
    case .signal(SIGKILL): "by signal 9 (Killed, as happens when memory runs out)"
    case .stopped: "because Swapline stopped it"
    case .signal(let number): "by signal \(number) (\(String(cString: strsignal(number))))"
    }
  }
}
