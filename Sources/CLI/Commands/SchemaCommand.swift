import Core
import Pipelines
import Swapline

/// `swapline schema`: the JSON Schema of pipeline files.
enum SchemaCommand: Subcommand {
  static let facts = CommandFacts(
    "schema", "Print the JSON Schema of pipeline files, for editors.",
    examples: ["swapline schema > pipeline.schema.json"])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    terminal.result(try JSONText.pretty(PipelineSchema.document(.standard)))
    return .good
  }
}
