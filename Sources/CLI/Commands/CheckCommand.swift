import Core
import Pipelines
import Swapline

/// `swapline check`: every finding of pipeline files, and nothing else.
enum CheckCommand: Subcommand {
  static let facts = CommandFacts(
    "check", "Check pipeline files and report every problem with line, column and hint.",
    operands: "PIPELINE…", minimumOperands: 1, maximumOperands: nil,
    options: [
      .json, .flag("print", nil, "Print each pipeline as Swapline understands it."),
    ],
    examples: ["swapline check pipelines/quickstart.yaml"])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    var isValid = true
    for path in arguments.operands {
      let file = try PipelineLoader.read(path)
      isValid = isValid && file.pipeline != nil
      let addresses = file.pipeline.map { Preflight.addressFindings($0) } ?? []
      isValid = isValid && addresses.isEmpty
      let findings = file.findings + addresses + file.advice
      if arguments.has("json") {
        for finding in findings { terminal.result(try JSONText.line(finding) + "\n") }
      } else {
        PipelineLoader.show(findings, of: file.text, terminal)
        if findings.isEmpty, !arguments.has("print") { terminal.result("\(path): OK\n") }
      }
      if arguments.has("print"), let pipeline = file.pipeline {
        terminal.result(PipelineText.yaml(pipeline, vocabulary: .standard))
      }
    }
    return isValid ? .good : .invalidPipeline
  }
}
