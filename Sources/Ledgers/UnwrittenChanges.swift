import Core
import Files
import SQLite
import Synchronization

/// Changes of entries that the ledger could not take: kept in memory and in what was set aside, told,
/// and tried again until they are written.
package final class UnwrittenChanges: Sendable {
  /// Told of each change that could not be written, and why.
  typealias Listener = @Sendable (LedgerChange, SwaplineError) -> Void

  private struct Kept {
    var id: Int
    var change: LedgerChange
    var isSafe = false
  }

  private struct State {
    var changes: [Kept] = []
    var nextID = 0
    /// How many are being written into the journal: it is not emptied meanwhile, or they would be
    /// called safe and not be there.
    var appending = 0
    var isTrying = false
    /// Whether what is left is the next run's: it is not tried again here, nor the journal emptied.
    var isLeft = false
    var listener: Listener = { _, _ in }
  }

  private let journal: LedgerJournal?
  private let faults: WriteFault
  private let state = Mutex(State())

  init(_ journal: LedgerJournal?, faults: WriteFault) {
    self.journal = journal
    self.faults = faults
  }

  var isEmpty: Bool { state.withLock { $0.changes.isEmpty } }

  /// Whether all of them are on the disk, where the next run finds them.
  var areSafe: Bool { state.withLock { $0.changes.allSatisfy(\.isSafe) } }

  func listen(_ listener: @escaping Listener) { state.withLock { $0.listener = listener } }

  /// The entry with what is not written yet.
  func applied(to entry: Ledger.Entry) -> Ledger.Entry {
    state.withLock { state in
      state.changes.reduce(entry) { entry, kept in
        kept.change.number == entry.number ? kept.change.applied(to: entry) : entry
      }
    }
  }

  /// Keeps a change behind those that wait already, and has `write` try again until all are written.
  func keep(
    _ change: LedgerChange, because error: SwaplineError,
    write: @escaping @Sendable (LedgerChange) async throws -> Void
  ) async {
    let (journal, canWrite) = (journal, !faults.breaksJournal)
    let id = state.withLock { state in
      state.nextID += 1
      state.appending += 1
      state.changes.append(Kept(id: state.nextID, change: change))
      return state.nextID
    }
    // Not the caller's: a cancelled item's task is written down all the same.
    let isSafe = await Task {
      (try? await ThreadPool.disk.run { _ in canWrite && journal?.append(change) == true }) ?? false
    }.value
    let (listener, starts) = state.withLock { state in
      state.appending -= 1
      if let index = state.changes.firstIndex(where: { $0.id == id }) {
        state.changes[index].isSafe = isSafe
      } else if state.changes.isEmpty, state.appending == 0, !state.isLeft {
        // Written in the meantime.
        journal?.clear()
      }
      let starts = !state.isTrying && !state.changes.isEmpty && !state.isLeft
      if starts { state.isTrying = true }
      return (state.listener, starts)
    }
    listener(change, error)
    guard starts else { return }
    // Nobody's child: it goes on when the item that asked is cancelled.
    Task {
      while let next = next {
        do {
          try await write(next)
          drop()
        } catch {
          try? await Task.sleep(for: .milliseconds(250))
        }
      }
    }
  }

  private var next: LedgerChange? {
    state.withLock { state in
      guard !state.isLeft else {
        state.isTrying = false
        return nil
      }
      guard let first = state.changes.first else {
        state.isTrying = false
        if state.appending == 0 { journal?.clear() }
        return nil
      }
      return first.change
    }
  }

  private func drop() { state.withLock { _ = $0.changes.removeFirst() } }

  /// Waits until everything is written, or is on the disk where the next run finds it, having been
  /// tried for a second. Throws `CancellationError` when the calling task is cancelled.
  package func settle() async throws {
    let patience = ContinuousClock.now + .seconds(1)
    while !isEmpty {
      if ContinuousClock.now > patience, leave() { return }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Leaves what is not written to the next run, when all of it is on the disk.
  private func leave() -> Bool {
    state.withLock { state in
      state.isLeft = state.appending == 0 && state.changes.allSatisfy(\.isSafe)
      return state.isLeft
    }
  }

  /// What is not written, as lines to keep by hand.
  var lines: [String] {
    state.withLock { $0.changes.compactMap { try? JSONText.line($0.change) } }
  }
}
