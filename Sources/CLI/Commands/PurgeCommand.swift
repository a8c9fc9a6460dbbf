import Core
import Pipelines
import Swapline

/// `swapline purge`: removes a run's media and keeps its account.
enum PurgeCommand: Subcommand {
  static let facts = CommandFacts(
    "purge", "Remove a run's media: inputs, work files, results. The ledger stays.",
    options: [
      .runFolder,
      .flag(
        "results", nil,
        "Also remove this folder's results from the place that it shares with other runs (run --results), which may need them."
      ),
      .flag("dry-run", nil, "Show what would be removed, without removing it."),
    ], examples: ["swapline purge --out out", "swapline purge --out out --dry-run"])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let path = try HostedCommand.folder(arguments)
    let isDry = arguments.has("dry-run")
    // First: what was bought is read from the ledgers.
    let shared = try FolderCleaning.sharedResults(path)
    if arguments.has("results") {
      let count = try await FolderCleaning.removeSharedResults(
        path, environment: ProcessEnvironment.variables, isDry: isDry)
      terminal.result(
        "\(Figures.grouped(count)) result\(count == 1 ? "" : "s") \(isDry ? "would be removed" : "removed") at "
          + "\(shared.isEmpty ? "no shared place" : shared.joined(separator: " and ")).\n")
    }
    let outcome = try await FolderCleaning.removeMedia(path, isDry: isDry)
    terminal.result(
      "\(Figures.grouped(outcome.files)) file\(outcome.files == 1 ? "" : "s") "
        + "\(isDry ? "would be removed" : "removed"), \(ByteSize(bytes: outcome.bytes).rounded). The "
        + "ledger and the reports stay.\n")
    if !arguments.has("results"), !shared.isEmpty {
      terminal.result(
        "Elsewhere: results at \(shared.joined(separator: " and ")), which other runs may need; 'swapline "
          + "purge --out \(arguments.last("out") ?? "swapline-out") --results' removes this folder's.\n"
      )
    }
    let hosted = try FolderCleaning.hosted(path)
    let there = hosted.count { $0.state != .left }
    let left = hosted.count - there
    if there > 0 {
      terminal.result(
        "Elsewhere: \(Figures.grouped(there)) file\(there == 1 ? "" : "s") at hosts; 'swapline hosted "
          + "--out \(arguments.last("out") ?? "swapline-out") --purge' removes "
          + "\(there == 1 ? "it" : "them").\n")
    }
    if left > 0 {
      terminal.result(
        "Elsewhere: \(Figures.grouped(left)) input\(left == 1 ? "" : "s") with the provider, who removes "
          + "\(left == 1 ? "it" : "them") when it likes.\n")
    }
    if outcome.waiting > 0 {
      terminal.result(
        "Elsewhere: the result\(outcome.waiting == 1 ? "" : "s") of \(Figures.grouped(outcome.waiting)) "
          + "task\(outcome.waiting == 1 ? "" : "s") with the provider; a run would fetch "
          + "\(outcome.waiting == 1 ? "it" : "them").\n")
    }
    return .good
  }
}
