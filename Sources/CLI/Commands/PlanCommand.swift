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
    options: ItemArguments.options + [
      .value("out", "o", of: "DIR", "A run's folder, whose done items and results count."),
      PipelineLoader.setOption, .json,
    ],
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
    let known =
      hasItems
      ? try ItemArguments.first(mostForeseen, arguments, pipeline) { terminal.message($0 + "\n") }
      : nil
    terminal.result(text(plan, pipeline, terminal))
    if let known {
      let count = known.total.map { LiveView.grouped($0) } ?? "More than \(mostForeseen)"
      terminal.result("\(count) item\(known.total == 1 ? "" : "s").\n")
      let preview = try RunPreview(FileSystem.absolute(arguments.last("out") ?? "swapline-out"))
      try await foresee(pipeline, known.items, of: known.total, preview, terminal)
    }
    let findings = Preflight.findings(pipeline, options: RunOptions())
    PipelineLoader.show(findings, of: "", terminal)
    return .good
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
      let place = isEmbedded ? "served by this process, with the local engine" : "at the vendor"
      text += "\(descriptor.title), \(place). "
      let models =
        (try? descriptor.models(with: plan.providers[name]?.values ?? [:])) ?? descriptor.models
      text += isEmbedded ? "Nothing is charged.\n" : "\n"
      for model in models { text += facts(model, isFree: isEmbedded) + "\n" }
    }
    return text
  }

  /// How many items are looked at: a plan is quick.
  private static let mostForeseen = 20

  /// What the first preparing step would change about files that lie here, and what the swap would
  /// pay for them.
  private static func foresee(
    _ pipeline: Pipeline, _ items: [Item], of total: Int?, _ preview: RunPreview?,
    _ terminal: Terminal
  ) async throws {
    let preparing = pipeline.stages.first { $0.foresee != nil }
    let paying = pipeline.stages.first { $0.forecast != nil }
    let settings = pipeline.calledProviders.first.flatMap { pipeline.providers[$0]?.values } ?? [:]
    let pool = WorkerPool()
    defer { pool.shutdown() }
    var (calls, price, isKnown) = (0, 0.0, true)
    var (known, most) = (0, 1)
    for item in items {
      if let standing = try await preview?.standing(of: item, in: pipeline),
        !standing.done.isEmpty || standing.reason != nil
      {
        terminal.result("\(item.id): \(text(standing))\n")
        if standing.next == nil || paying.map({ standing.done.contains($0.name) }) == true {
          known += 1
          continue
        }
      }
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
        most = max(most, cost.calls)
        price += cost.price ?? 0
        isKnown = isKnown && cost.price != nil
        return cost.text
      }
      terminal.result("\(item.id): \(paying.name): \(text)\n")
    }
    if paying != nil {
      let rest = total.map { max(0, $0 - items.count) } ?? 0
      terminal.result(
        money(
          calls...(calls + rest * most), known: known,
          perSwap: calls > 0 ? price / Double(calls) : 0,
          isKnown: isKnown, pipeline, settings))
    }
    if total != items.count {
      let rest = total.map { LiveView.grouped($0 - items.count) + " more" } ?? "the rest"
      terminal.result("The first \(items.count) items were looked at; \(rest) were not.\n")
    }
  }

  private static func text(_ standing: RunPreview.Standing) -> String {
    guard let next = standing.next else { return "done before, nothing runs again" }
    let done =
      standing.done.isEmpty ? "" : "\(standing.done.joined(separator: ", ")) done before; "
    return done + "\(next) runs" + (standing.reason.map { " again: \($0)" } ?? "")
  }

  /// Calls, price and time, each as an interval where not every item was looked at.
  private static func money(
    _ calls: ClosedRange<Int>, known: Int, perSwap: Double, isKnown: Bool, _ pipeline: Pipeline,
    _ settings: [String: String]
  ) -> String {
    func interval(_ low: String, _ high: String) -> String {
      low == high ? low : "\(low) to \(high)"
    }
    var text =
      "Swaps to buy: "
      + interval(LiveView.grouped(calls.lowerBound), LiveView.grouped(calls.upperBound))
    if known > 0 { text += " (\(known) of the items have theirs)" }
    if settings["at"] == "embedded" { return text + "; nothing is charged.\n" }
    let descriptor = pipeline.calledProviders.first.flatMap(ProviderDescriptor.named)
    let models = descriptor.flatMap { try? $0.models(with: settings) } ?? []
    let source = models.compactMap { $0.profile.price.value == nil ? nil : $0.profile.price.source }
    if isKnown, let source = source.first {
      text +=
        "; price \(interval(LiveView.short(perSwap * Double(calls.lowerBound)), LiveView.short(perSwap * Double(calls.upperBound)))) credits (\(source))"
    } else {
      text += "; price not known: ask the vendor, or set 'price'"
    }
    if let rate = models.compactMap(\.profile.requestsPerMinute.value).min() {
      let most = Double(calls.upperBound) / Double(rate) * 60
      text += "; at least \(LiveView.time(most)) at \(rate) submissions a minute"
    }
    if pipeline.budget.isLimited {
      let parts = [
        pipeline.budget.run.map { "\(LiveView.short($0)) a run" },
        pipeline.budget.day.map { "\(LiveView.short($0)) a day" },
      ].compactMap(\.self)
      text += "; budget \(parts.joined(separator: ", "))"
    }
    return text + ".\n"
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
