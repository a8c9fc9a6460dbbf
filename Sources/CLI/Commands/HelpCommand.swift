import Core
import Pipelines

/// `swapline help`: the pages of help on the screen, for `man` and for the documentation.
enum HelpCommand: Subcommand {
  static let facts = CommandFacts(
    "help", "Show help on a command or a topic.",
    operands: "[TOPIC]", maximumOperands: 1,
    options: [
      .flag("man", nil, "Print the page as a manual page, for man(1)."),
      .flag("markdown", nil, "Print the page as Markdown."),
      .flag("list", nil, "List all pages, one a line."),
    ],
    examples: ["swapline help exit-codes", "swapline help run --man | man -l -"])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    if arguments.has("list") {
      for page in HelpPages.all {
        terminal.result("\(page.name)\t\(page.kind.section)\t\(page.summary)\n")
      }
      return .good
    }
    let name = arguments.operands.first ?? HelpPages.overview.name
    guard let page = HelpPages.named(name) else {
      throw SwaplineError(
        .usage, "There is no command or topic '\(name)'.",
        hint: Suggestion.hint(for: name, among: HelpPages.all.map(\.name)))
    }
    if arguments.has("man") {
      terminal.result(page.manual)
    } else if arguments.has("markdown") {
      terminal.result(page.markdown)
    } else if name == HelpPages.overview.name {
      terminal.result(CommandLineInterface.overview)
    } else if let command = CommandLineInterface.command(named: name) {
      terminal.result(command.facts.help)
    } else {
      terminal.result(page.text(width: min(100, max(60, terminal.width))))
    }
    return .good
  }
}
