import Core
import FoundationEssentials
import Ledgers
import Pipelines

/// How things stand with a ledger, on a screen.
struct StatusScreen {
  let text: String

  /// More workers, and more swaps in doubt, than this are counted and not listed.
  private static let mostListed = 20

  init(_ status: LedgerStatus, of place: String, _ width: Int) {
    var lines: [(name: String, text: String)] = [("Ledger", place)]
    lines.append(("Swaps", Self.swaps(status)))
    lines.append(("Credits", Self.credits(status)))
    for provider in status.providers {
      lines.append(("Rate", Self.rate(provider)))
    }
    let working = status.workers.filter { $0.state == .working }
    lines.append(("Workers", Self.workers(status)))
    if working.count > 1 { lines.append(("Items", Self.items(working))) }
    var text = ""
    var last = ""
    for line in lines {
      let lead = (line.name == last ? "" : line.name).padding(to: 9)
      text += CommandFacts.wrap(line.text, lead: lead, width: width)
      last = line.name
    }
    if !status.workers.isEmpty { text += "\n" + Self.table(status.workers, width) }
    if !status.inDoubt.isEmpty { text += "\n" + Self.doubt(status, width) }
    self.text = text
  }

  private static func swaps(_ status: LedgerStatus) -> String {
    let words: [(Ledger.State, String)] = [
      (.succeeded, "bought"), (.accepted, "with the provider"), (.intended, "being sent"),
      (.ambiguous, "in doubt"), (.failed, "failed"), (.refused, "refused"),
    ]
    let parts = words.compactMap { state, word in
      status.swaps[state].map { "\(Figures.grouped($0)) \(word)" }
    }
    return parts.isEmpty ? "none yet" : parts.joined(separator: ", ")
  }

  private static func credits(_ status: LedgerStatus) -> String {
    func of(_ amount: Double, _ limit: Double?, _ span: String) -> String {
      "\(Figures.short(amount))\(limit.map { " of \(Figures.short($0))" } ?? "") \(span)"
    }
    return "\(Figures.short(status.spent)) spent, \(Figures.short(status.held)) held; "
      + of(status.today, status.budget.day, "today") + ", "
      + of(status.month, status.budget.month, "this month")
  }

  private static func rate(_ provider: LedgerStatus.Provider) -> String {
    let limit = provider.perMinute.map { " of \(Figures.short($0))" } ?? ""
    return "\(provider.lastMinute)\(limit) in the last minute at \(provider.name)"
  }

  private static func workers(_ status: LedgerStatus) -> String {
    let counts: [(LedgerStatus.Worker.State, String)] = [
      (.working, "at work"), (.vanished, "gone without a word"), (.ended, "ended"),
    ]
    let parts = counts.compactMap { state, word -> String? in
      let count = status.workers.count { $0.state == state }
      return count > 0 ? "\(Figures.grouped(count)) \(word)" : nil
    }
    return parts.isEmpty ? "none" : parts.joined(separator: ", ")
  }

  private static func items(_ workers: [LedgerStatus.Worker]) -> String {
    func sum(_ part: KeyPath<WorkerReport.Items, Int>) -> String {
      Figures.grouped(workers.reduce(0) { $0 + $1.report.items[keyPath: part] })
    }
    return "\(sum(\.done)) done, \(sum(\.failed)) failed, \(sum(\.running)) under way"
  }

  private static func table(_ workers: [LedgerStatus.Worker], _ width: Int) -> String {
    var table = TextTable(["run", "worker", "done", "failed", "active", "bought", "seen"])
    for worker in workers.prefix(mostListed) {
      let report = worker.report
      let run = report.shard.map { "\(cut(report.run, max(3, 13 - $0.count))) \($0)" } ?? report.run
      table.add([
        cut(run, 14), cut("\(report.host):\(report.process)", 15),
        Figures.grouped(report.items.done), Figures.grouped(report.items.failed),
        Figures.grouped(report.items.running), Figures.grouped(report.swaps.bought),
        seen(worker),
      ])
    }
    let more = workers.count - mostListed
    return table.text(width: width)
      + (more > 0 ? "\(Figures.grouped(more)) more; --json has all of them.\n" : "")
  }

  private static func seen(_ worker: LedgerStatus.Worker) -> String {
    switch worker.state {
    case .working: age(worker.age)
    case .ended: "ended"
    case .vanished: "gone " + age(worker.age)
    }
  }

  /// The largest unit that there is one of.
  private static func age(_ seconds: Double) -> String {
    switch seconds {
    case ..<120: "\(Int(seconds))s"
    case ..<7_200: "\(Int(seconds / 60))m"
    case ..<172_800: "\(Int(seconds / 3_600))h"
    default: "\(Int(seconds / 86_400))d"
    }
  }

  private static func doubt(_ status: LedgerStatus, _ width: Int) -> String {
    var table = TextTable(["", "item", "provider", "since"])
    for entry in status.inDoubt.prefix(mostListed) {
      table.add([
        "\(entry.number)", cut(entry.item, 30), cut(entry.provider, 24),
        String(
          Date(timeIntervalSince1970: entry.created).formatted(.iso8601).prefix(16)),
      ])
    }
    let more = status.inDoubt.count - mostListed
    return "May have been charged; look at the provider's own list of tasks:\n"
      + table.text(width: width)
      + (more > 0 ? "\(Figures.grouped(more)) more; 'swapline ledger' has all of them.\n" : "")
  }

  private static func cut(_ text: String, _ count: Int) -> String {
    text.count <= count ? text : text.prefix(count - 1) + "…"
  }
}
