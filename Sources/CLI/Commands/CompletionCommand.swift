import Core
import Pipelines

/// `swapline completion`: a script with which the shell completes the command.
enum CompletionCommand: Subcommand {
  static let facts = CommandFacts(
    "completion", "Print a completion script for bash, zsh or fish.",
    operands: "bash|zsh|fish", minimumOperands: 1, maximumOperands: 1,
    examples: [
      "source <(swapline completion bash)",
      "swapline completion fish > ~/.config/fish/completions/swapline.fish",
    ])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    switch arguments.operands[0] {
    case "bash": terminal.result(BashCompletion.script)
    case "zsh": terminal.result(ZshCompletion.script)
    case "fish": terminal.result(FishCompletion.script)
    case let other:
      throw SwaplineError(
        .usage, "There is no completion for '\(other)'.",
        hint: Suggestion.hint(for: other, among: ["bash", "zsh", "fish"]))
    }
    return .good
  }
}
