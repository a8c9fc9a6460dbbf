import Core
import FoundationEssentials
import Glibc
import Synchronization

/// The worker's side: takes requests from standard input, has a service do them, and answers on
/// standard output, until the pool is gone.
public struct WorkerLoop: Sendable {
  private let service: any MediaService
  private let kinds: [any MediaWork.Type]
  private let prepare: @Sendable (MediaKind) async -> Void

  /// A loop that has `service` do the work, which is of `kinds`; `prepare` gets ready for the kind of media that the
  /// pool expects to ask about first, where it says so in the program's argument.
  public init(
    _ service: any MediaService, kinds: [any MediaWork.Type],
    prepare: @escaping @Sendable (MediaKind) async -> Void = { _ in }
  ) {
    self.service = service
    self.kinds = kinds
    self.prepare = prepare
  }

  /// Whether a pool is at the other end of standard input.
  public static var isStartedByPool: Bool {
    var status = stat()
    return fstat(STDIN_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
  }

  /// Works until the pool closes its end, and then ends the process, whatever is still being done:
  /// a worker never outlives the program that it works for.
  public func run() throws -> Never {
    Self.crashPlainly()
    let channel = try Self.takeOverStandardStreams()
    if let kind = CommandLine.arguments.dropFirst().first.flatMap(MediaKind.init(rawValue:)) {
      Task.detached { [prepare] in await prepare(kind) }
    }
    let work = Work(service: service, channel: channel)
    let kinds = Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, $0) })
    work.send(WorkerMessage<Media>.ready(works: try kinds.mapValues { try $0.version }))
    var incoming: [UInt8] = []
    while true {
      let bytes = channel.receive()
      guard !bytes.isEmpty else { work.abandon() }
      incoming += bytes
      while let message: PoolMessage = try WireFrame.take(from: &incoming, kinds: kinds) {
        switch message {
        case .limit(let limits): limits.apply()
        case .perform(let id, let sent): work.start(id, sent.work)
        case .cancel(let id): work.cancel(id)
        }
      }
    }
  }

  /// Makes a crash the end of the process at once. Swift's own handlers, which the environment may
  /// have asked for, would first print a backtrace for a second, and survive a signal from outside.
  private static func crashPlainly() {
    for number in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGQUIT] {
      signal(number, SIG_DFL)
    }
  }

  /// Moves the channel away from standard input and output, where a library's chatter would get
  /// into the messages; what is printed goes to standard error from here on.
  private static func takeOverStandardStreams() throws -> Channel {
    // Files that the pool's program left open by mistake are none of the worker's business. Nothing may run beside
    // this yet, whose files it would close.
    for descriptor in (STDERR_FILENO + 1)..<1024 { close(descriptor) }
    let channel = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10)
    let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
    guard channel >= 0, nothing >= 0, dup2(nothing, STDIN_FILENO) >= 0,
      dup2(STDERR_FILENO, STDOUT_FILENO) >= 0
    else {
      throw SwaplineError(.internal, "The worker's streams could not be set up.")
    }
    close(nothing)
    return Channel(owning: channel)
  }
}

/// The requests that a worker is doing.
private final class Work: Sendable {
  private struct Running {
    let task: Task<Void, Never>
    let outputs: [String]
  }

  private let service: any MediaService
  private let channel: Channel
  private let running = Mutex<[Int: Running]>([:])
  private let sending = Mutex(())

  init(service: any MediaService, channel: Channel) {
    self.service = service
    self.channel = channel
  }

  func start(_ id: Int, _ work: some MediaWork) {
    running.withLock { running in
      // Under the lock, so that a quick answer cannot be forgotten before it is remembered.
      let task = Task.detached { [self] in
        let message = await result(of: work, id)
        forget(id)
        send(message)
      }
      running[id] = Running(task: task, outputs: work.outputs)
    }
  }

  private func forget(_ id: Int) {
    running.withLock { $0[id] = nil }
  }

  func cancel(_ id: Int) {
    running.withLock { $0[id]?.task.cancel() }
  }

  func send(_ message: WorkerMessage<some Codable & Sendable>) {
    guard let frame = try? WireFrame.bytes(message) else { abandon() }
    let isSent = sending.withLock { _ in channel.send(frame) }
    if !isSent { abandon() }
  }

  /// Clears away half-written files and ends the process without waiting for anything.
  func abandon() -> Never {
    for output in running.withLock({ running in running.values.flatMap(\.outputs) }) {
      PartialFile.discard(for: output, process: getpid())
    }
    _exit(0)
  }

  private func result<Kind: MediaWork>(
    of work: Kind, _ id: Int
  ) async -> WorkerMessage<Kind.Answer> {
    do {
      let listener = MediaProgress.Listener { [self] in
        send(WorkerMessage<Kind.Answer>.progress(id: id, $0))
      }
      let answer = try await MediaProgress.$listener.withValue(listener) {
        try await service.perform(work)
      }
      return .answer(id: id, answer)
    } catch is CancellationError {
      return .cancelled(id: id)
    } catch let error as SwaplineError {
      return .failure(id: id, error)
    } catch {
      return .failure(
        id: id, SwaplineError(.internal, "Media work failed unexpectedly: \(error)."))
    }
  }
}

extension WorkerLimits {
  /// Sets the limits for this process; they can be lowered later but not raised.
  fileprivate func apply() {
    func set(_ resource: __rlimit_resource, _ value: rlim_t) {
      var limit = rlimit(rlim_cur: value, rlim_max: value)
      setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    }
    // A core file of a crashed worker would hold other people's pictures.
    set(RLIMIT_CORE, 0)
    set(RLIMIT_NOFILE, rlim_t(openFiles))
    if let memory { set(RLIMIT_AS, rlim_t(memory)) }
  }
}
