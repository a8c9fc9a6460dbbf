import Core
import Pipelines
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
    var done = 0
    var failed = 0
    var totals: [String: StageTotal] = [:]
  }

  private struct StageTotal {
    var seconds = 0.0
    var done = 0
    var reused = 0
    var text = ""
  }

  private let terminal: Terminal
  private let style: Style
  private let items: Int
  private let folder: String
  private let stages: [String]
  private let state = Mutex(State())

  /// A run of more items than this is shown an item a line, not a stage a line.
  private static let mostDetailed = 4

  init(_ terminal: Terminal, style: Style, items: Int, folder: String, stages: [String]) {
    self.terminal = terminal
    self.style = style
    self.items = items
    self.folder = folder
    self.stages = stages
  }

  /// A line of its own, whatever is being drawn.
  func say(_ text: String) {
    guard style != .quiet else { return }
    state.withLock { line(text, &$0) }
  }

  /// Why the run stopped by itself.
  func explain(_ reason: SwaplineError) { CommandLineInterface.show(reason, terminal) }

  func observe(_ event: RunEvent) {
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

  private func count(_ event: RunEvent) {
    guard let stage = event.stage else { return }
    state.withLock { state in
      var total = state.totals[stage] ?? StageTotal()
      switch event.kind {
      case .stageFinished(let seconds, let note, let changes):
        total.seconds += seconds
        total.done += 1
        total.text = Self.what(note, changes)
      case .stageReused(let note):
        total.reused += 1
        total.text = note ?? ""
      default: return
      }
      state.totals[stage] = total
    }
  }

  private func show(_ event: RunEvent, _ state: inout State) {
    let isDetailed = items <= Self.mostDetailed
    switch event.kind {
    case .itemStarted, .itemStopped: break
    case .stageStarted where isDetailed: draw("\(event.item)  \(event.stage ?? "") …", &state)
    case .progress(let text) where isDetailed:
      draw("\(event.item)  \(event.stage ?? "") … \(text)", &state)
    case .stageFinished(let seconds, let note, let changes) where isDetailed:
      erase(&state)
      line(
        row(event, Self.clock(seconds), Self.what(note, changes), terminal.paint("ok", .green)),
        &state)
    case .stageReused(let note) where isDetailed:
      line(
        row(event, "", "done before" + (note.map { ": \($0)" } ?? ""), terminal.paint("--", .dim)),
        &state)
    case .stageStarted, .progress, .stageFinished, .stageReused: break
    case .itemFinished(let asset):
      state.done += 1
      if !isDetailed {
        line("\(terminal.paint("ok", .green))  \(asset.id)", &state)
        draw("\(state.done + state.failed) of \(items)", &state)
      }
    case .itemFailed(let error):
      state.failed += 1
      erase(&state)
      CommandLineInterface.show(error, terminal)
    }
  }

  private func row(_ event: RunEvent, _ time: String, _ text: String, _ mark: String) -> String {
    let stage = (event.stage ?? "").padding(to: stages.map(\.count).max() ?? 0)
    let item = items > 1 ? event.item + "  " : ""
    return "\(mark)  \(item)\(stage)  \(time.leading(to: 7))  \(text)"
  }

  /// The closing table and, on standard output, where the files are.
  func finish(_ outcomes: [Runner.Outcome], seconds: Double, isStopped: Bool) {
    state.withLock { erase(&$0) }
    guard style == .text else { return }
    let totals = state.withLock(\.totals)
    var table = TextTable(["stage", "seconds", items > 1 ? "items" : "what changed"])
    for stage in unique(stages) {
      guard let total = totals[stage] else { continue }
      let time = total.done > 0 ? Self.clock(total.seconds) : "-"
      table.add([stage, time, items > 1 ? counts(total) : only(total)])
    }
    terminal.message("\n" + table.text(width: terminal.width) + "\n")
    terminal.message(closing(outcomes, seconds: seconds, isStopped: isStopped))
    for case .finished(let asset, _) in outcomes.prefix(Self.mostDetailed) {
      terminal.result("\(folder)/\(asset.id)\n")
    }
    if outcomes.count > Self.mostDetailed { terminal.result("\(folder)\n") }
  }

  private func closing(
    _ outcomes: [Runner.Outcome], seconds: Double, isStopped: Bool
  ) -> String {
    var (done, reused, failed) = (0, 0, 0)
    for outcome in outcomes {
      switch outcome {
      case .finished(_, let isReused):
        done += 1
        if isReused { reused += 1 }
      case .failed: failed += 1
      case .stopped: break
      }
    }
    var text = "\(done) of \(items) item\(items == 1 ? "" : "s") done in \(Self.clock(seconds)) s"
    if reused > 0 { text += ", \(reused) of them done before: nothing was done or paid again" }
    if failed > 0 { text += ", \(failed) failed" }
    if isStopped { text += "; stopped: the same command goes on from here" }
    return text + ".\n"
  }

  private func only(_ total: StageTotal) -> String {
    total.done == 0 && total.reused > 0 ? "done before: \(total.text)" : total.text
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
    guard terminal.isLive, !state.live.isEmpty else { return }
    terminal.message("\r\u{1B}[2K")
    state.live = ""
  }
}

extension String {
  /// The text moved to the right within `width` characters.
  func leading(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
