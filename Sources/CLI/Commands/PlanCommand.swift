import Core
import Pipelines
import Processing
import Providers
import Swapline

/// `swapline plan`: what a run would do, without fetching, spending or writing.
enum PlanCommand: Subcommand {
  static let facts = CommandFacts(
    "plan", "Show what a run would do, without fetching, spending or writing.",
    operands: "PIPELINE", minimumOperands: 1, maximumOperands: 1,
    options: ItemArguments.options + [PipelineLoader.setOption, .json],
    examples: [
      "swapline plan pipelines/quickstart.yaml --scene scene.jpg --face face.jpg",
      "swapline plan pipelines/quickstart.yaml --json",
    ])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard let pipeline = try PipelineLoader.load(arguments.operands[0], arguments, terminal) else {
      return .invalidPipeline
    }
    let plan = Plan(pipeline)
    if arguments.has("json") {
      terminal.result(try plan.text)
      return .good
    }
    let hasItems = arguments.has("scene") || arguments.has("items")
    let items =
      hasItems ? try ItemArguments.items(arguments, needsFace: pipeline.needsFace) : nil
    terminal.result(text(plan, pipeline, items: items, terminal))
    if let items { try await foresee(pipeline, items, terminal) }
    let findings = Preflight.findings(pipeline, options: RunOptions())
    PipelineLoader.show(findings, of: "", terminal)
    return .good
  }

  private static func text(
    _ plan: Plan, _ pipeline: Pipeline, items: [Item]?, _ terminal: Terminal
  ) -> String {
    var table = TextTable(["", "stage", "gives", "parameters"])
    for (index, step) in plan.stages.enumerated() {
      table.add(["\(index + 1)", step.stage, step.gives.rawValue, parameters(step.parameters)])
    }
    var text = "\(plan.name)\n\n" + table.text(width: terminal.width) + "\n"
    for name in pipeline.calledProviders {
      guard let descriptor = ProviderDescriptor.named(name) else { continue }
      let isEmbedded = plan.providers[name]?.isEmbedded == true
      let place = isEmbedded ? "served by this process, with the local engine" : "at the vendor"
      text += "\(descriptor.title), \(place). "
      let models =
        (try? descriptor.models(with: plan.providers[name]?.values ?? [:])) ?? descriptor.models
      text += isEmbedded ? "Nothing is charged.\n" : "\n"
      for model in models { text += facts(model, isFree: isEmbedded) + "\n" }
    }
    if let items { text += "\(items.count) item\(items.count == 1 ? "" : "s").\n" }
    return text
  }

  /// How many items are looked at: a plan is quick.
  private static let mostForeseen = 20

  /// What the first preparing step would change about files that lie here, and what the swap would
  /// pay for them.
  private static func foresee(
    _ pipeline: Pipeline, _ items: [Item], _ terminal: Terminal
  ) async throws {
    let preparing = pipeline.stages.first { $0.foresee != nil }
    let paying = pipeline.stages.first { $0.forecast != nil }
    let settings = pipeline.calledProviders.first.flatMap { pipeline.providers[$0]?.values } ?? [:]
    let pool = WorkerPool()
    defer { pool.shutdown() }
    var (calls, price, isKnown) = (0, 0.0, true)
    for item in items.prefix(mostForeseen) {
      if let preparing, let foresee = preparing.foresee {
        for role in Role.allCases {
          guard let path = local(item.reference(for: role)) else { continue }
          let text = try await told {
            let changes = try await foresee(path, role, settings, pool)
            return changes.isEmpty
              ? "passes as it is"
              : changes.map { "\($0.kind.rawValue) \($0.from) → \($0.to) (\($0.reason))" }
                .joined(separator: "; ")
          }
          terminal.result("\(item.id): \(preparing.name), \(role.rawValue): \(text)\n")
        }
      }
      guard let paying, let forecast = paying.forecast, let path = local(item.scene) else {
        continue
      }
      let text = try await told {
        let cost = try await forecast(path, settings, pool)
        calls += cost.calls
        price += cost.price ?? 0
        isKnown = isKnown && cost.price != nil
        return cost.text
      }
      terminal.result("\(item.id): \(paying.name): \(text)\n")
    }
    if calls > 0 {
      terminal.result(
        "In all at most \(calls) swap\(calls == 1 ? "" : "s")"
          + (!isKnown ? ", of a price that is not known" : price == 0 ? "" : ", \(price) credits")
          + ".\n")
    }
    if items.count > mostForeseen {
      terminal.result("… and \(items.count - mostForeseen) items that were not looked at.\n")
    }
  }

  private static func local(_ reference: String?) -> String? {
    guard let reference, !reference.contains("://"), reference != "-" else { return nil }
    return FileSystem.absolute(reference)
  }

  private static func told(_ text: () async throws -> String) async throws -> String {
    do {
      return try await text()
    } catch let error as SwaplineError {
      return "would fail: \(error.message)" + (error.hint.map { " \($0)" } ?? "")
    }
  }

  private static func facts(_ model: ProviderModel, isFree: Bool) -> String {
    let profile = model.profile
    let price =
      profile.price.value.map { "\($0.amount) \($0.unit) a swap (\(profile.price.source))" }
      ?? "price not published: ask the vendor, or set 'price'"
    let limits = profile.limits.value
    let parts = [
      limits.formats.map { $0.map(\.name).joined(separator: " or ") },
      limits.maximumSide.map { "sides up to \($0) px" },
      limits.maximumSize.map { "up to \($0)" }, limits.maximumFrames.map { "\($0) frames" },
    ].compactMap { $0 }
    let origin = profile.limits.confidence == .ours ? "our own careful limits: " : ""
    return "  \(model.name): \(parts.joined(separator: ", ")) (\(origin)\(profile.limits.source))"
      + (isFree ? "" : "; \(price)")
  }

  private static func parameters(_ value: JSONValue) -> String {
    guard case .object(let parts) = value else { return "" }
    return parts.sorted { $0.key < $1.key }.filter { $0.value != .null }
      .map { "\($0.key) \(($0.value.string ?? (try? JSONText.line($0.value))) ?? "")" }
      .joined(separator: ", ")
  }
}

extension SwapForecast {
  /// The forecast in a sentence's words.
  fileprivate var text: String {
    let counted = "\(way): \(calls) swap\(calls == 1 ? "" : "s")"
    guard let price else { return counted + ", price not known" }
    return counted + (price == 0 ? ", nothing is charged" : ", \(price) \(unit)")
  }
}
