import Core
import Files
import Ledgers
import Runs

/// `swapline merge`: one report, one list of failures and one account of many shards.
enum MergeCommand: Subcommand {
  static let facts = CommandFacts(
    "merge", "Merge the shards of a run into one report, one list of failures and one account.",
    operands: "[DIR]", maximumOperands: 1,
    options: [
      .value(
        "out", "o", of: "DIR", "The folder that `run --shard` had as --out (default: swapline-out)."
      ),
      .value(
        "ledger", of: "FILE|URL",
        "The ledger that the shards shared, which says what the whole run was charged."),
      .flag("quiet", "q", "Print errors only."),
    ],
    examples: ["swapline merge out", "swapline merge out --ledger postgres://shop@db.example/shop"])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    if let operand = arguments.operands.first, arguments.has("out") {
      throw SwaplineError(
        .usage, "The folder is named twice, as \(operand) and with --out.", hint: "Keep one.")
    }
    let folder = arguments.operands.first ?? arguments.last("out") ?? "swapline-out"
    let merge = try ShardMerge(folder)
    var charged: Charge?
    if let place = arguments.last("ledger"), let run = merge.run {
      charged = try await LedgerReader(place).charged(by: run)
    }
    let outcome = try await ThreadPool.disk.run { [charged] _ in try merge.merge(charged: charged) }
    let (report, shards) = (outcome.report, outcome.shards)
    if !arguments.has("quiet") { terminal.message(sums(outcome)) }
    if outcome.runs.count > 1 {
      terminal.message(
        "The shards belong to several runs: \(outcome.runs.joined(separator: ", ")).\n")
    }
    for item in outcome.doubles { terminal.message("In more than one shard: \(item).\n") }
    if !shards.missing.isEmpty { terminal.message("Never begun: \(shards.missing).\n") }
    if !shards.unfinished.isEmpty { terminal.message("Not done: \(shards.unfinished).\n") }
    terminal.result("\(FileSystem.absolute(folder))/\(RunPage.name)\n")
    guard shards.done == shards.count else { return .later }
    return report.failed > 0 ? .someFailed : .good
  }

  private static func sums(_ outcome: ShardMerge.Outcome) -> String {
    let (report, shards) = (outcome.report, outcome.shards)
    var text =
      "\(Figures.grouped(shards.done)) of \(Figures.grouped(shards.count)) shard\(shards.count == 1 ? "" : "s") done: "
      + "\(Figures.grouped(report.done)) item\(report.done == 1 ? "" : "s") done, "
      + "\(Figures.grouped(report.failed)) failed; \(Money.text(report.charged)).\n"
    if let shown = outcome.shown {
      text +=
        "The page shows the \(Figures.grouped(shown)) that failed or were rejected; each shard has one "
        + "of all its items.\n"
    }
    return text
  }
}
