import Core
import Glibc
import Pipelines
import Presets
import Swapline

/// `swapline presets`: the ready-made pipelines of shops, with where their figures come from.
enum PresetsCommand: Subcommand {
  static let facts = CommandFacts(
    "presets", "List the ready-made pipelines of shops, or print one to save and change.",
    operands: "[PRESET…]", minimumOperands: 0, maximumOperands: nil, options: [.json],
    examples: [
      "swapline presets", "swapline presets amazon-main > mine.yaml",
      "swapline run amazon-main --scene product.jpg",
    ])

  private struct Row: Encodable {
    var name: String
    var source: String
    var verified: String
    var confidence: String
    var isOld: Bool
    var text: String
  }

  /// Seconds since 1970.
  static var now: Double { Double(time(nil)) }

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let chosen = try arguments.operands.map { name in
      guard let preset = Preset.named(name) else {
        throw SwaplineError(
          .usage, "There is no preset '\(name)'.",
          hint: Suggestion.hint(for: name, among: Preset.all.map(\.name)))
      }
      return preset
    }
    if arguments.has("json") {
      for row in (chosen.isEmpty ? Preset.all : chosen).compactMap(row) {
        terminal.result(try JSONText.line(row) + "\n")
      }
    } else if chosen.isEmpty {
      var table = TextTable(["preset", "confidence", "verified", "source"])
      for row in Preset.all.compactMap(row) {
        table.add([
          row.name, row.confidence, row.verified + (row.isOld ? " (old)" : ""), row.source,
        ])
      }
      terminal.result(
        table.text(width: max(80, terminal.width))
          + "\nRun one by its name: swapline run amazon-main --scene product.jpg\n")
    } else {
      // `swapline schema > schema.json` puts the schema beside the copy.
      for preset in chosen {
        terminal.result(
          preset.text.replacing("$schema=../schema.json", with: "$schema=schema.json"))
      }
    }
    return .good
  }

  private static func row(_ preset: Preset) -> Row? {
    guard
      let facts = PipelineFile(text: preset.text, file: preset.name, vocabulary: .standard)
        .pipeline?.preset
    else { return nil }
    return Row(
      name: preset.name, source: facts.source, verified: facts.verified.description,
      confidence: facts.confidence.rawValue, isOld: facts.isOld(at: now), text: preset.text)
  }
}
