import Core
import Pipelines
import Processing
import Swapline

/// `swapline run`: a pipeline over items.
enum RunCommand: Subcommand {
  static let facts = CommandFacts(
    "run", "Run a pipeline over one item or many; running again goes on where it stopped.",
    operands: "PIPELINE", minimumOperands: 1, maximumOperands: 1,
    options: ItemArguments.options + [
      .value("out", "o", of: "DIR", "Where the files go (default: swapline-out)."),
      PipelineLoader.setOption,
      .value("in-hand", of: "N", "How many items are in hand at once."),
      .value("workers", of: "N", "How many worker processes do media work (default: the cores)."),
      .value("public-url", of: "URL", "The address at which providers reach the embedded host."),
      .value("host-port", of: "N", "The port of the embedded host, for a tunnel to lead to."),
      .value(
        "max-cost", of: "CREDITS", "The most that this run may spend; the exit code is 5 then."),
      .flag(
        "over-http", nil,
        "Fetch local files over HTTP too, from this process: the whole way, tried at home."),
      .flag(
        "retry-ambiguous", nil,
        "Submit again what may have been charged already; look at the provider's tasks first."),
      .flag("json", nil, "Print events as JSON, one a line, instead of the files' places."),
      .flag("quiet", "q", "Say nothing but errors."),
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
    options.width = try arguments.int("in-hand", in: 1...10_000) ?? options.width
    options.control = control
    options.retriesAmbiguous = arguments.has("retry-ambiguous")
    options.fetchesLocalFilesOverHTTP = arguments.has("over-http")
    options.publicURL = arguments.last("public-url")
    options.hostPort = try arguments.int("host-port", in: 0...65_535) ?? 0
    if let text = arguments.last("max-cost") {
      guard let cost = Double(text), cost >= 0, cost.isFinite else {
        throw SwaplineError(
          .usage, "--max-cost is '\(text)', and must be a number of credits.",
          hint: "Write for example --max-cost 100.")
      }
      options.budget.run = cost
    }
    guard let pipeline = try PipelineLoader.load(arguments.operands[0], arguments, terminal) else {
      return .invalidPipeline
    }
    let items = try ItemArguments.items(arguments, needsFace: pipeline.needsFace)
    let findings = Preflight.findings(pipeline, options: options)
    guard findings.isEmpty else {
      PipelineLoader.show(findings, of: "", terminal)
      return .usage
    }
    let folder = FileSystem.absolute(arguments.last("out") ?? "swapline-out")
    let printer = RunPrinter(
      terminal, style: RunPrinter.Style(arguments), items: items.count, folder: folder,
      stages: pipeline.stages.map(\.name))
    return try await run(pipeline, items, folder, options, printer)
  }

  private static func run(
    _ pipeline: Pipeline, _ items: [Item], _ folder: String, _ options: RunOptions,
    _ printer: RunPrinter
  ) async throws -> ExitCode {
    let start = ContinuousClock.now
    let work = Task {
      var outcomes: [Runner.Outcome] = []
      try await pipeline.run(
        items, into: folder, options: options, observe: { printer.observe($0) },
        receive: { outcomes.append($0) })
      return outcomes
    }
    StopSignals.shared.handle { number in
      if number == 1 {
        printer.say("stopping: what is under way ends, nothing new begins; again to stop at once")
        options.control.drain()
      } else {
        printer.say("stopping at once")
        work.cancel()
      }
    }
    let outcomes: [Runner.Outcome]
    do {
      outcomes = try await work.value
    } catch is CancellationError {
      printer.finish([], seconds: 0, isStopped: true)
      return .interrupted
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let report = RunReport(Plan(pipeline), outcomes: outcomes, seconds: seconds)
    let isStopped = report.stopped > 0 || work.isCancelled
    printer.finish(outcomes, seconds: seconds, isStopped: isStopped)
    try RunFolder(folder).write(try JSONText.pretty(report), as: RunFolder.report)
    if let reason = options.control.reason {
      printer.explain(reason)
      return ExitCode(reason)
    }
    return ExitCode(errors: report.failures, done: report.done, isStopped: isStopped)
  }
}
