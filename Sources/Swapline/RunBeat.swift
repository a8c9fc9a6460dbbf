import Core
import Files
import FoundationEssentials
import Glibc
import Ledgers
import Pipelines
import Runs
import Synchronization

/// Tells others how a run is: in its ledger every few seconds, and at a port of this machine.
final class RunBeat: Sendable {
  private let meter = RunMeter()
  private let name = RandomToken.hex(bytes: 12)
  private let base = Mutex<WorkerReport?>(nil)
  private let ledger = Mutex<Ledger?>(nil)
  private let task = Mutex<Task<Void, Never>?>(nil)
  private let hasTold = Mutex(false)

  /// Counts an event.
  func observe(_ event: RunEvent) { meter.observe(event) }

  /// How the run is now.
  var report: WorkerReport {
    var report =
      base.withLock(\.self)
      ?? WorkerReport(run: "", host: "", process: getpid(), folder: "", budget: Budget())
    meter.fill(&report)
    report.processorSeconds = ProcessorTime.seconds
    return report
  }

  /// Begins to tell, in the ledger of a run that is about to begin. A ledger that is away is told later.
  func begin(
    in ledger: Ledger, folder: RunFolder, shard: String? = nil, rates: [String: Double]
  ) {
    var report = WorkerReport(
      run: ledger.run, shard: shard, host: ProcessInfo.processInfo.hostName, process: getpid(),
      folder: folder.path, budget: ledger.budget)
    report.rates = rates
    base.withLock { $0 = report }
    self.ledger.withLock { $0 = ledger }
    let task = Task { [self] in
      // A short run of this machine alone is over before anybody looks, and need not wait for the disk.
      if !ledger.isShared, (try? await Task.sleep(for: .seconds(1))) == nil { return }
      hasTold.withLock { $0 = true }
      // Who looks at a run that has just begun sees soon that it does something.
      var pause = 2.0
      while !Task.isCancelled {
        try? await ledger.beat(name, self.report)
        try? await Task.sleep(for: .seconds(pause))
        pause = LedgerStatus.beatInterval
      }
    }
    self.task.withLock { $0 = task }
  }

  /// Tells that the run has ended. A ledger that is away is not waited for: its workers are seen to be gone.
  func end() async {
    let beating = task.withLock(\.self)
    beating?.cancel()
    guard hasTold.withLock(\.self), let ledger = ledger.withLock(\.self) else { return }
    let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
    let last = Task { [name, report] in
      await beating?.value
      try? await ledger.beat(name, report, isLast: true)
      continuation.finish()
    }
    let limit = Task {
      try? await Task.sleep(for: .seconds(2))
      continuation.finish()
    }
    for await _ in ends {}
    limit.cancel()
    _ = last
  }
}
