import Core
import Glibc

/// A shell command of the user's, run with some text on its standard input.
struct ShellProgram: Sendable {
  /// How a program ended, and what it printed.
  struct Ending: Sendable {
    /// The exit code, or 128 and the signal that ended it, as shells count.
    var code: Int32
    var output: [UInt8]
    /// The end of what it printed for people.
    var messages: String
  }

  /// Why there is no ending.
  enum Failure: Error {
    case notStarted(String)
    case tooLong
    case tooMuch
  }

  /// The command, for `/bin/sh -c`.
  let line: String
  let environment: [String: String]
  let timeout: TimeSpan

  /// The most bytes of output that are taken.
  static let maximumOutput = 1 << 20

  private static let threads = ThreadPool(name: "programs", width: 16)

  /// Runs the program to its end. Throws `Failure`, or `CancellationError` when the calling task was
  /// cancelled; a program that is still running then is ended, with all that it started.
  func run(input: [UInt8]) async throws -> Ending {
    try await Self.threads.run { try follow(try start(input), $0) }
  }

  private struct Running {
    var pid: pid_t
    var output: Int32
    var messages: Int32
  }

  private func start(_ input: [UInt8]) throws -> Running {
    // A file: a program that does not read its input can then neither block nor break us.
    guard let file = tmpfile() else { throw Failure.notStarted(Self.reason) }
    defer { fclose(file) }
    _ = fcntl(fileno(file), F_SETFD, FD_CLOEXEC)
    guard fwrite(input, 1, input.count, file) == input.count, fflush(file) == 0 else {
      throw Failure.notStarted(Self.reason)
    }
    rewind(file)
    let source = fileno(file)
    lseek(source, 0, SEEK_SET)
    let output = try Self.pipe()
    defer { close(output[1]) }
    let messages: [Int32]
    do {
      messages = try Self.pipe()
    } catch {
      close(output[0])
      throw error
    }
    defer { close(messages[1]) }
    do {
      let pid = try spawn([source, output[1], messages[1]])
      return Running(pid: pid, output: output[0], messages: messages[0])
    } catch {
      close(output[0])
      close(messages[0])
      throw error
    }
  }

  /// A pipe whose reading end never blocks.
  private static func pipe() throws -> [Int32] {
    var ends = [Int32](repeating: -1, count: 2)
    guard Glibc.pipe(&ends) == 0 else { throw Failure.notStarted(reason) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    return ends
  }

  private static var reason: String { String(cString: strerror(errno)) }

  private func spawn(_ descriptors: [Int32]) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, descriptor) in descriptors.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    // A group of its own: Ctrl-C reaches this program only, which then decides; and what the command
    // has started ends with it.
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var arguments: [UnsafeMutablePointer<CChar>?] =
      (["/bin/sh", "-c", line] as [String]).map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] =
      environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var pid: pid_t = 0
    let status = posix_spawn(&pid, "/bin/sh", &actions, &attributes, &arguments, &variables)
    guard status == 0 else { throw Failure.notStarted(String(cString: strerror(status))) }
    return pid
  }

  private func follow(_ running: Running, _ cancellation: Cancellation) throws -> Ending {
    defer {
      close(running.output)
      close(running.messages)
    }
    let deadline = ContinuousClock.now + timeout.duration
    var (output, messages): ([UInt8], [UInt8]) = ([], [])
    func drain() {
      output += Self.available(running.output)
      messages = (messages + Self.available(running.messages)).suffix(4_096)
    }
    while true {
      var waited = [
        pollfd(fd: running.output, events: Int16(POLLIN), revents: 0),
        pollfd(fd: running.messages, events: Int16(POLLIN), revents: 0),
      ]
      poll(&waited, 2, 20)
      drain()
      var status: Int32 = 0
      if waitpid(running.pid, &status, WNOHANG) == running.pid {
        drain()
        guard output.count <= Self.maximumOutput else { throw Failure.tooMuch }
        let signal = status & 0x7F
        return Ending(
          code: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: output,
          messages: String(decoding: messages, as: UTF8.self))
      }
      let isLate = ContinuousClock.now >= deadline
      if isLate || output.count > Self.maximumOutput || cancellation.isCancelled {
        end(running.pid)
        try cancellation.check()
        throw isLate ? Failure.tooLong : Failure.tooMuch
      }
      // Whoever has closed both still wants waiting for.
      if waited.allSatisfy({ $0.revents & Int16(POLLHUP) != 0 }) { usleep(5_000) }
    }
  }

  /// What can be read now, at most a megabyte.
  private static func available(_ descriptor: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while all.count <= maximumOutput {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      all += buffer[..<count]
    }
    return all
  }

  private func end(_ pid: pid_t) {
    kill(-pid, SIGTERM)
    let deadline = ContinuousClock.now + .seconds(1)
    var status: Int32 = 0
    while ContinuousClock.now < deadline {
      if waitpid(pid, &status, WNOHANG) == pid {
        // What it started and has not ended with it.
        kill(-pid, SIGKILL)
        return
      }
      usleep(5_000)
    }
    kill(-pid, SIGKILL)
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
  }
}
