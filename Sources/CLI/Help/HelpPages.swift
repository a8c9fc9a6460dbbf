import Pipelines

/// Every page of help.
enum HelpPages {
  /// The pages that are about no single command; one file each under `Topics/`, one line each here.
  static let topics: [HelpPage] = [
    .pipelineFile, .stages, .formats, .runFolder, .events, .exitCodes, .errors, .environment,
  ]

  /// The command itself, its subcommands, the topics.
  static var all: [HelpPage] {
    [overview] + CommandLineInterface.commands.map { $0.facts.page } + topics
  }

  static func named(_ name: String) -> HelpPage? { all.first { $0.name == name } }

  static var overview: HelpPage {
    HelpPage(
      "swapline", .command, "Handle everything around a face-swap API call.",
      [
        .heading("Usage"), .code(["swapline COMMAND [options]"]),
        .heading("Commands"),
        .table(CommandLineInterface.commands.map { ($0.facts.name, $0.facts.summary) }),
        .heading("Topics"), .text("`swapline help TOPIC` shows them."),
        .table(topics.map { ($0.name, $0.summary) }),
      ])
  }
}
