import Core
import Files
import Glibc
import Ledgers
import Pipelines
import Providers

/// What a plan's items come to.
struct PlanSum: Sendable {
  /// How many items there are; nil where that is not known.
  var total: Int?
  var isPaying: Bool
  /// How many were looked at.
  var looked = 0
  /// How many of those are summed up and not shown.
  var unshown = 0
  /// Rows that are no item.
  private(set) var badRows = 0

  private var calls = 0
  private var most = 1
  private var cost = Charge()
  private var isPriced = true
  private var bought = 0
  private var done = 0
  private var refused = 0
  private var seen = 0
  private var bytes: Int64 = 0
  /// One error of each code: they decide how a run would end.
  private var errors: [SwaplineError.Code: SwaplineError] = [:]

  init(total: Int?, isPaying: Bool) {
    self.total = total
    self.isPaying = isPaying
  }

  mutating func add(_ outcome: PlanLook.Outcome) {
    calls += outcome.calls
    most = max(most, outcome.calls)
    cost.credits += outcome.cost.credits
    cost.money.merge(outcome.cost.money) { $0 + $1 }
    isPriced = isPriced && outcome.isPriced
    bought += outcome.isBought ? 1 : 0
    done += outcome.isDone ? 1 : 0
    refused += outcome.isRefused ? 1 : 0
    seen += outcome.isSeen ? 1 : 0
    bytes += outcome.bytes
    for error in outcome.errors.prefix(1) { errors[error.code] = error }
  }

  mutating func add(badRow error: SwaplineError) {
    badRows += 1
    errors[error.code] = error
  }

  /// How a run would end, as far as a plan can know.
  var end: ExitCode {
    ExitCode(errors: Array(errors.values), done: looked - refused, isStopped: false)
  }

  /// Sentences: how many, what is there, what is refused, price, time, disk.
  func text(_ pipeline: Pipeline, folder: String) -> String {
    let count = total ?? looked
    var text = "\(Figures.grouped(count)) item\(count == 1 ? "" : "s")"
    if done > 0 { text += ", \(Figures.grouped(done)) of them done before" }
    if refused > 0 { text += ", \(Figures.grouped(refused)) would fail" }
    if badRows > 0 {
      text += "; \(Figures.grouped(badRows)) "
      text += badRows == 1 ? "row is not an item" : "rows are not items"
    }
    text += ".\n"
    if unshown > 0 {
      text += "\(Figures.grouped(unshown)) more were checked but are not shown.\n"
    }
    if count > looked {
      text +=
        "The first \(Figures.grouped(looked)) items were checked; "
        + "\(Figures.grouped(count - looked)) more were not.\n"
    }
    if isPaying { text += money(pipeline) }
    return text + disk(folder)
  }

  /// How many items nothing is known of: their scenes are elsewhere, or were not looked at.
  private var unseen: Int {
    max(0, (total ?? looked) - seen - bought - (refused > seen ? refused : 0))
  }

  /// Calls, price and time, each as an interval where not every item was looked at.
  private func money(_ pipeline: Pipeline) -> String {
    func interval(_ low: String, _ high: String) -> String {
      low == high ? low : "\(low) to \(high)"
    }
    let range = calls...(calls + unseen * most)
    var text =
      "Swaps to buy: "
      + interval(Figures.grouped(range.lowerBound), Figures.grouped(range.upperBound))
    if bought > 0 { text += " (\(Figures.grouped(bought)) of the items have theirs)" }
    let name = pipeline.calledProviders.first
    let settings = name.flatMap { pipeline.providers[$0]?.values } ?? [:]
    let models =
      name.flatMap(ProviderDescriptor.named).flatMap { try? $0.models(with: settings) } ?? []
    let prices = models.compactMap { $0.profile.price.value }
    if isPriced, let price = prices.max(by: { $0.amount < $1.amount }) {
      var high = cost
      high.credits += Double(unseen * most) * price.amount
      if let currency = price.currency {
        high.money[currency, default: 0] += Double(unseen * most) * (price.money ?? 0)
      }
      let source = models.first { $0.profile.price.value == price }?.profile.price.source
      text += "; price \(interval(Money.text(cost), Money.text(high)))"
      text += source.map { " (\($0))" } ?? ""
    } else {
      text += "; price not known: ask the vendor, or set 'price'"
    }
    if let rate = models.compactMap(\.profile.requestsPerMinute.value).min() {
      let seconds = Double(range.upperBound) / Double(rate) * 60
      text += "; at least \(Figures.time(seconds)) at \(rate) submissions a minute"
    }
    let budget = pipeline.budget
    let limits = [
      budget.run.map { "\(Figures.short($0)) in this folder" },
      budget.day.map { "\(Figures.short($0)) a day" },
      budget.month.map { "\(Figures.short($0)) a month" },
    ].compactMap(\.self)
    if !limits.isEmpty { text += "; budget \(limits.joined(separator: ", "))" }
    return text + ".\n"
  }

  private func disk(_ folder: String) -> String {
    guard seen > 0 else { return "" }
    let wanted = bytes / Int64(seen) * Int64(seen + unseen)
    var text = "Disk: about \(ByteSize(bytes: wanted).rounded) needed"
    var place = folder
    while !FileSystem.exists(place), let slash = place.lastIndex(of: "/"), slash > place.startIndex
    {
      place = String(place[..<slash])
    }
    var space = statvfs()
    if statvfs(place, &space) == 0 {
      let free = Int64(space.f_bavail) * Int64(space.f_frsize)
      text += ", \(ByteSize(bytes: free).rounded) free"
      if wanted > free { text += ": not enough" }
    }
    text += "; local inputs are used where they are"
    return text + ".\n"
  }
}
