import Core
import Files
import Ledgers
import Pipelines
import Runs
import Synchronization

/// Shows a run as it goes: lines when piped, a line that is drawn again on a terminal, JSON for
/// programs.
final class RunPrinter: Sendable {
  enum Style: Sendable {
    /// Text for people.
    case text
    /// Events as JSON on standard output.
    case json
    /// Errors only.
    case quiet

    init(_ arguments: Arguments) {
      self = arguments.has("json") ? .json : arguments.has("quiet") ? .quiet : .text
    }
  }

  private struct State {
    var live = ""
    /// How many lines are drawn and can be erased.
    var drawn = 0
    var drawnAt = ContinuousClock.now
    var view: LiveView
    var totals: [String: StageTotal] = [:]
    var end: RunTotals?
    var isStopping = false
  }

  private struct StageTotal {
    var seconds = 0.0
    var done = 0
    var reused = 0
  }

  private let terminal: Terminal
  private let style: Style
  private let items: Int?
  private let place: OutputPlace
  private let stages: [String]
  private let state: Mutex<State>

  /// A run of more items than this shows counts, not a line for each stage.
  private static let mostDetailed = 4

  /// A printer of a run of `items` items; nil when nobody knows how many there are.
  init(
    _ terminal: Terminal, style: Style, items: Int?, place: OutputPlace, stages: [String],
    budget: Budget
  ) {
    self.terminal = terminal
    self.style = style
    self.items = items
    self.place = place
    self.stages = stages
    state = Mutex(State(view: LiveView(total: items, budget: budget, stages: stages)))
  }

  /// What the run came to, once it has ended.
  var totals: RunTotals? { state.withLock(\.end) }

  private var isDetailed: Bool { items.map { $0 <= Self.mostDetailed } ?? false }

  /// Draws the view anew, for what changes by itself; `fraction` is how much of the items was read.
  func tick(fraction: Double?) {
    guard style == .text, !isDetailed, terminal.isLive else { return }
    state.withLock { state in
      state.view.fraction = fraction
      drawView(&state)
    }
  }

  /// A line of its own, whatever is being drawn.
  func say(_ text: String) {
    guard style != .quiet else { return }
    state.withLock { line(text, &$0) }
  }

  /// Why the run stopped by itself.
  func explain(_ reason: SwaplineError) { CommandLineInterface.show(reason, terminal) }

  func observe(_ event: RunEvent) {
    if case .runFinished(let totals) = event.kind { state.withLock { $0.end = totals } }
    if style != .json, case .runStopping(let waiting, let reason) = event.kind {
      return stopping(waiting, because: reason)
    }
    if style != .json, case .recordKept(let text, let error) = event.kind {
      return state.withLock { state in
        line(
          "The record of a paid swap cannot be written (\(error.message)). It is kept and tried again: "
            + text, &state)
      }
    }
    switch style {
    case .json:
      if let text = try? JSONText.line(event) { terminal.result(text + "\n") }
      if case .itemFailed(let error) = event.kind { CommandLineInterface.show(error, terminal) }
    case .quiet:
      if case .itemFailed(let error) = event.kind { CommandLineInterface.show(error, terminal) }
      count(event)
    case .text:
      count(event)
      state.withLock { show(event, &$0) }
    }
  }

  /// Says that nothing new begins, and what is waited for.
  private func stopping(_ waiting: [RunControl.Awaited], because reason: SwaplineError?) {
    let isFirst = state.withLock { state in
      defer { state.isStopping = true }
      return !state.isStopping
    }
    guard isFirst else { return say("also waiting for " + Self.tasks(waiting)) }
    let isAsked = reason == nil
    var text =
      switch reason?.code {
      case nil: "stopping: "
      case .budget?: "the budget is reached: "
      default: "the run cannot continue: "
      }
    text += "nothing new begins, running work finishes"
    if !waiting.isEmpty { text += "; waiting for " + Self.tasks(waiting) }
    say(text + (isAsked ? "; again to stop at once" : "; Ctrl-C stops at once"))
  }

  /// Tasks in a few words.
  private static func tasks(_ tasks: [RunControl.Awaited]) -> String {
    let names = tasks.prefix(3).map { "\($0.task) (\($0.item))" }.joined(separator: ", ")
    let more = tasks.count > 3 ? ", …" : ""
    let providers = Set(tasks.map(\.provider)).sorted().joined(separator: " and ")
    return "\(tasks.count) task\(tasks.count == 1 ? "" : "s") at \(providers): \(names)\(more)"
  }

  /// The last words of a run that was stopped at once.
  func leave() {
    state.withLock { erase(&$0) }
    guard style != .json else { return }
    var text = "Stopped at once."
    if let totals { text += " \(totals.done) item\(totals.done == 1 ? " is" : "s are") done." }
    terminal.message(text + left + "\n")
  }

  /// What is left with providers when a run ends: the next one asks for it.
  private var left: String {
    guard let totals else { return "" }
    var text = ""
    if !totals.waiting.isEmpty {
      text += " Left with the provider: \(Self.tasks(totals.waiting)). The same command asks for "
      text += totals.waiting.count == 1 ? "it first." : "them first."
    }
    if totals.inDoubt > 0 {
      text += " \(totals.inDoubt) may have been charged without an answer: see 'swapline ledger'."
    }
    return text
  }

  private func count(_ event: RunEvent) {
    guard let stage = event.stage else { return }
    state.withLock { state in
      var total = state.totals[stage] ?? StageTotal()
      switch event.kind {
      case .stageFinished(let seconds, _, _, _, _):
        total.seconds += seconds
        total.done += 1
      case .stageReused: total.reused += 1
      default: return
      }
      state.totals[stage] = total
    }
  }

  private func show(_ event: RunEvent, _ state: inout State) {
    guard !event.item.isEmpty else { return }
    if !isDetailed {
      state.view.note(event)
      if case .itemFailed(let error) = event.kind {
        erase(&state)
        CommandLineInterface.show(error, terminal)
      } else if ContinuousClock.now - state.drawnAt < .milliseconds(100) {
        return
      }
      return drawView(&state)
    }
    switch event.kind {
    case .itemStarted, .itemStopped, .itemFinished, .recordKept, .runStopping, .runFinished: break
    case .stageStarted: draw("\(event.item)  \(event.stage ?? "") …", &state)
    case .progress(let text): draw("\(event.item)  \(event.stage ?? "") … \(text)", &state)
    case .task(let task, let step):
      draw("\(event.item)  \(event.stage ?? "") … task \(task) \(step.words)", &state)
    case .stageFinished(let seconds, let note, let changes, _, _):
      erase(&state)
      line(
        row(event, Self.clock(seconds), Self.what(note, changes), terminal.paint("ok", .green)),
        &state)
    case .stageReused(let note):
      line(
        row(event, "", "done before" + (note.map { ": \($0)" } ?? ""), terminal.paint("--", .dim)),
        &state)
    case .itemFailed(let error):
      erase(&state)
      CommandLineInterface.show(error, terminal)
    }
  }

  /// Draws the lines of a long run where those before stood.
  private func drawView(_ state: inout State) {
    guard terminal.isLive else { return }
    erase(&state)
    // One column is left free: a full line would wrap, and could not be erased.
    let lines = state.view.lines(width: terminal.width - 1)
    terminal.message(lines.map { terminal.paint($0, .dim) }.joined(separator: "\n"))
    state.drawn = lines.count
    state.drawnAt = .now
  }

  private func row(_ event: RunEvent, _ time: String, _ text: String, _ mark: String) -> String {
    let stage = (event.stage ?? "").padding(to: stages.map(\.count).max() ?? 0)
    let item = items == 1 ? "" : event.item + "  "
    let lead = "  \(item)\(stage)  \(time.leading(to: 7))  "
    guard terminal.isLive else { return mark + lead + text }
    // Later lines stand below the first one's text, not below its mark.
    let lines = CommandFacts.wrap(text, lead: "  " + lead, width: terminal.width - 1)
    return mark + lines.dropFirst(2).dropLast()
  }

  /// The closing table and, on standard output, where the files are.
  func finish(_ tally: RunTally, hosting: HostingTotals, seconds: Double, isStopped: Bool) {
    state.withLock { erase(&$0) }
    guard style == .text else { return }
    let totals = state.withLock(\.totals)
    // Of a single item each stage has had its line.
    if items != 1 {
      var table = TextTable(["stage", "seconds", "items"])
      for stage in unique(stages) {
        guard let total = totals[stage] else { continue }
        table.add([stage, total.done > 0 ? Self.clock(total.seconds) : "-", counts(total)])
      }
      terminal.message("\n" + table.text(width: terminal.width) + "\n")
    }
    terminal.message(closing(tally, seconds: seconds, isStopped: isStopped))
    if !hosting.isEmpty { terminal.message(hosting.text.capitalizedFirst + "\n") }
    if tally.done <= Self.mostDetailed {
      for item in tally.first { terminal.result("\(results)/\(item)\n") }
    } else {
      terminal.result("\(results)\n")
    }
  }

  private var results: String { place.remote ?? place.folder }

  private func closing(_ tally: RunTally, seconds: Double, isStopped: Bool) -> String {
    let whole = items ?? tally.done + tally.failed + tally.stopped
    var text =
      "\(tally.done) of \(whole) item\(whole == 1 ? "" : "s") done in \(Self.clock(seconds)) s"
    if tally.reused > 0 {
      text += ", \(tally.reused) of them done before"
    }
    if tally.failed > 0 {
      text += ", \(tally.failed) failed"
      // What failed may have left no row, such as a list that cannot be read on.
      let list = "\(place.folder)/\(FailureList.name)"
      if !isDetailed, FileSystem.exists(list) {
        text += " (\(list) lists them for --items)"
      }
    }
    if tally.charged.credits > 0 { text += ", " + Money.text(tally.charged) }
    if isStopped { text += "; stopped: the same command continues from here" }
    return text + "." + left + "\n"
  }

  private func counts(_ total: StageTotal) -> String {
    total.reused > 0 ? "\(total.done), \(total.reused) done before" : "\(total.done)"
  }

  private func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }

  private static func what(_ note: String?, _ changes: [Change]) -> String {
    let done = changes.filter { $0.kind != .face }.map { change in
      "\(change.role.map { "\($0.rawValue) " } ?? "")\(change.kind.rawValue) \(change.from) → \(change.to)"
    }
    return ([note].compactMap { $0 } + done).joined(separator: "; ")
  }

  private static func clock(_ seconds: Double) -> String {
    let hundredths = Int((seconds * 100).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }

  private func line(_ text: String, _ state: inout State) {
    let live = state.live
    erase(&state)
    terminal.message(text + "\n")
    draw(live, &state)
  }

  private func draw(_ text: String, _ state: inout State) {
    guard terminal.isLive else { return }
    erase(&state)
    state.live = text
    guard !text.isEmpty else { return }
    // One column is left free: a full line would wrap, and could not be erased.
    terminal.message(terminal.paint(String(text.prefix(terminal.width - 1)), .dim))
  }

  private func erase(_ state: inout State) {
    guard terminal.isLive else { return }
    if !state.live.isEmpty { terminal.message("\r\u{1B}[2K") }
    if state.drawn > 0 {
      // Up to the first line, and everything below it away.
      let up = state.drawn > 1 ? "\u{1B}[\(state.drawn - 1)A" : ""
      terminal.message("\r\(up)\u{1B}[J")
    }
    (state.live, state.drawn) = ("", 0)
  }
}

extension String {
  /// The text with a capital letter at its beginning.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }

  /// The text moved to the right within `width` characters.
  func leading(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}

extension RunEvent.TaskStep {
  /// The step in words that go on after the task's name.
  fileprivate var words: String {
    switch self {
    case .accepted: "accepted; waiting"
    case .resumed: "was submitted by an earlier run; waiting"
    case .gone: "is no longer known to the provider"
    case .paid: "was paid for by an earlier run; fetching its result"
    case .recovered: "recovered from an earlier run"
    }
  }
}
