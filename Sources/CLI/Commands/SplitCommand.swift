import Core
import Files
import Pipelines

/// `swapline split`: a list of items in parts, for many machines.
enum SplitCommand: Subcommand {
  static let facts = CommandFacts(
    "split", "Split a list of items into parts for many machines, by the items' names.",
    options: [
      .value(
        "items", "i", of: "FILE|-",
        "A CSV, JSONL or JSON list as `run` takes it; - for standard input."),
      .value("shards", of: "N", "Number of parts."),
      .value("out", "o", of: "DIR", "Where the parts go."),
      .flag("quiet", "q", "Print errors only."),
    ],
    examples: ["swapline split --items items.csv --shards 1000 --out parts"])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard let list = arguments.last("items") else {
      throw SwaplineError(.usage, "No list is named.", hint: "Add --items FILE.")
    }
    guard list == "-" || !list.contains("://") else {
      throw SwaplineError(
        .usage, "\(list.shownAddress) is not on this machine.",
        hint: "Download the list first, or give it as standard input: --items -.")
    }
    guard let count = try arguments.int("shards", in: 1...Shard.most) else {
      throw SwaplineError(
        .usage, "The number of parts is missing.", hint: "Add for example --shards 1000.")
    }
    guard let out = arguments.last("out") else {
      throw SwaplineError(
        .usage, "The folder for the parts is missing.", hint: "Add for example --out parts.")
    }
    let isQuiet = arguments.has("quiet")
    let isLive = terminal.isLive && !isQuiet
    let outcome = try await ThreadPool.disk.run { _ in
      try ListSplitter(list, shards: count, into: out).split { fraction in
        if isLive { terminal.message("\r\(Int(fraction * 100)) % …") }
      } note: { text in
        if !isQuiet { terminal.message((isLive ? "\r\u{1B}[K" : "") + text + "\n") }
      }
    }
    if isLive { terminal.message("\r\u{1B}[K") }
    for problem in outcome.problems { CommandLineInterface.show(problem, terminal) }
    let unreadable = outcome.facts.unreadable
    if unreadable > outcome.problems.count {
      terminal.message("… and \(Figures.grouped(unreadable - outcome.problems.count)) more.\n")
    }
    if !isQuiet { terminal.message(sums(outcome)) }
    terminal.result(FileSystem.absolute(out) + "\n")
    return .good
  }

  private static func sums(_ outcome: ListSplitter.Outcome) -> String {
    let (facts, rows) = (outcome.facts, outcome.rows)
    let smallest = Figures.grouped(rows.min() ?? 0)
    let largest = Figures.grouped(rows.max() ?? 0)
    var text =
      "\(Figures.grouped(facts.rows)) row\(facts.rows == 1 ? "" : "s") in \(Figures.grouped(rows.count)) "
      + "part\(rows.count == 1 ? "" : "s") of \(smallest == largest ? smallest : "\(smallest) to \(largest)").\n"
    if facts.unreadable > 0 {
      text +=
        "\(Figures.grouped(facts.unreadable)) row\(facts.unreadable == 1 ? "" : "s") cannot be read; `run` "
        + "tells \(facts.unreadable == 1 ? "it as a failed item" : "them as failed items").\n"
    }
    return text
  }
}
