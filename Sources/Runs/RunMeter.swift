import Core
import Ledgers
import Pipelines
import Synchronization

/// Counts what happens in a run, by its events: for those who watch it from elsewhere.
package final class RunMeter: Sendable {
  fileprivate struct State {
    var items = WorkerReport.Items()
    var swaps = WorkerReport.Swaps()
    var credits = 0.0
    /// Since when the tasks of an item are waited for, and how many.
    var waiting: [String: (since: ContinuousClock.Instant, count: Int)] = [:]
  }

  private let state = Mutex(State())

  /// A meter of a run that has not begun.
  package init() {}

  /// Counts an event.
  package func observe(_ event: RunEvent, at now: ContinuousClock.Instant = .now) {
    state.withLock { state in
      switch event.kind {
      case .itemStarted: state.items.running += 1
      case .task(_, let step):
        guard [.accepted, .resumed].contains(step) else { return }
        if step == .accepted { state.swaps.bought += 1 }
        state.swaps.waiting += 1
        let known = state.waiting[event.item]
        state.waiting[event.item] = (known?.since ?? now, (known?.count ?? 0) + 1)
      case .stageFinished(_, _, _, _, let credits):
        state.endWait(of: event.item, at: now)
        state.credits += credits ?? 0
      case .itemFinished(let asset):
        state.end(event.item, at: now)
        state.items.done += 1
        if asset.swap?.isReused == true { state.swaps.reused += 1 }
      case .itemFailed(let error):
        state.end(event.item, at: now)
        state.items.failed += 1
        if error.code == .ambiguous { state.swaps.ambiguous += 1 }
      case .itemStopped:
        state.end(event.item, at: now)
        state.items.stopped += 1
      case .runFinished(let totals):
        // A row that is no item fails without having been begun; the run's own account is the last word.
        state.items = WorkerReport.Items()
        state.items.done = totals.done
        state.items.reused = totals.reused
        state.items.failed = totals.failed
        state.items.stopped = totals.stopped
        state.credits = totals.charged.credits
      case .stageStarted, .progress, .stageReused, .recordKept, .runStopping: break
      }
    }
  }

  /// Writes what was counted into a report.
  package func fill(_ report: inout WorkerReport, at now: ContinuousClock.Instant = .now) {
    state.withLock { state in
      report.items = state.items
      report.swaps = state.swaps
      report.swaps.waitedSeconds += state.waiting.values.reduce(0) {
        $0 + (now - $1.since) / .seconds(1) * Double($1.count)
      }
      report.credits = state.credits
    }
  }
}

extension RunMeter.State {
  fileprivate mutating func endWait(of item: String, at now: ContinuousClock.Instant) {
    guard let (since, count) = waiting.removeValue(forKey: item) else { return }
    swaps.waiting -= count
    swaps.waitedSeconds += (now - since) / .seconds(1) * Double(count)
  }

  fileprivate mutating func end(_ item: String, at now: ContinuousClock.Instant) {
    endWait(of: item, at: now)
    // A row that is no item fails without having been begun.
    items.running = max(0, items.running - 1)
  }
}
