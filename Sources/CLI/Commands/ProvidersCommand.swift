import Core
import Pipelines
import Providers
import Swapline

/// `swapline providers`: what each provider takes, costs and allows, with sources.
enum ProvidersCommand: Subcommand {
  static let facts = CommandFacts(
    "providers", "List providers with their limits and prices, and the source of each fact.",
    options: [.json], examples: ["swapline providers"])

  private struct Row: Encodable {
    var name: String
    var title: String
    var models: [ProviderModel]
    var key: String
    var isKeySet: Bool
  }

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    for descriptor in ProviderDescriptor.all {
      let key = ProcessEnvironment.variables[descriptor.keyVariable] ?? ""
      if arguments.has("json") {
        terminal.result(
          try JSONText.line(
            Row(
              name: descriptor.name, title: descriptor.title, models: descriptor.models,
              key: descriptor.keyVariable, isKeySet: !key.isEmpty))
            + "\n")
      } else {
        terminal.result(text(descriptor, isKeySet: !key.isEmpty, terminal))
      }
    }
    return .good
  }

  private static func text(
    _ descriptor: ProviderDescriptor, isKeySet: Bool, _ terminal: Terminal
  ) -> String {
    let state = isKeySet ? "set" : "not set"
    return "\(descriptor.name): \(descriptor.title), key in \(descriptor.keyVariable) (\(state))\n"
      + descriptor.models.map { text($0, terminal) }.joined() + "\n"
  }

  private static func text(_ model: ProviderModel, _ terminal: Terminal) -> String {
    let profile = model.profile
    var table = TextTable(["fact", "value", "confidence", "source"])
    func add<Value>(_ name: String, _ fact: Sourced<Value>, _ value: String) {
      table.add([name, value, fact.confidence.rawValue, fact.source])
    }
    let limits = profile.limits.value
    add("kinds", profile.kinds, profile.kinds.value.map(\.rawValue).joined(separator: ", "))
    add(
      "formats", profile.limits,
      limits.formats?.map(\.name).joined(separator: ", ") ?? "any")
    add("longest side", profile.limits, limits.maximumSide.map { "\($0) px" } ?? "any")
    add("file size", profile.limits, limits.maximumSize.map { "\($0)" } ?? "any")
    if !profile.kinds.value.contains(.image) {
      add("frames", profile.limits, limits.maximumFrames.map { "\($0)" } ?? "any")
      add("duration", profile.limits, limits.maximumDuration.map { "\($0)" } ?? "any")
    }
    let faces = profile.faceIndices.value
    add("face index", profile.faceIndices, "\(faces.lowerBound) to \(faces.upperBound)")
    add(
      "requests", profile.requestsPerMinute,
      profile.requestsPerMinute.value.map { "\($0) a minute" } ?? "not known")
    add("in flight", profile.inFlight, "\(profile.inFlight.value)")
    add(
      "price", profile.price,
      profile.price.value.map { "\($0.amount) \($0.unit)" } ?? "not published")
    add(
      "result kept", profile.resultLifetime,
      profile.resultLifetime.value.map { "\($0)" } ?? "not known")
    return "model \(model.name)\n" + table.text(width: max(100, terminal.width))
  }
}
