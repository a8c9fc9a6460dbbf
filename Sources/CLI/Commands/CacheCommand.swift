import Core
import Pipelines

/// `swapline cache`: what a run's folder keeps so that nothing is done twice, and what of it may go.
enum CacheCommand: Subcommand {
  static let facts = CommandFacts(
    "cache", "Show and clear the work files of a run's folder; paid results always stay.",
    options: [
      .value("out", "o", of: "DIR", "The run's folder (default: swapline-out)."),
      .value("older-than", of: "TIME", "Remove what was not used for so long, such as 7d or 12h."),
      .value("larger-than", of: "SIZE", "Remove what was unused longest until so much is left."),
      .flag("dry-run", nil, "Say what would go, and remove nothing."),
    ], examples: ["swapline cache --out out", "swapline cache --out out --older-than 168h"])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let path = FileSystem.absolute(arguments.last("out") ?? "swapline-out")
    guard FileSystem.exists(path + "/.swapline") else {
      throw SwaplineError(
        .usage, "\(path) is no run's folder.", hint: "Name one with --out.")
    }
    let age = try arguments.last("older-than").map { text in
      guard let age = TimeSpan(parsing: text) else {
        throw SwaplineError(
          .usage, "--older-than is '\(text)', which is no time.", hint: "Write for example 168h.")
      }
      return age
    }
    let size = try arguments.last("larger-than").map { text in
      guard let size = ByteSize(parsing: text) else {
        throw SwaplineError(
          .usage, "--larger-than is '\(text)', which is no size.", hint: "Write for example 5GB.")
      }
      return size
    }
    let isDry = arguments.has("dry-run")
    let outcome = try await WorkCache(RunFolder(path)).evict(
      olderThan: age, largerThan: size, isDry: isDry)
    terminal.result(
      "\(LiveView.grouped(outcome.files)) work files, \(ByteSize(bytes: outcome.bytes)); "
        + "\(LiveView.grouped(outcome.paid)) of them paid results, which stay.\n")
    if age != nil || size != nil {
      terminal.result(
        "\(LiveView.grouped(outcome.removed)) \(isDry ? "would be removed" : "removed"), "
          + "\(ByteSize(bytes: outcome.freed)) freed; what is needed again is made again.\n")
    }
    return .good
  }
}
