import Core
import Files
import FoundationEssentials
import Ledgers
import Pipelines

/// `run.json`: what a run was to do and what became of it.
public struct RunReport: Sendable, Encodable {
  /// The version of this shape.
  public let version: Int
  /// What was run.
  public let plan: Plan
  /// When the run ended, in ISO 8601.
  public let ended: String
  /// Seconds of wall-clock time, of shards the sum of theirs.
  public let seconds: Double
  /// How many items are done.
  public let done: Int
  /// How many of those an earlier run had done.
  public let reused: Int
  /// How many were not ended because the run was stopped.
  public let stopped: Int
  /// How many failed.
  public let failed: Int
  /// Why, of the first thousand; `failed.jsonl` has all of them.
  public let failures: [SwaplineError]
  /// What this run was charged, in credits and money, as the ledger has it.
  public let charged: Charge
  /// The credits of `charged`.
  public let credits: Double

  /// What was put at hosts and what of it remains; nil where there was nothing.
  public let hosting: HostingTotals?

  /// The name of the run, as its ledger and events have it.
  public let run: String?

  /// The shards that it was merged from; nil for a run that was not divided.
  public let shards: ShardCounts?

  /// The report of a run that took `seconds`.
  public init(
    _ plan: Plan, _ tally: RunTally, seconds: Double, run: String? = nil,
    hosting: HostingTotals? = nil
  ) {
    version = 1
    self.plan = plan
    self.run = run
    self.hosting = hosting
    shards = nil
    ended = Date.now.formatted(.iso8601)
    self.seconds = seconds
    done = tally.done
    reused = tally.reused
    stopped = tally.stopped
    failed = tally.failed
    failures = tally.failures
    charged = tally.charged
    credits = tally.charged.credits
  }

  /// The report of a run whose shards have come to `sums`.
  init(_ plan: Plan, merging sums: ShardSums, charged: Charge, _ shards: ShardCounts) {
    version = 1
    self.plan = plan
    (run, self.shards, hosting) = (sums.runs.sorted().joined(separator: ", "), shards, nil)
    ended = Date.now.formatted(.iso8601)
    (seconds, done, reused, stopped) = (sums.seconds, sums.done, sums.reused, 0)
    (failed, failures, self.charged, credits) = (
      sums.failed, sums.failures, charged, charged.credits
    )
  }
}

extension RunReport {
  /// What the run came to, in a sentence.
  package var sums: String {
    Self.sums(
      done: done, failed: failed, stopped: stopped, charged: charged, seconds: seconds)
      + ((hosting?.isEmpty ?? true) ? "" : " " + (hosting?.text ?? ""))
  }

  fileprivate static func sums(
    done: Int, failed: Int, stopped: Int, charged: Charge, seconds: Double
  ) -> String {
    var sums = "\(Figures.grouped(done)) done, \(Figures.grouped(failed)) failed"
    if stopped > 0 { sums += ", \(Figures.grouped(stopped)) not finished" }
    return sums + "; \(Money.text(charged)) in this run of \(Figures.time(seconds))."
  }

  /// The pipeline's name and what the last run in `folder` came to, from its `run.json`; the folder's name where
  /// there is none, because the run was killed.
  package static func heading(of folder: RunFolder) -> (title: String, sums: String) {
    let name = String(folder.path.split(separator: "/").last ?? "run")
    guard let bytes = try? FileSystem.read("\(folder.path)/\(RunFolder.report)"),
      let json = try? JSONValue(parsing: bytes)
    else { return (name, "The run did not end: this is what it left.") }
    func count(_ key: String) -> Int { json[key]?.int.map { Int($0) } ?? 0 }
    var money: [String: Double] = [:]
    if case .object(let sums)? = json["charged"]?["money"] {
      money = sums.compactMapValues(\.double)
    }
    return (
      json["plan"]?["name"]?.string ?? name,
      sums(
        done: count("done"), failed: count("failed"), stopped: count("stopped"),
        charged: Charge(credits: json["credits"]?.double ?? 0, money: money),
        seconds: json["seconds"]?.double ?? 0)
    )
  }
}
