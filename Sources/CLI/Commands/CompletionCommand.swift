import Core

/// `swapline completion`: a script with which the shell completes the command.
enum CompletionCommand: Subcommand {
  static let facts = CommandFacts(
    "completion", "Print a completion script for bash or zsh.",
    operands: "bash|zsh", minimumOperands: 1, maximumOperands: 1,
    examples: ["source <(swapline completion bash)"])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    switch arguments.operands[0] {
    case "bash": terminal.result(bash)
    // zsh reads bash's completions through a bridge that it ships.
    case "zsh": terminal.result("autoload -U +X bashcompinit && bashcompinit\n" + bash)
    case let other:
      throw SwaplineError(
        .usage, "There is no completion for '\(other)'.", hint: "Known: bash, zsh.")
    }
    return .good
  }

  private static var bash: String {
    let commands = CommandLineInterface.commands.map { $0.facts }
    var text = "_swapline() {\n  local word=\"${COMP_WORDS[COMP_CWORD]}\"\n"
    text += "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
    text +=
      "    COMPREPLY=($(compgen -W \"\(commands.map(\.name).joined(separator: " "))\" -- \"$word\"))\n"
    text += "    return\n  fi\n  local options=\"\"\n  case \"${COMP_WORDS[1]}\" in\n"
    for command in commands {
      let options = (command.options + [.help]).map { "--\($0.name)" }.joined(separator: " ")
      text += "    \(command.name)) options=\"\(options)\" ;;\n"
    }
    text += """
        esac
        case "$word" in
          -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
          *) COMPREPLY=($(compgen -f -- "$word")) ;;
        esac
      }
      complete -o filenames -F _swapline swapline

      """
    return text
  }
}
