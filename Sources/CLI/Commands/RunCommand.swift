import Core
import Files
import Pipelines
import Processing
import Runs
import Swapline
import Synchronization

/// `swapline run`: a pipeline over items.
enum RunCommand: Subcommand {
  static let facts = CommandFacts(
    "run", "Run a pipeline over one item or many; running it again continues where it stopped.",
    operands: "PIPELINE", minimumOperands: 1, maximumOperands: 1,
    options: ItemArguments.options + [
      .value(
        "out", "o", of: "DIR|URL",
        "Where the files go: a folder, s3://bucket/prefix or a WebDAV folder (default: swapline-out)."
      ),
      PipelineLoader.setOption,
      .value(
        "concurrency", of: "N", formerly: "in-hand",
        "Number of items processed concurrently (default: from cores and provider limits)."),
      .value("workers", of: "N", "Number of media worker processes (default: one per core)."),
      .value("public-url", of: "URL", "Address at which providers reach the embedded host."),
      .value("host-port", of: "N", "Port of the embedded host, as the target of a tunnel."),
      .value(
        "max-cost", of: "CREDITS",
        "Most credits that all runs in this folder may spend together; exit code 5 when reached."
      ),
      .value(
        "ledger", of: "FILE|URL",
        "Ledger shared by several runs, a file or postgres://user@host/database: each swap is bought once, and "
          + "daily and monthly budgets hold across them."),
      .value(
        "results", of: "DIR|URL",
        "Place for bought results that all machines see, a folder or s3://bucket/prefix: with a shared ledger, each "
          + "run takes from there what another has bought."),
    ] + ShardArguments.options + [
      .flag(
        "over-http", nil,
        "Serve local inputs over HTTP and fetch them like remote ones, to exercise the full path."),
      .value(
        "metrics-port", of: "N",
        "Serve the run's metrics for Prometheus at /metrics on this port of 127.0.0.1 (0 picks a free one)."
      ),
      .flag(
        "retry-ambiguous", nil,
        "Submit again what may already have been charged; check the provider's task list first."),
      .flag("json", nil, "Print events as JSON, one per line, instead of file paths."),
      .flag("quiet", "q", "Print errors only."),
    ],
    examples: [
      "swapline run pipelines/quickstart.yaml --scene scene.jpg --face face.jpg --out out",
      "swapline run pipelines/quickstart.yaml --items items.csv --out out --json",
    ])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let control = RunControl()
    var workers = WorkerPool.Configuration()
    workers.workers = try arguments.int("workers", in: 1...256) ?? workers.workers
    var options = RunOptions(media: .workers(workers))
    options.concurrency = try arguments.int("concurrency", in: 1...10_000)
    options.control = control
    options.retriesAmbiguous = arguments.has("retry-ambiguous")
    options.fetchesLocalFilesOverHTTP = arguments.has("over-http")
    options.publicURL = arguments.last("public-url")
    options.ledger = arguments.last("ledger")
    options.results = arguments.last("results")
    options.metricsPort = try arguments.int("metrics-port", in: 0...65_535)
    if !arguments.has("quiet") {
      options.onMetricsPort = { terminal.message("metrics at http://127.0.0.1:\($0)/metrics\n") }
    }
    options.firstKind = arguments.last("scene").flatMap(MediaKind.init(named:))
    options.hostPort = try arguments.int("host-port", in: 0...65_535) ?? 0
    if let text = arguments.last("max-cost") {
      guard let cost = Double(text), cost >= 0, cost.isFinite else {
        throw SwaplineError(
          .usage, "--max-cost is '\(text)', and must be a number of credits.",
          hint: "Write for example --max-cost 100.")
      }
      options.budget.run = cost
    }
    let named = try ShardArguments(arguments)
    (options.name, options.shard) = (named.run, named.shard)
    guard let pipeline = try PipelineLoader.load(arguments.operands[0], arguments, terminal) else {
      return .invalidPipeline
    }
    let budget = pipeline.budget.replacing(with: options.budget)
    try named.check(budget, ledger: options.ledger)
    let said = Notes()
    let out = arguments.last("out") ?? "swapline-out"
    let place = OutputPlace(out, shard: named.shard)
    let source = try await ItemArguments.source(
      arguments, pipeline, shard: named.shard, lists: place.folder + "/.swapline/lists"
    ) { said.add($0) }
    let findings = Preflight.findings(pipeline, options: options)
    guard findings.isEmpty else {
      PipelineLoader.show(findings, of: "", terminal)
      return .usage
    }
    let printer = RunPrinter(
      terminal, style: RunPrinter.Style(arguments), items: source.count, place: place,
      stages: pipeline.stages.map(\.name), budget: budget)
    said.flow { printer.say($0) }
    let folder = OutputPlace(out).remote ?? OutputPlace(out).folder
    let reading = ItemReading(source)
    guard let shard = named.shard, let name = named.run else {
      guard let ended = try await perform(pipeline, reading, folder, options, printer) else {
        return .interrupted
      }
      return try end(ended, options.control, printer)
    }
    let work = ShardWork(
      shard: shard, run: name, folder: place.folder,
      asked: try source.identity().map { try pipeline.asked(of: shard, in: name, items: $0) },
      printer: printer)
    if let end = work.end(again: options.retriesAmbiguous) { return end }
    return try await work.perform(control, reading) { [options] lock in
      var options = options
      options.lock = lock
      return try await perform(pipeline, reading, folder, options, printer)
    }
  }

  /// What a run came to, and whether it was cut off.
  struct Ended {
    let summary: RunSummary
    let isCancelled: Bool
  }

  /// Runs the items; nil when the run was stopped at once.
  private static func perform(
    _ pipeline: Pipeline, _ reading: ItemReading, _ folder: String, _ options: RunOptions,
    _ printer: RunPrinter
  ) async throws -> Ended? {
    let work = Task { try await reading.run(pipeline, into: folder, options: options, printer) }
    let ticker = Task {
      while !Task.isCancelled {
        try? await Task.sleep(for: .milliseconds(500))
        if Task.isCancelled { return }
        printer.tick(fraction: reading.fraction)
      }
    }
    defer { ticker.cancel() }
    StopSignals.shared.handle { number in
      if number == 1 {
        options.control.drain()
      } else {
        printer.say("stopping at once")
        work.cancel()
      }
    }
    let summary: RunSummary
    do {
      summary = try await work.value
    } catch is CancellationError {
      ticker.cancel()
      printer.leave()
      return nil
    }
    ticker.cancel()
    let tally = summary.tally
    let isEmpty = tally.done + tally.failed + tally.stopped == 0 && options.shard == nil
    guard !isEmpty || options.control.isDraining else {
      throw SwaplineError(
        .usage, "The list of items is empty.",
        hint: "Write one item on each row below the header.")
    }
    let isStopped = options.control.isDraining || tally.stopped > 0 || work.isCancelled
    printer.finish(
      tally, hosting: summary.hosting, seconds: summary.seconds, isStopped: isStopped)
    // An item may have said already that the disk is the trouble.
    if !tally.failures.contains(where: { $0.code == .storage }) {
      for problem in summary.problems { printer.explain(problem) }
    }
    return Ended(summary: summary, isCancelled: work.isCancelled)
  }

  private static func end(
    _ ended: Ended, _ control: RunControl, _ printer: RunPrinter
  ) throws -> ExitCode {
    let (summary, tally) = (ended.summary, ended.summary.tally)
    if let reason = control.reason {
      printer.explain(reason)
      return ExitCode(reason)
    }
    let isStopped = control.isDraining || tally.stopped > 0 || ended.isCancelled
    let end = ExitCode(tally, isStopped: isStopped)
    // Whoever reads run.json afterwards would read of another run.
    return end == .good && !summary.isRecorded ? .failed : end
  }
}

/// What is said of the items before there is a printer is kept until there is one.
private final class Notes: Sendable {
  private struct State {
    var waiting: [String] = []
    var say: (@Sendable (String) -> Void)?
  }

  private let state = Mutex(State())

  func add(_ text: String) {
    let say = state.withLock { state in
      if state.say == nil { state.waiting.append(text) }
      return state.say
    }
    say?(text)
  }

  func flow(_ say: @escaping @Sendable (String) -> Void) {
    let waiting = state.withLock { state in
      state.say = say
      return state.waiting
    }
    for text in waiting { say(text) }
  }
}
