import Core
import Ledgers
import Pipelines

/// What a long run shows on a terminal: a few lines that stay readable with thousands of items.
struct LiveView {
  /// How many items there are; nil while nobody knows.
  var total: Int?
  /// How much of a file of items was read, 0 to 1, to tell how many there may be.
  var fraction: Double?
  var budget: Budget
  var stages: [String]

  private(set) var done = 0
  private(set) var failed = 0
  private(set) var reused = 0
  private(set) var credits = 0.0
  private var stageOf: [String: String] = [:]
  private var waiting: Set<String> = []
  private var freshItems: Set<String> = []
  private let start = ContinuousClock.now

  init(total: Int?, budget: Budget, stages: [String]) {
    self.total = total
    self.budget = budget
    self.stages = stages
  }

  /// Takes in what happened.
  mutating func note(_ event: RunEvent) {
    switch event.kind {
    case .itemStarted: break
    case .stageStarted:
      stageOf[event.item] = event.stage
      freshItems.insert(event.item)
    case .progress, .task(_, .paid), .task(_, .recovered): break
    case .task(_, .accepted), .task(_, .resumed): waiting.insert(event.item)
    case .task(_, .gone): waiting.remove(event.item)
    case .stageFinished(_, _, _, _, let charged):
      credits += charged ?? 0
      stageOf[event.item] = nil
      waiting.remove(event.item)
    case .stageReused: break
    case .itemFinished:
      done += 1
      if freshItems.remove(event.item) == nil { reused += 1 }
      forget(event.item)
    case .itemFailed:
      failed += 1
      freshItems.remove(event.item)
      forget(event.item)
    case .recordKept, .runStopping, .runFinished: break
    case .itemStopped:
      freshItems.remove(event.item)
      forget(event.item)
    }
  }

  private mutating func forget(_ item: String) {
    stageOf[item] = nil
    waiting.remove(item)
  }

  /// The lines, none longer than `width`.
  func lines(width: Int, now: ContinuousClock.Instant = .now) -> [String] {
    let seconds = max(0.001, (now - start) / .seconds(1))
    let ended = done + failed
    let whole = total ?? estimate
    var first = "\(Figures.grouped(done))"
    if let whole { first += " of \(total == nil ? "~" : "")\(Figures.grouped(whole))" }
    first += " done"
    if reused > 0 { first += " (\(Figures.grouped(reused)) before)" }
    if failed > 0 { first += ", \(Figures.grouped(failed)) failed" }
    let fresh = Double(ended - reused)
    let rate = fresh / seconds
    if fresh > 0 { first += " · \(Figures.short(rate)) a second" }
    if let whole, rate > 0, whole > ended {
      first += " · \(Figures.time(Double(whole - ended) / rate)) left"
    }
    var counts: [String: Int] = [:]
    for stage in stageOf.values { counts[stage, default: 0] += 1 }
    let running = stages.reduce(into: [String]()) { list, stage in
      guard !list.contains(stage), counts[stage] != nil else { return }
      list.append(stage)
    }
    var second = running.map { "\($0) \(counts[$0] ?? 0)" }.joined(separator: "  ")
    if !waiting.isEmpty { second += "  (\(waiting.count) waiting for the provider)" }
    var lines = [first, second.isEmpty ? "starting" : second]
    if credits > 0 || budget.isLimited {
      var third = "\(Figures.short(credits)) credit\(credits == 1 ? "" : "s")"
      if let limit = budget.run {
        third += " of \(Figures.short(limit))"
        if limit > 0 { third += " (\(Int((credits / limit * 100).rounded())) %)" }
      }
      lines.append(third)
    }
    return lines.map { String($0.prefix(width)) }
  }

  private var estimate: Int? {
    guard let fraction, fraction > 0.000_1 else { return nil }
    let taken = Double(done + failed + stageOf.count)
    return Int((taken / fraction).rounded())
  }
}
