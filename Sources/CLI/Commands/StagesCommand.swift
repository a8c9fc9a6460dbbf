import Core
import Pipelines
import Swapline

/// `swapline stages`: every stage with its parameters.
enum StagesCommand: Subcommand {
  static let facts = CommandFacts(
    "stages", "List the stages with their parameters, defaults and an example.",
    operands: "[STAGE]", maximumOperands: 1, options: [.json],
    examples: ["swapline stages", "swapline stages normalize"])

  private struct Row: Encodable {
    struct Parameter: Encodable {
      var name: String
      var help: String
      var fallback: JSONValue
      var schema: JSONValue

      enum CodingKeys: String, CodingKey {
        case name, help, schema
        case fallback = "default"
      }
    }
    var name: String
    var summary: String
    var takes: String
    var gives: String?
    var example: String
    var parameters: [Parameter]
  }

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    var stages = StageList.all
    if let name = arguments.operands.first {
      stages = stages.filter { $0.name == name }
      guard !stages.isEmpty else {
        throw SwaplineError(
          .usage, "There is no stage '\(name)'.",
          hint: Suggestion.hint(for: name, among: StageList.all.map(\.name)))
      }
    }
    for stage in stages {
      terminal.result(
        arguments.has("json") ? try JSONText.line(row(stage)) + "\n" : text(stage, terminal))
    }
    return .good
  }

  private static func takes(_ stage: StageType) -> String {
    stage.takes?.meaning ?? "any media at hand"
  }

  private static func row(_ stage: StageType) -> Row {
    Row(
      name: stage.name, summary: stage.summary, takes: takes(stage), gives: stage.gives?.meaning,
      example: stage.example,
      parameters: stage.parameters.map {
        Row.Parameter(name: $0.name, help: $0.help, fallback: $0.fallback, schema: $0.schema)
      })
  }

  private static func text(_ stage: StageType, _ terminal: Terminal) -> String {
    var text = "\(stage.name)\n  \(stage.summary)\n"
    text += "  takes \(takes(stage)), gives \(stage.gives?.meaning ?? "the same")\n"
    let width = stage.parameters.map(\.name.count).max() ?? 0
    for parameter in stage.parameters {
      let fallback =
        parameter.fallback == .null
        ? "" : " (\(parameter.fallback.string ?? (try? JSONText.line(parameter.fallback)) ?? ""))"
      text += CommandFacts.wrap(
        parameter.help + fallback, lead: "    " + parameter.name.padding(to: width + 2),
        width: max(60, terminal.width))
    }
    return text + "  - \(stage.example)\n\n"
  }
}
