import Core
import Files
import Pipelines
import Runs
import Swapline

/// One shard of a run, as an engine starts it that retries what fails: done once, told the same each time.
struct ShardWork {
  let shard: Shard
  /// The run's name.
  let run: String
  /// The shard's folder.
  let folder: String
  /// The digest of what is asked for; nil where that cannot be known.
  let asked: Digest?
  let printer: RunPrinter

  /// How the shard ended when it was run before, where nothing is left to do. `again` says that what failed
  /// is to be tried once more.
  func end(again: Bool) -> ExitCode? {
    guard let asked, let record = ShardRecord(in: folder), record.asked == asked,
      !again || record.failed == 0
    else { return nil }
    printer.say(
      "Shard \(shard.text) is done already: \(Figures.grouped(record.done)) done, "
        + "\(Figures.grouped(record.failed)) failed"
        + (record.failed > 0 ? "; to try those again, remove \(folder)/done.json" : ""))
    return record.failed > 0 ? .someFailed : .good
  }

  /// Runs the shard by `body`, which is given the lock of its folder, and gives nil when it was stopped at
  /// once.
  func perform(
    _ control: RunControl, _ reading: ItemReading,
    _ body: (RunLock) async throws -> RunCommand.Ended?
  ) async throws -> ExitCode {
    do {
      let folder = try RunFolder(folder)
      let lock: RunLock
      do {
        lock = try RunLock(folder)
      } catch  where error.code == .usage {
        printer.explain(error)
        return .later
      }
      defer { lock.release() }
      ShardRecord.remove(from: folder)
      guard let ended = try await body(lock) else { return later("it was stopped") }
      return try end(ended, control, reading, in: folder)
    } catch let error as SwaplineError where error.code == .storage {
      // A ledger that is away, a full disk: nothing is wrong with the shard.
      printer.explain(error)
      return .later
    }
  }

  private func end(
    _ ended: RunCommand.Ended, _ control: RunControl, _ reading: ItemReading, in folder: RunFolder
  ) throws -> ExitCode {
    let (summary, tally) = (ended.summary, ended.summary.tally)
    if let reason = control.reason {
      printer.explain(reason)
      return reason.code == .budget ? .budget : later("the run could not go on")
    }
    if let waiting = printer.totals?.waiting.count, waiting > 0 {
      return later("\(waiting) task\(waiting == 1 ? " is" : "s are") still with the provider")
    }
    if !summary.isRecorded || tally.failures.contains(where: { $0.code == .storage }) {
      return later("not everything could be written")
    }
    guard reading.isOver, tally.done + tally.failed == reading.count else {
      return later("it was stopped before its end")
    }
    try ShardRecord(
      shard, of: run, version: SwaplineVersion.text, tally, seconds: summary.seconds, asked: asked
    ).write(in: folder)
    return tally.failed > 0 ? .someFailed : .good
  }

  private func later(_ reason: String) -> ExitCode {
    printer.say("shard \(shard.text) is not done, because \(reason): run it again")
    return .later
  }
}
