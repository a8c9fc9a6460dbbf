import Core
import Glibc
import Synchronization

/// Media work in processes of their own: a decoder that crashes, hangs or eats memory costs its
/// request and nothing else.
///
/// Workers start when first needed and are used again. At most `Configuration.workers` requests run
/// at once; others wait in order. A cancelled task's worker stops at once, or is killed.
public final class WorkerPool: MediaService {
  /// How many workers there are and what they may use.
  public struct Configuration: Sendable {
    /// The worker program; nil finds `swapline-media` through the variable `SWAPLINE_MEDIA`, beside
    /// the running program, or in `PATH`.
    public var program: String?
    /// The most workers at once.
    public var workers: Int
    /// How long one request may take.
    public var timeLimit: TimeSpan
    /// The address space of one worker; nil for no limit.
    public var memory: ByteSize?
    /// The most files that one worker may have open.
    public var openFiles: Int

    /// The defaults: a worker for each core, and room for a picture of 120 million pixels.
    public init(
      program: String? = nil, workers: Int = WorkerPool.cores, timeLimit: TimeSpan = .minutes(2),
      memory: ByteSize? = .gigabytes(4), openFiles: Int = 256
    ) {
      self.program = program
      self.workers = max(1, workers)
      self.timeLimit = timeLimit
      self.memory = memory
      self.openFiles = openFiles
    }

    /// The same with room for pictures of `pixels`, width times height: each worker may use more
    /// memory, and there are no more workers than memory for each. Throws `SwaplineError` when this
    /// machine has not enough for one.
    public func making(roomFor pixels: Int) throws(SwaplineError) -> Configuration {
      guard let usual = memory, pixels > Self.roomyPixels else { return self }
      // Four samples of 16 bits, twice: what is decoded and what is made of it.
      let needed = usual.bytes + Int64(pixels - Self.roomyPixels) * 16
      let installed = Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE)))
      guard needed <= installed else {
        throw SwaplineError(
          .limit,
          "Pictures of \(pixels) pixels may need \(ByteSize(bytes: needed).rounded) of memory, and this "
            + "machine has \(ByteSize(bytes: installed).rounded).",
          hint: "Lower 'maximum_pixels' of 'validate', or use a larger machine.")
      }
      var copy = self
      copy.memory = ByteSize(bytes: needed)
      copy.workers = max(1, min(workers, Int(installed / needed)))
      return copy
    }

    /// For so many pixels the usual memory is enough.
    private static let roomyPixels = 120_000_000
  }

  /// What happens to workers.
  public enum Event: Sendable, Hashable {
    /// A worker was started, which took so many milliseconds.
    case started(pid: Int32, milliseconds: Int)
    /// A worker ended by itself: `how` says by which signal or exit code; `file` is what it worked
    /// on, nil when it was idle.
    case ended(pid: Int32, how: String, file: String?)
  }

  /// The cores that this process may use.
  public static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  private struct State {
    var idle: [Worker] = []
    /// Started before there was work for it, and not greeted yet.
    var early: Worker?
    var busy: [Worker] = []
    var isShutDown = false
  }

  private let configuration: Configuration
  private let onEvent: @Sendable (Event) -> Void
  private let semaphore: AsyncSemaphore
  private let threads: ThreadPool
  private let state = Mutex(State())

  /// A pool without workers yet; `onEvent` is told what happens to them, on any thread.
  public init(
    _ configuration: Configuration = Configuration(),
    onEvent: @escaping @Sendable (Event) -> Void = { _ in }
  ) {
    self.configuration = configuration
    self.onEvent = onEvent
    semaphore = AsyncSemaphore(configuration.workers)
    threads = ThreadPool(name: "media workers", width: configuration.workers)
  }

  deinit {
    shutdown()
  }

  /// The numbers of the living worker processes.
  public var pids: [Int32] {
    state.withLock { ($0.idle + $0.busy + ($0.early.map { [$0] } ?? [])).map(\.pid) }
  }

  /// Starts a worker now, for work that is sure to come, most likely on media of `kind`: it loads the libraries for
  /// those meanwhile. Returns at once; what keeps it from starting is told to the first request.
  public func prepare(for kind: MediaKind? = nil) {
    guard let program = try? WorkerProgram.find(configuration.program) else { return }
    state.withLock { state in
      guard !state.isShutDown, state.early == nil, state.idle.isEmpty, state.busy.isEmpty else {
        return
      }
      state.early = try? Worker(program: program, expecting: kind)
    }
  }

  public func perform<Work: MediaWork>(_ work: Work) async throws -> Work.Answer {
    let listener = MediaProgress.listener
    return try await semaphore.withPermit {
      try await threads.run { [self] cancellation in
        let worker = try take()
        defer { give(back: worker) }
        do {
          return try worker.perform(
            work, timeLimit: configuration.timeLimit, cancellation: cancellation,
            report: listener?.report)
        } catch let error as SwaplineError {
          if error.code == .workerCrashed {
            onEvent(.ended(pid: worker.pid, how: "\(worker.end())", file: work.file))
          }
          throw error
        }
      }
    }
  }

  /// Ends the idle workers now and each busy one with its work; later requests are refused.
  public func shutdown() {
    let idle = state.withLock { state in
      state.isShutDown = true
      defer { (state.idle, state.early) = ([], nil) }
      return state.idle + (state.early.map { [$0] } ?? [])
    }
    for worker in idle { worker.end() }
  }

  private func take() throws -> Worker {
    while let worker = try nextIdle() {
      if worker.isUsable { return worker }
      onEvent(.ended(pid: worker.pid, how: "\(worker.end())", file: nil))
      state.withLock { state in state.busy.removeAll { $0 === worker } }
    }
    let clock = ContinuousClock()
    let start = clock.now
    let program = try WorkerProgram.find(configuration.program)
    let limits = WorkerLimits(
      memory: configuration.memory?.bytes, openFiles: configuration.openFiles)
    let worker = try self.start(program, limits)
    onEvent(.started(pid: worker.pid, milliseconds: Int((clock.now - start) / .milliseconds(1))))
    state.withLock { $0.busy.append(worker) }
    return worker
  }

  private func start(_ program: String, _ limits: WorkerLimits) throws -> Worker {
    func greeted(_ worker: Worker) throws -> Worker {
      try worker.greet(limits)
      return worker
    }
    let early = state.withLock { state in
      defer { state.early = nil }
      return state.early
    }
    do {
      return try greeted(early ?? Worker(program: program))
    } catch let error as SwaplineError where error.code != .timeout {
      // One that ends before its first word has not touched the request: another may take it.
      return try greeted(Worker(program: program))
    }
  }

  private func nextIdle() throws -> Worker? {
    try state.withLock { state in
      guard !state.isShutDown else {
        throw SwaplineError(
          .usage, "The media workers were shut down.", hint: "Make a new pool for more work.")
      }
      // The one used last has its caches warm.
      guard let worker = state.idle.popLast() else { return nil }
      state.busy.append(worker)
      return worker
    }
  }

  private func give(back worker: Worker) {
    let isUsable = worker.isUsable
    let ends = state.withLock { state in
      state.busy.removeAll { $0 === worker }
      guard isUsable, !state.isShutDown else { return true }
      state.idle.append(worker)
      return false
    }
    if ends { worker.end() }
  }
}
