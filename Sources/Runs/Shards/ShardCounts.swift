import Core
import Ledgers

/// How many of a run's shards are done.
public struct ShardCounts: Sendable, Hashable, Encodable {
  /// How many there are.
  public var count: Int
  /// How many are done.
  public var done: Int
  /// Those that nobody has begun, as `3, 17-20`; empty for none.
  public var missing: String
  /// Those that were begun and are not done.
  public var unfinished: String

  /// The numbers as people write them: `3, 17-20`.
  static func text(_ numbers: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers.sorted() {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    return ranges.map { range in
      range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    }.joined(separator: ", ")
  }
}

/// What shards that are done come to.
struct ShardSums {
  var done = 0
  var reused = 0
  var failed = 0
  var seconds = 0.0
  var charged = Charge()
  /// Why the first ones failed.
  var failures: [SwaplineError] = []
  /// The names of their runs: one, where all is well.
  var runs: Set<String> = []

  mutating func add(_ record: ShardRecord, _ failures: [SwaplineError]) {
    done += record.done
    reused += record.reused
    failed += record.failed
    seconds += record.seconds
    charged.credits += record.charged.credits
    charged.money.merge(record.charged.money, uniquingKeysWith: +)
    self.failures += failures.prefix(RunTally.mostFailures - self.failures.count)
    runs.insert(record.run)
  }
}
