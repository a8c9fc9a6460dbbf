import Core
import Files
import Pipelines
import Runs
import Swapline

/// `swapline cache`: what a run's folder keeps so that nothing is done twice, and what of it may go.
enum CacheCommand: Subcommand {
  static let facts = CommandFacts(
    "cache", "Show or clear what a run's folder keeps for later runs; paid results always stay.",
    options: [
      .runFolder,
      .value(
        "older-than", of: "TIME", "Remove files unused for at least this long, for example 168h."),
      .value(
        "larger-than", of: "SIZE", "Remove the least recently used files until this much is left."),
      .flag("dry-run", nil, "Show what would be removed, without removing it."),
    ], examples: ["swapline cache --out out", "swapline cache --out out --older-than 168h"])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let path = OutputPlace(arguments.last("out") ?? "swapline-out").folder
    guard FileSystem.exists(path + "/.swapline") else {
      throw SwaplineError(
        .usage, "\(path) is not a run's folder.", hint: "Name one with --out.")
    }
    let age = try arguments.time("older-than")
    let size = try arguments.size("larger-than")
    let isDry = arguments.has("dry-run")
    let outcome = try await WorkCache(RunFolder(path)).evict(
      olderThan: age, largerThan: size, isDry: isDry)
    terminal.result(text(outcome))
    let shared = try FolderCleaning.sharedResults(path)
    if !shared.isEmpty {
      terminal.result(
        "Results are also at \(shared.joined(separator: " and ")), for every run that shares them; nothing is "
          + "removed there.\n")
    }
    if age != nil || size != nil {
      terminal.result(
        "\(Figures.grouped(outcome.removed)) \(isDry ? "would be removed" : "removed"), "
          + "\(ByteSize(bytes: outcome.freed).rounded) freed; what is needed again is made again.\n"
      )
    }
    return .good
  }

  private static func text(_ outcome: WorkCache.Outcome) -> String {
    var table = TextTable(["kept", "files", "size", ""])
    for part in WorkCache.Part.allCases {
      guard let share = outcome.shares[part], share.files > 0 else { continue }
      table.add([
        part.rawValue, Figures.grouped(share.files), ByteSize(bytes: share.bytes).rounded,
        remark(part, outcome),
      ])
    }
    return table.text(width: 100)
      + "\(Figures.grouped(outcome.files)) files, \(ByteSize(bytes: outcome.bytes).rounded) in all; "
      + "\(Figures.grouped(outcome.paid)) of them are paid results and stay.\n"
  }

  private static func remark(_ part: WorkCache.Part, _ outcome: WorkCache.Outcome) -> String {
    switch part {
    case .records: "stay"
    case .inputs: "the files are used where they are"
    case .server where outcome.keepsServer: "stay: swaps are under way"
    default: ""
    }
  }
}
