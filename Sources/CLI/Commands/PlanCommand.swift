import Core
import Files
import Glibc
import Ledgers
import Pipelines
import Processing
import Providers
import Runs
import Swapline

/// `swapline plan`: what a run would do, without fetching, spending or writing.
enum PlanCommand: Subcommand {
  static let facts = CommandFacts(
    "plan", "Show what a run would do and cost, without fetching, spending or writing anything.",
    operands: "PIPELINE", minimumOperands: 1, maximumOperands: 1,
    options: ItemArguments.options + [
      .value(
        "out", "o", of: "DIR|URL",
        "A run's folder; its finished items and paid results are taken into account."),
      PipelineLoader.setOption,
      .value("sample", of: "N", "Look at the first N items only (default: all)."),
      .value("public-url", of: "URL", "Address at which providers reach the embedded host."),
      .json,
    ],
    examples: [
      "swapline plan pipelines/quickstart.yaml --scene scene.jpg --face face.jpg",
      "swapline plan pipelines/quickstart.yaml --json",
    ])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard let pipeline = try PipelineLoader.load(arguments.operands[0], arguments, terminal) else {
      return .invalidPipeline
    }
    var options = RunOptions()
    options.publicURL = arguments.last("public-url")
    let findings = Preflight.findings(pipeline, options: options)
    // As 'run' would end.
    var end: ExitCode = findings.contains { $0.severity == .error } ? .usage : .good
    let plan = Plan(pipeline)
    if arguments.has("json") {
      terminal.result(try plan.text)
      PipelineLoader.show(findings, of: "", terminal)
      return end
    }
    let hasItems = arguments.has("scene") || arguments.has("items")
    let temporary = ProcessEnvironment.variables["TMPDIR"] ?? "/tmp"
    let lists = "\(temporary)/swapline-plan-\(getpid())"
    defer {
      FileSystem.removeFiles(in: lists)
      rmdir(lists)
    }
    let source =
      hasItems
      ? try await ItemArguments.source(arguments, pipeline, lists: lists) {
        terminal.message($0 + "\n")
      } : nil
    terminal.result(text(plan, pipeline, terminal))
    if let source {
      let folder = OutputPlace(arguments.last("out") ?? "swapline-out").folder
      let pool = WorkerPool(
        try WorkerPool.Configuration().making(roomFor: pipeline.maximumPixels))
      defer { pool.shutdown() }
      let look = PlanLook(pipeline, media: KnownMedia(pool), preview: try RunPreview(folder))
      let sample = try arguments.int("sample", in: 1...10_000_000)
      let sum = try await DecodingGuard.$usualPixels.withValue(pipeline.maximumPixels) {
        try await look.sum(
          source.entries, sample: sample, total: source.count, show: { terminal.result($0) })
      }
      terminal.result(sum.text(pipeline, folder: folder))
      if end == .good { end = sum.end }
    }
    PipelineLoader.show(findings, of: "", terminal)
    return end
  }

  private static func text(
    _ plan: Plan, _ pipeline: Pipeline, _ terminal: Terminal
  ) -> String {
    var table = TextTable(["", "stage", "gives", "parameters"])
    for (index, step) in plan.stages.enumerated() {
      table.add(["\(index + 1)", step.stage, step.gives.rawValue, parameters(step.parameters)])
    }
    var text = "\(plan.name)\n\n" + table.text(width: terminal.width) + "\n"
    for name in pipeline.calledProviders {
      guard let descriptor = ProviderDescriptor.named(name) else { continue }
      let isEmbedded = plan.providers[name]?.isEmbedded == true
      text +=
        isEmbedded
        ? "\(descriptor.title), served by this process, with the local engine. Its credits are counted "
          + "as a vendor's are, and no vendor charges for them.\n"
        : "\(descriptor.title), at the vendor.\n"
      let models =
        (try? descriptor.models(with: plan.providers[name]?.values ?? [:])) ?? descriptor.models
      for model in models { text += facts(model) + "\n" }
    }
    return text
  }

  private static func facts(_ model: ProviderModel) -> String {
    let profile = model.profile
    let price =
      profile.price.value.map { price in
        let money = price.currency.map { [$0: price.money ?? 0] } ?? [:]
        return "\(Money.text(Charge(credits: price.amount, money: money))) a swap "
          + "(\(profile.price.source))"
      } ?? "price not published: ask the vendor, or set 'price'"
    let limits = profile.limits.value
    let parts = [
      limits.formats.map { $0.map(\.name).joined(separator: " or ") },
      limits.maximumSide.map { "sides up to \($0) px" },
      limits.maximumSize.map { "up to \($0)" }, limits.maximumFrames.map { "\($0) frames" },
    ].compactMap { $0 }
    let origin = profile.limits.confidence == .ours ? "our own careful limits: " : ""
    return "  \(model.name): \(parts.joined(separator: ", ")) (\(origin)\(profile.limits.source))"
      + "; \(price)"
  }

  private static func parameters(_ value: JSONValue) -> String {
    guard case .object(let parts) = value else { return "" }
    return parts.sorted { $0.key < $1.key }.filter { $0.value != .null }
      .map { "\($0.key) \(($0.value.string ?? (try? JSONText.line($0.value))) ?? "")" }
      .joined(separator: ", ")
  }
}
