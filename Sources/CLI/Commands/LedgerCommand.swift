import Core
import Files
import FoundationEssentials
import Ledgers
import Pipelines

/// `swapline ledger`: every paid submission of a run's folder, for people and for bookkeeping.
enum LedgerCommand: Subcommand {
  static let facts = CommandFacts(
    "ledger", "List every paid submission of a run's folder, and those in doubt.",
    options: [
      .runFolder,
      .sharedLedger,
      .value("run", of: "NAME", "Only what was bought in the run of this name."),
      .flag("migrate", nil, "Create or upgrade the tables of a ledger in a database."),
      .value(
        "state", of: "STATE", repeats: true,
        "Only entries in this state: intended, ambiguous, accepted, succeeded, failed or refused."),
      .flag("csv", nil, "Print the entries as CSV, one per line."), .json,
    ],
    examples: ["swapline ledger --out out", "swapline ledger --out out --csv > credits.csv"])

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let folder = OutputPlace(arguments.last("out") ?? "swapline-out").folder
    let place = arguments.last("ledger") ?? LedgersOfFolder.place(in: folder)
    if arguments.has("migrate") {
      terminal.result(try await LedgerReader.migrate(place) + "\n")
      return .good
    }
    var states: Set<Ledger.State> = []
    for word in arguments.all("state") {
      guard let state = Ledger.State(rawValue: word) else {
        throw SwaplineError(
          .usage, "There is no state '\(word)'.",
          hint: "Known: intended, ambiguous, accepted, succeeded, failed, refused.")
      }
      states.insert(state)
    }
    let ledger = try LedgerReader(place)
    let run = arguments.last("run")
    // A submission in doubt that was bought again since is in doubt no longer: its swap has an end.
    var inDoubt: [Digest: [Int64]] = [:]
    var settled: Set<Int64> = []
    try await ledger.forEach { entry in
      if entry.state != .refused {
        settled.formUnion(inDoubt.removeValue(forKey: entry.key) ?? [])
      }
      if entry.isInDoubt { inDoubt[entry.key, default: []].append(entry.number) }
    }
    var sums = LedgerSums()
    let isText = !arguments.has("csv") && !arguments.has("json")
    if arguments.has("csv") { terminal.result(LedgerRow.header) }
    var table = TextTable(["", "item", "state", "model", "task", "credits", "when"])
    var shown = 0
    try await ledger.forEach { entry in
      guard states.isEmpty || states.contains(entry.state) else { return }
      guard run == nil || entry.run == run else { return }
      let isSettled = settled.contains(entry.number)
      sums.add(entry, isSettled: isSettled)
      if arguments.has("csv") {
        terminal.result(LedgerRow(entry).line)
      } else if arguments.has("json") {
        terminal.result(try JSONText.line(entry) + "\n")
      } else if shown < maximumShown || (entry.isOpen && !isSettled) {
        shown += 1
        table.add([
          "\(entry.number)", entry.item,
          entry.state.rawValue + (isSettled ? ", sent again" : ""), entry.model, entry.task ?? "",
          (entry.credits ?? entry.reserved).map { Figures.short($0) } ?? "?",
          String(LedgerRow.time(entry.updated).prefix(16)),
        ])
      }
    }
    if isText {
      terminal.result(table.text(width: terminal.width) + "\n" + sums.text(shown: shown))
    }
    return .good
  }

  /// More entries than this are counted and not listed, but for those that are in doubt.
  private static let maximumShown = 200
}

/// What a ledger's entries come to.
private struct LedgerSums {
  private var counts: [Ledger.State: Int] = [:]
  private var charged = Charge()
  private var underWay = Charge()
  private var inDoubt = Charge()
  private var doubtful = 0
  private var entries = 0
  private var settled = 0

  mutating func add(_ entry: Ledger.Entry, isSettled: Bool) {
    entries += 1
    guard !isSettled else {
      settled += 1
      return
    }
    counts[entry.state, default: 0] += 1
    switch entry.state {
    case .succeeded, .failed:
      charged.add(entry)
    case .accepted: underWay.add(entry)
    case .intended, .ambiguous:
      doubtful += 1
      inDoubt.add(entry)
    case .refused: break
    }
  }

  func text(shown: Int) -> String {
    let order: [Ledger.State] = [
      .succeeded, .failed, .refused, .accepted, .ambiguous, .intended,
    ]
    let parts = order.compactMap { state in counts[state].map { "\($0) \(state.rawValue)" } }
    var text = parts.isEmpty ? "No entries.\n" : parts.joined(separator: ", ") + ".\n"
    text += "Charged: \(Money.text(charged)).\n"
    if let count = counts[.accepted] {
      text += "With the provider: \(count), \(Money.text(underWay)); the next run asks for them.\n"
    }
    if doubtful > 0 {
      text +=
        "\(doubtful) may have been charged, \(Money.text(inDoubt)): look at the provider's own list "
        + "of tasks, then run again with --retry-ambiguous to buy what is missing.\n"
    }
    if settled > 0 {
      text += "\(settled) got no answer and \(settled == 1 ? "was" : "were") sent again since.\n"
    }
    if entries > shown {
      text += "\(entries - shown) more are not listed; --csv has all of them.\n"
    }
    return text
  }
}

extension Charge {
  fileprivate mutating func add(_ entry: Ledger.Entry) {
    credits += entry.paid
    if let rate = entry.rate, let currency = entry.currency {
      money[currency, default: 0] += rate * entry.paid
    }
  }
}

extension Ledger.Entry {
  /// Whether the provider may have taken it without saying so.
  fileprivate var isInDoubt: Bool { [.intended, .ambiguous].contains(state) }

  /// Whether nobody knows yet what it will have cost.
  fileprivate var isOpen: Bool { [.intended, .ambiguous, .accepted].contains(state) }
}

/// One entry as a line of CSV (RFC 4180).
private struct LedgerRow {
  static let header =
    "number,run,item,provider,model,state,task,credits,reserved,created,updated,key,result,message,folder,money,currency\r\n"
  let line: String

  init(_ entry: Ledger.Entry) {
    let fields = [
      "\(entry.number)", entry.run ?? "", entry.item, entry.provider, entry.model,
      entry.state.rawValue, entry.task ?? "", entry.credits.map { "\($0)" } ?? "",
      entry.reserved.map { "\($0)" } ?? "", Self.time(entry.created), Self.time(entry.updated),
      entry.key.hex, entry.result?.digest.hex ?? "", entry.message ?? "", entry.folder ?? "",
      entry.rate.map { "\($0 * entry.paid)" } ?? "", entry.currency ?? "",
    ]
    line = fields.map(Self.quoted).joined(separator: ",") + "\r\n"
  }

  static func time(_ seconds: Double) -> String {
    Date(timeIntervalSince1970: seconds).formatted(.iso8601)
  }

  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { ",\"\n\r\r\n".contains($0) }) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
