import Core
import SQLite
import Synchronization
import TestSupport
import Testing

@testable import Files
@testable import Ledgers

/// A disk that is full or broken at any write of the ledger: no swap is submitted without a record,
/// and nothing that was submitted is lost.
@Suite struct FullDiskTests {
  /// Buys `count` swaps as a stage does, and tells which were submitted.
  private func batch(_ ledger: Ledger, _ count: Int) async -> [String] {
    var submitted: [String] = []
    for number in 0..<count {
      guard
        let entry = try? await ledger.intend(
          Digest(of: "\(number)"), item: "i\(number)", provider: "p", model: "m",
          cost: Ledger.Cost(1))
      else { continue }
      submitted.append("t\(number)")
      try? await ledger.record(entry, .accepted, task: "t\(number)")
      try? await ledger.record(entry, .succeeded, credits: 1, result: facts("\(number)"))
    }
    return submitted
  }

  /// Opens a ledger, off the threads that every test shares: each step of its schema is synced.
  private func open(_ folder: RunFolder, _ faults: WriteFault) async throws -> Ledger {
    try await ThreadPool.disk.run { _ in
      try Ledger(holding: folder, at: nil, budget: Budget(), faults: faults)
    }
  }

  @Test func roomIsSetAsideForEveryEntryThatIsOpenAtOnce() async throws {
    let folder = try TemporaryFolder()
    let runFolder = try RunFolder(folder.path)
    let ledger = try await open(runFolder, .none)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<64 {
        group.addTask {
          _ = try await ledger.intend(
            Digest(of: "\(number)"), item: "i", provider: "p", model: "m")
        }
      }
      try await group.waitForAll()
    }
    let journal = Ledger.Site(of: runFolder, at: nil).journal(in: runFolder)
    #expect(try FileSystem.read(journal, limit: 1 << 30).count >= 64 * 16_384)
  }

  @Test func whatOneLedgerCouldNotTakeIsNotWrittenIntoAnother() async throws {
    let folder = try TemporaryFolder()
    let runFolder = try RunFolder(folder.path)
    let shared = folder.path + "-shared.sqlite"
    defer { for end in ["", "-wal", "-shm"] { FileSystem.remove(shared + end) } }
    func open(_ path: String?, _ faults: WriteFault = .none) async throws -> Ledger {
      try await ThreadPool.disk.run { _ in
        try Ledger(holding: runFolder, at: path, budget: Budget(), faults: faults)
      }
    }
    let key = Digest(of: "a")
    let own = try await open(nil)
    let mine = try await own.intend(key, item: "mine", provider: "p", model: "m")
    try await own.record(mine, .accepted, task: "mine")
    do {
      let ledger = try await open(shared, WriteFault(2...(.max), isBroken: false))
      let number = try await ledger.intend(key, item: "theirs", provider: "p", model: "m")
      #expect(number == mine)
      try await ledger.record(number, .accepted, task: "theirs")
      #expect(!ledger.unwritten.isEmpty)
    }
    #expect(try await open(nil).newest(of: key)?.task == "mine")
    #expect(try await open(shared).newest(of: key)?.task == "theirs")
  }

  @Test(arguments: [false, true], [1, 2, .max])
  func everyWriteOfABatchInTurn(isBroken: Bool, long: Int) async throws {
    var first = 1
    while true {
      let folder = try TemporaryFolder()
      let runFolder = try RunFolder(folder.path)
      let faults = WriteFault(first...(long == .max ? .max : first + long - 1), isBroken: isBroken)
      let told = Mutex<[String]>([])
      let submitted: [String]
      var kept: [String] = []
      do {
        let ledger = try await open(runFolder, faults)
        ledger.whenUnwritten { line, _ in told.withLock { $0.append(line) } }
        submitted = await batch(ledger, 2)
        if long != .max || !isBroken { try await ledger.unwritten.settle() }
        kept = ledger.unwritten.lines
        for line in kept { #expect(told.withLock { $0.contains(line) }) }
      }
      if faults.count < first { break }
      // The next run: the ledger has all of it, or what a broken disk could never take was told.
      let next = try await open(runFolder, .none)
      let entries = try await next.entries()
      #expect(entries.count == submitted.count, "write \(first)")
      if !(isBroken && long == .max) {
        #expect(entries.compactMap(\.task).sorted() == submitted, "write \(first)")
        #expect(entries.allSatisfy { $0.state == .succeeded && $0.result != nil }, "write \(first)")
      } else {
        for task in submitted where !entries.contains(where: { $0.task == task }) {
          #expect(kept.contains { $0.contains("\"\(task)\"") }, "write \(first)")
        }
      }
      first += 1
    }
    // Two swaps make three writes each.
    #expect(first >= 6 || long == .max)
  }

  private func change(_ number: Int64, _ state: Ledger.State) -> LedgerChange {
    LedgerChange(number: number, state: state, task: "t\(number)", updated: 1)
  }

  /// What is called safe is in the journal, also when another change is written at that moment and the
  /// journal emptied.
  @Test func whatIsSafeIsInTheJournal() async throws {
    let folder = try TemporaryFolder()
    let isOver = Atomic(false)
    for _ in 0..<200 {
      let journal = try LedgerJournal(folder.path + "/journal")
      try journal.reserve(entries: 4)
      let unwritten = UnwrittenChanges(journal, faults: .none)
      let full = SwaplineError(.storage, "Full.")
      let write: @Sendable (LedgerChange) async throws -> Void = { change in
        if change.number == 2, !isOver.load(ordering: .relaxed) { throw full }
      }
      async let first: Void = unwritten.keep(change(1, .accepted), because: full, write: write)
      async let second: Void = unwritten.keep(change(2, .accepted), because: full, write: write)
      _ = await (first, second)
      while unwritten.lines.count > 1, !unwritten.lines[0].contains("t2") { await Task.yield() }
      if unwritten.areSafe {
        #expect(try journal.left().contains { $0.number == 2 })
      }
      journal.clear()
    }
    isOver.store(true, ordering: .relaxed)
  }

  /// A line of the journal that outlived its writing takes nothing back.
  @Test func whatIsLeftNeverBeginsAnEndedEntryAgain() async throws {
    let folder = try TemporaryFolder()
    let runFolder = try RunFolder(folder.path)
    let number: Int64
    do {
      let ledger = try await open(runFolder, .none)
      number = try await ledger.intend(
        Digest(of: "a"), item: "a", provider: "p", model: "m", cost: Ledger.Cost(1))
      try await ledger.record(number, .accepted, task: "t")
      try await ledger.record(number, .succeeded, credits: 1, result: facts("a"))
    }
    let journal = try LedgerJournal(runFolder.state + "/ledger.journal")
    try journal.reserve(entries: 1)
    #expect(journal.append(change(number, .accepted)))
    let next = try await open(runFolder, .none)
    let entry = try #require(try await next.entries().first)
    #expect(entry.state == .succeeded && entry.result != nil && entry.task == "t")
  }
}
