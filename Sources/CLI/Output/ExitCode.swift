import Core
import Pipelines
import Runs

/// How the command ends, for scripts: `swapline help exit-codes` shows the table.
enum ExitCode: Int32, Sendable, CaseIterable {
  /// Everything asked for is done.
  case good = 0
  /// It failed.
  case failed = 1
  /// The command line, a setting or a file named there makes no sense.
  case usage = 2
  /// The pipeline has findings of severity error.
  case invalidPipeline = 3
  /// Some items failed, others are done.
  case someFailed = 4
  /// A budget was reached.
  case budget = 5
  /// Something was refused for safety.
  case refused = 6
  /// The provider cannot be reached, or is closed.
  case unavailable = 7
  /// A shard is not done: something outside of it is in the way, or it was stopped.
  case later = 75
  /// Stopped by Ctrl-C or a termination signal; the same command goes on where it stopped.
  case interrupted = 130

  /// What it means, in one sentence.
  var meaning: String {
    switch self {
    case .good: "Everything that was asked for is done."
    case .failed: "It failed."
    case .usage: "Usage: the command line, a setting, or a file named there makes no sense."
    case .invalidPipeline: "The pipeline is invalid."
    case .someFailed: "Some items failed; the others are done."
    case .budget: "A budget was reached; the same command with a larger budget continues."
    case .refused: "Refused for safety."
    case .unavailable: "The provider is unavailable."
    case .later: "A shard is not done yet: give it to a machine again later."
    case .interrupted: "Interrupted; the same command continues where it stopped."
    }
  }

  /// How the command ends after `error` alone.
  init(_ error: SwaplineError) {
    self =
      switch error.code {
      case .usage: .usage
      case .invalidPipeline: .invalidPipeline
      case .forbiddenAddress: .refused
      case .unavailable: .unavailable
      case .budget: .budget
      case .cancelled: .interrupted
      default: .failed
      }
  }

  /// How the command ends after a run.
  init(_ tally: RunTally, isStopped: Bool) {
    self.init(errors: tally.failures, done: tally.done, isStopped: isStopped)
  }

  /// How the command ends after work of which some failed with `errors` while `done` was finished.
  init(errors: [SwaplineError], done: Int, isStopped: Bool) {
    if isStopped {
      self = .interrupted
    } else if errors.isEmpty {
      self = .good
    } else if done > 0 {
      self = .someFailed
    } else {
      let codes = Set(errors.map { ExitCode($0) })
      // Everything failed for the same reason: that reason is the whole's.
      self = codes.count == 1 ? codes.first ?? .failed : .failed
    }
  }
}
