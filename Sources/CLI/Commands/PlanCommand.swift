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
      text += price(descriptor, isEmbedded: isEmbedded, calls: items?.count) + "\n"
      text += "It takes \(limits(descriptor.profile)).\n"
    }
    if let items { text += "\(items.count) item\(items.count == 1 ? "" : "s").\n" }
    return text
  }

  /// How many items are looked at: a plan is quick.
  private static let mostForeseen = 20

  /// What the first preparing step would change about files that lie here.
  private static func foresee(
    _ pipeline: Pipeline, _ items: [Item], _ terminal: Terminal
  ) async throws {
    guard let stage = pipeline.stages.first(where: { $0.foresee != nil }),
      let foresee = stage.foresee
    else { return }
    let pool = WorkerPool()
    defer { pool.shutdown() }
    for item in items.prefix(mostForeseen) {
      for role in Role.allCases {
        guard let reference = item.reference(for: role), !reference.contains("://"),
          reference != "-"
        else { continue }
        let text: String
        do {
          let changes = try await foresee(FileSystem.absolute(reference), role, pool)
          text =
            changes.isEmpty
            ? "passes as it is"
            : changes.map { "\($0.kind.rawValue) \($0.from) → \($0.to) (\($0.reason))" }
              .joined(separator: "; ")
        } catch let error as SwaplineError {
          text = "would fail: \(error.message)" + (error.hint.map { " \($0)" } ?? "")
        }
        terminal.result("\(item.id): \(stage.name), \(role.rawValue): \(text)\n")
      }
    }
    if items.count > mostForeseen {
      terminal.result("… and \(items.count - mostForeseen) items that were not looked at.\n")
    }
  }

  private static func price(
    _ descriptor: ProviderDescriptor, isEmbedded: Bool, calls: Int?
  ) -> String {
    let counted =
      calls.map { "At most \($0) paid call\($0 == 1 ? "" : "s")" } ?? "One paid call an item"
    if isEmbedded { return "\(counted.replacing("paid ", with: "")); nothing is charged." }
    guard let price = descriptor.profile.price.value else {
      return "\(counted); the vendor publishes no price, so ask it for one before a large run."
    }
    let total = calls.map { ", \(price.amount * Double($0)) \(price.unit) in all" } ?? ""
    return
      "\(counted) of \(price.amount) \(price.unit)\(total) (\(descriptor.profile.price.source))."
  }

  private static func limits(_ profile: ProviderProfile) -> String {
    let limits = profile.limits.value
    let parts = [
      limits.formats.map { $0.map(\.name).joined(separator: " or ") },
      limits.maximumSide.map { "sides up to \($0) px" },
      limits.maximumSize.map { "up to \($0)" },
    ].compactMap { $0 }
    let origin = profile.limits.confidence == .ours ? "our own careful limits: " : ""
    return "\(parts.joined(separator: ", ")) (\(origin)\(profile.limits.source))"
  }

  private static func parameters(_ value: JSONValue) -> String {
    guard case .object(let parts) = value else { return "" }
    return parts.sorted { $0.key < $1.key }.filter { $0.value != .null }
      .map { "\($0.key) \(($0.value.string ?? (try? JSONText.line($0.value))) ?? "")" }
      .joined(separator: ", ")
  }
}
