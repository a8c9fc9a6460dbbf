import Core
import Glibc
import Synchronization

/// One worker process, used by one thread at a time.
final class Worker: Sendable {
  private struct State {
    var incoming: [UInt8] = []
    var errors: [UInt8] = []
    var lastID = 0
    var isUsable = true
    /// The kinds of work that it does, with their versions, and those that were found to be ours.
    var works: [String: String] = [:]
    var known: Set<String> = []
  }

  private let program: String
  private let child: ChildProcess
  private let channel: Channel
  private let errors: Channel
  // Woken by a cancellation, from another thread: both ends of a pair of our own.
  private let bell: Channel
  private let doorway: Channel
  private let state = Mutex(State())

  /// How long a worker may take to stop what it does before it is killed.
  private static let grace = Duration.milliseconds(80)
  /// How long a worker that closed its channel may take to end by itself, so that its own exit code is
  /// seen rather than our signal.
  private static let farewell = Duration.seconds(1)
  /// How long a worker may take to start, on a machine under load.
  private static let startLimit = Duration.seconds(10)

  /// Starts a worker, which takes work when it has been greeted, and until then loads what media of `kind` need.
  init(program: String, expecting kind: MediaKind? = nil) throws {
    self.program = program
    (bell, doorway) = try Channel.pair()
    (child, channel, errors) = try Worker.spawn(program, kind.map { [$0.rawValue] } ?? [])
  }

  /// The far ends go with this function: were one still open here, the worker's end would not show.
  private static func spawn(
    _ program: String, _ arguments: [String]
  ) throws -> (ChildProcess, Channel, Channel) {
    let (channel, far) = try Channel.pair()
    let (errors, farErrors) = try Channel.pair()
    let child = try ChildProcess(program, arguments, channel: far, errors: farErrors)
    return (child, channel, errors)
  }

  /// The process's number.
  var pid: pid_t { child.pid }

  /// Whether it can take another request.
  var isUsable: Bool {
    guard state.withLock({ $0.isUsable }) else { return false }
    // A worker that waits has nothing to say: whatever can be read is its end.
    return !Channel.wait(for: [channel], timeout: .zero)[0]
  }

  /// Ends the process.
  @discardableResult func end() -> ChildProcess.Ending {
    state.withLock { $0.isUsable = false }
    return child.end()
  }

  /// Has the work done, and `report` told how far it is. Work that moves on may take longer than
  /// `timeLimit`; work that does not is ended. Any error but the worker's own answer leaves the worker
  /// ended.
  func perform<Work: MediaWork>(
    _ work: Work, timeLimit: TimeSpan, cancellation: Cancellation,
    report: (@Sendable (Double) -> Void)? = nil
  ) throws -> Work.Answer {
    try check(Work.self)
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    _ = doorway.drain()
    return try cancellation.withHandler({ _ = self.bell.send([0]) }) {
      guard channel.send(try WireFrame.bytes(PoolMessage.perform(id: id, SentWork(work))))
      else { throw crash(work) }
      var answer: WorkerMessage<Work.Answer>? = try reply(until: .now + timeLimit.duration)
      while case .progress(_, let share) = answer {
        report?(share)
        answer = try reply(until: .now + timeLimit.duration)
      }
      switch answer {
      case .answer(_, let answer): return answer
      case .failure(_, let error): throw error
      case .cancelled: throw CancellationError()
      case .some(let other): throw confusion(other)
      case .none: break
      }
      if state.withLock({ !$0.isUsable }) { throw crash(work) }
      stop(id, work)
      guard cancellation.isCancelled else { throw late(work, timeLimit) }
      throw CancellationError()
    }
  }

  /// Asks the worker to stop, and kills it when it does not.
  private func stop<Work: MediaWork>(_ id: Int, _ work: Work) {
    func next() -> WorkerMessage<Work.Answer>? {
      try? reply(until: .now + Worker.grace, listening: false)
    }
    if let frame = try? WireFrame.bytes(PoolMessage.cancel(id: id)), channel.send(frame),
      var reply = next()
    {
      while case .progress = reply, let later = next() { reply = later }
      // Whatever else it answers at the last moment, it is free again.
      if case .progress = reply {} else { return }
    }
    end()
    for output in work.outputs { PartialFile.discard(for: output, process: pid) }
  }

  /// The next message; nil when the time is over, the bell rang or the worker ended, in which
  /// case it is marked as not usable.
  private func reply<Answer: Codable & Sendable>(
    until deadline: ContinuousClock.Instant, listening: Bool = true
  ) throws -> WorkerMessage<Answer>? {
    while true {
      if let message: WorkerMessage<Answer> = try take() { return message }
      let rest = deadline - .now
      guard rest > .zero else { return nil }
      let channels = listening ? [channel, errors, doorway] : [channel, errors]
      let ready = Channel.wait(for: channels, timeout: rest)
      if ready[1] { keepErrors() }
      if ready[0] {
        let bytes = channel.receive()
        guard !bytes.isEmpty else {
          state.withLock { $0.isUsable = false }
          return nil
        }
        state.withLock { $0.incoming += bytes }
      } else if listening, ready[2] {
        return nil
      } else if ready[1], !ready[0], hasEnded() {
        // A closed error channel is always ready: do not spin on it.
        state.withLock { $0.isUsable = false }
        return nil
      }
    }
  }

  private func take<Answer: Codable & Sendable>() throws -> WorkerMessage<Answer>? {
    do {
      return try state.withLock { try WireFrame.take(from: &$0.incoming) }
    } catch {
      end()
      throw SwaplineError(
        .internal, "A media worker gave an invalid answer: \(error).",
        hint: "Install swapline and \(WorkerProgram.name) from the same build.")
    }
  }

  private func keepErrors() {
    let bytes = errors.drain()
    state.withLock { state in
      state.errors += bytes
      if state.errors.count > 4096 { state.errors.removeFirst(state.errors.count - 4096) }
    }
  }

  /// Whether the error channel is closed at the other end, which only a process's end does.
  private func hasEnded() -> Bool {
    var byte: UInt8 = 0
    return recv(errors.descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 0
  }

  /// Waits for the worker's first word, and tells it its limits.
  func greet(_ limits: WorkerLimits) throws {
    let message: WorkerMessage<Media>? = try reply(until: .now + Worker.startLimit)
    guard case .ready(let works) = message else {
      let isSilent = state.withLock(\.isUsable)
      let ending = isSilent ? end() : child.end(after: Self.farewell)
      guard !isSilent || message != nil else {
        throw SwaplineError(
          .timeout,
          "The media worker \(program) said nothing for "
            + "\(Worker.startLimit.components.seconds) seconds after its start.",
          hint: "Run `\(program) --capabilities` to see whether it is \(WorkerProgram.name).")
      }
      keepErrors()
      throw SwaplineError(
        .internal, "The media worker \(program) did not start: it ended \(ending).\(lastWords)",
        hint: "Run `\(program) --capabilities` to see why.")
    }
    state.withLock { $0.works = works }
    _ = channel.send(try WireFrame.bytes(PoolMessage.limit(limits)))
  }

  /// Ends a worker of another build, whose answers would not be understood.
  private func check<Work: MediaWork>(_ kind: Work.Type) throws {
    guard state.withLock({ !$0.known.contains(kind.name) }) else { return }
    let version = try kind.version
    let found = state.withLock { $0.works[kind.name] }
    guard found == version else {
      end()
      throw SwaplineError(
        .internal,
        "The media worker \(program) does the work '\(kind.name)' in version \(found ?? "none"), and "
          + "version \(version) is required.",
        hint: "Install swapline and \(WorkerProgram.name) from the same build.")
    }
    state.withLock { _ = $0.known.insert(kind.name) }
  }
}

// What is told when a worker fails.
extension Worker {
  private func crash(_ work: any MediaWork) -> SwaplineError {
    state.withLock { $0.isUsable = false }
    let ending = child.end(after: Self.farewell)
    keepErrors()
    for output in work.outputs { PartialFile.discard(for: output, process: pid) }
    // Swift's own allocations end the process when memory is refused, and say so.
    if lastWords.contains("failed to allocate") {
      return SwaplineError(
        .limit, "\(work.subject) needs more memory than media work may use.",
        hint: "Use a smaller one.")
    }
    return SwaplineError(
      .workerCrashed,
      "The media worker ended \(ending) while it worked on \(work.subject); other items go on."
        + lastWords,
      hint: ending.blamesFile
        ? "The file may be corrupt or malicious: export it again with another program."
        : "Install swapline and \(WorkerProgram.name) from the same build; if they are, report this "
          + "with the file.")
  }

  private func late(_ work: any MediaWork, _ limit: TimeSpan) -> SwaplineError {
    SwaplineError(
      .timeout, "Media work on \(work.subject) took longer than the \(limit) allowed.",
      hint: "Use a smaller file, or raise the time limit.")
  }

  private func confusion(_ message: Any) -> SwaplineError {
    end()
    return SwaplineError(
      .internal, "A media worker said \(message) where an answer was expected.",
      hint: "Install swapline and \(WorkerProgram.name) from the same build.")
  }

  /// The last lines of the worker's standard error, as a sentence.
  private var lastWords: String {
    let text = state.withLock { String(decoding: $0.errors, as: UTF8.self) }
    let lines = text.split(whereSeparator: \.isNewline).suffix(3)
    return lines.isEmpty ? "" : " Its last words: \(lines.joined(separator: " / "))."
  }
}

extension ChildProcess.Ending {
  /// Whether the file that was worked on is the likely cause: a decoder crashed. A worker that exits
  /// decided to.
  fileprivate var blamesFile: Bool {
    if case .signal = self { true } else { false }
  }
}

extension MediaWork {
  /// The file's name for messages.
  fileprivate var subject: String {
    file.split(separator: "/").last.map(String.init) ?? "a question about itself"
  }
}
