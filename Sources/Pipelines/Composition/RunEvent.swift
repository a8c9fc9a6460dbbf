import Core
import Ledgers

/// One thing that happened in a run, for people and for programs that watch it.
public struct RunEvent: Sendable {
  /// What happened.
  public enum Kind: Sendable {
    /// The item begins.
    case itemStarted
    /// A stage begins.
    case stageStarted
    /// How far a stage is, in a few words.
    case progress(String)
    /// What became of a task at the provider, by the task's name there.
    case task(String, TaskStep)
    /// A stage ended well. `changes` are those that it made, `note` says what it did; `bytes` is how
    /// much it made or fetched, `credits` what it was charged where the provider says.
    case stageFinished(
      seconds: Double, note: String?, changes: [Change], bytes: Int64, credits: Double?)
    /// A stage had nothing to do: an earlier run's outcome stands.
    case stageReused(note: String?)
    /// The item ended well.
    case itemFinished(Asset)
    /// The item ended badly.
    case itemFailed(SwaplineError)
    /// The item was not ended, because the run was stopped.
    case itemStopped
    /// The record of what became of a submission cannot be written. It is kept, and tried again until
    /// it is; the line holds all of it.
    case recordKept(line: String, SwaplineError)
    /// The run begins nothing new: it was asked to stop, or a reason of its own makes it. The tasks
    /// are those that providers have accepted; they are waited for. Told again, with the one task, when a
    /// provider accepts what was being submitted at that moment.
    case runStopping(waiting: [RunControl.Awaited], reason: SwaplineError?)
    /// The run has ended: the last event of every run that began.
    case runFinished(RunTotals)
  }

  /// How far a task at a provider is.
  public enum TaskStep: String, Sendable, CaseIterable {
    /// The provider has accepted it; it is waited for.
    case accepted
    /// An earlier run submitted it; it is waited for.
    case resumed
    /// The provider does not know it any more.
    case gone
    /// An earlier run paid for it; its result is fetched.
    case paid
    /// An earlier run left it; its result has been fetched before the first item began.
    case recovered
  }

  /// The run, as its ledger has it.
  public let run: String
  /// The item; empty for events of the run as a whole.
  public let item: String
  /// The stage, for events of a stage.
  public let stage: String?
  /// What happened.
  public let kind: Kind

  package init(run: String = "", item: String, stage: String? = nil, kind: Kind) {
    self.run = run
    self.item = item
    self.stage = stage
    self.kind = kind
  }
}

extension RunEvent: Encodable {
  /// The version of the events' JSON shape.
  public static let version = 1

  private enum Key: String, CodingKey {
    case version, run, item, stage, event, task, seconds, note, changes, error, bytes, credits,
      files,
      waiting, totals
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Self.version, forKey: .version)
    try container.encode(run, forKey: .run)
    if !item.isEmpty { try container.encode(item, forKey: .item) }
    try container.encodeIfPresent(stage, forKey: .stage)
    switch kind {
    case .itemStarted: try container.encode("item_started", forKey: .event)
    case .stageStarted: try container.encode("stage_started", forKey: .event)
    case .progress(let text):
      try container.encode("progress", forKey: .event)
      try container.encode(text, forKey: .note)
    case .task(let task, let step):
      try container.encode("task_\(step.rawValue)", forKey: .event)
      try container.encode(task, forKey: .task)
    case .stageFinished(let seconds, let note, let changes, let bytes, let credits):
      try container.encode("stage_finished", forKey: .event)
      try container.encode(seconds, forKey: .seconds)
      try container.encodeIfPresent(note, forKey: .note)
      try container.encode(changes, forKey: .changes)
      try container.encode(bytes, forKey: .bytes)
      try container.encodeIfPresent(credits, forKey: .credits)
    case .stageReused(let note):
      try container.encode("stage_reused", forKey: .event)
      try container.encodeIfPresent(note, forKey: .note)
    case .itemFinished(let asset):
      try container.encode("item_finished", forKey: .event)
      try container.encodeIfPresent(asset.swap?.charged, forKey: .credits)
      try container.encode(asset.renditions.map(\.file), forKey: .files)
    case .itemFailed(let error):
      try container.encode("item_failed", forKey: .event)
      try container.encode(error, forKey: .error)
    case .itemStopped: try container.encode("item_stopped", forKey: .event)
    case .recordKept(let line, let error):
      try container.encode("record_kept", forKey: .event)
      try container.encode(line, forKey: .note)
      try container.encode(error, forKey: .error)
    case .runStopping(let waiting, let reason):
      try container.encode("run_stopping", forKey: .event)
      try container.encode(waiting, forKey: .waiting)
      try container.encodeIfPresent(reason, forKey: .error)
    case .runFinished(let totals):
      try container.encode("run_finished", forKey: .event)
      try container.encode(totals, forKey: .totals)
    }
  }
}

/// What a run came to when it ended.
public struct RunTotals: Sendable, Encodable {
  /// How many items ended well.
  public var done: Int
  /// How many of those an earlier run had done.
  public var reused: Int
  /// How many failed.
  public var failed: Int
  /// How many were not ended, as far as they were looked at.
  public var stopped: Int
  /// What the run was charged.
  public var charged: Charge
  /// Seconds of wall-clock time.
  public var seconds: Double
  /// Tasks that are still with their provider: the next run asks for them first.
  public var waiting: [RunControl.Awaited]
  /// How many submissions may have been charged without an answer.
  public var inDoubt: Int
  /// Why the run ended before its items did; nil when it did not, or was asked to.
  public var reason: SwaplineError?

  package init(
    done: Int, reused: Int, failed: Int, stopped: Int, charged: Charge, seconds: Double,
    waiting: [RunControl.Awaited], inDoubt: Int, reason: SwaplineError?
  ) {
    self.done = done
    self.reused = reused
    self.failed = failed
    self.stopped = stopped
    self.charged = charged
    self.seconds = seconds
    self.waiting = waiting
    self.inDoubt = inDoubt
    self.reason = reason
  }

  enum CodingKeys: String, CodingKey {
    case done, reused, failed, stopped, charged, seconds, waiting, reason
    case inDoubt = "in_doubt"
  }
}
