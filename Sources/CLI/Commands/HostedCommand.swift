import Core
import Files
import FoundationEssentials
import Ledgers
import Pipelines
import Swapline

/// `swapline hosted`: what a run's folder has lying at hosts, and its removal.
enum HostedCommand: Subcommand {
  static let facts = CommandFacts(
    "hosted", "List the files that a folder's runs have put on hosts, or remove them.",
    options: [
      .runFolder,
      .flag("purge", nil, "Remove them, including those that were to be kept."), .json,
    ],
    examples: ["swapline hosted --out out", "swapline hosted --out out --purge"])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let path = try folder(arguments)
    let entries = try FolderCleaning.hosted(path)
    if arguments.has("purge") { return try await purge(path, entries, terminal) }
    if arguments.has("json") {
      for entry in entries { terminal.result(try JSONText.line(entry) + "\n") }
    } else {
      terminal.result(text(entries, width: terminal.width))
    }
    return .good
  }

  /// The folder that is meant, which must be a run's.
  static func folder(_ arguments: Arguments) throws -> String {
    let path = OutputPlace(arguments.last("out") ?? "swapline-out").folder
    guard FileSystem.exists(path + "/.swapline") else {
      throw SwaplineError(
        .usage, "\(path) is not a run's folder.", hint: "Name one with --out.")
    }
    return path
  }

  private static func purge(
    _ path: String, _ entries: [HostingRecord.Entry], _ terminal: Terminal
  ) async throws -> ExitCode {
    guard !entries.isEmpty else {
      terminal.result("There are no files at any host.\n")
      return .good
    }
    let (removed, problems) = try await FolderCleaning.removeHosted(
      path, environment: ProcessEnvironment.variables)
    let left = entries.count { $0.state == .left }
    terminal.result("\(Figures.grouped(removed)) removed.\n")
    if left > 0 {
      terminal.result(
        "\(Figures.grouped(left)) with the provider, who removes \(left == 1 ? "it" : "them") when it "
          + "likes; no longer listed.\n")
    }
    for problem in problems { CommandLineInterface.show(problem, terminal) }
    return problems.first.map { ExitCode($0) } ?? .good
  }

  private static func text(_ entries: [HostingRecord.Entry], width: Int) -> String {
    guard !entries.isEmpty else { return "There are no files at any host.\n" }
    var table = TextTable(["host", "key", "digest", "size", "since", "state"])
    for entry in entries.prefix(maximumShown) {
      table.add([
        entry.host, entry.key.hidingQueries, entry.digest.short,
        ByteSize(bytes: entry.size).rounded,
        String(
          Date(timeIntervalSince1970: entry.since).formatted(.iso8601).prefix(16)
            .replacing("T", with: " ")),
        entry.state.words + (entry.message.map { ": \($0)" } ?? ""),
      ])
    }
    var text = table.text(width: max(width, 160))
    if entries.count > maximumShown {
      text += "\(Figures.grouped(entries.count - maximumShown)) more; --json lists all.\n"
    }
    let bytes = ByteSize(bytes: entries.reduce(0) { $0 + $1.size }).rounded
    return text
      + "\(Figures.grouped(entries.count)) in all, \(bytes); --purge removes what can be.\n"
  }

  private static let maximumShown = 200
}

extension HostingRecord.State {
  /// The state in words.
  fileprivate var words: String {
    switch self {
    case .intended: "may be there"
    case .placed: "there"
    case .kept: "kept"
    case .left: "with the provider"
    }
  }
}
