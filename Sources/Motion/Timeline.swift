import Core

/// When the frames of an animation are shown: pure arithmetic on delays.
enum Timeline {
  /// Delays as browsers show them, whatever the format: up to 10 ms counts as 100. Milliseconds.
  static func shown(_ delays: [Int]) -> (delays: [Int], corrected: Int) {
    let shown = delays.map { $0 <= 10 ? 100 : $0 }
    return (shown, zip(delays, shown).count { $0 != $1 })
  }

  /// Delays in units of `unit` microseconds whose every partial sum is the closest to the exact
  /// one, so that nothing drifts; none is shorter than `least` units.
  ///
  /// `exact` are durations in microseconds.
  static func rounded(_ exact: [Int64], unit: Int64, least: Int = 1) -> [Int] {
    var result: [Int] = []
    var (target, done): (Int64, Int64) = (0, 0)
    for duration in exact {
      target += duration
      let end = (target + unit / 2) / unit
      let units = max(Int64(least), end - done)
      result.append(Int(units))
      done += units
    }
    return result
  }

  /// Which frames stay when at most `rate` frames a second may, and how long each is then shown.
  ///
  /// The grid has steps of `1 / rate` seconds. Each step shows the frame that is on at its middle,
  /// so that no frame shifts by more than half a step; steps with the same frame are one. The sum
  /// of the durations stays what it was. Durations in microseconds.
  static func reduced(_ durations: [Int64], rate: Double) -> [(frame: Int, duration: Int64)] {
    let total = durations.reduce(0, +)
    let fastest = durations.min() ?? 0
    guard rate > 0, total > 0, Double(fastest) < 1_000_000 / rate - 0.5 else {
      return durations.enumerated().map { ($0.offset, $0.element) }
    }
    let steps = max(1, Int((Double(total) * rate / 1_000_000).rounded(.down)))
    return grid(durations, total: total, steps: steps)
  }

  /// Which frames stay when at most `count` may, as in `reduced(_:rate:)`.
  static func reduced(_ durations: [Int64], count: Int) -> [(frame: Int, duration: Int64)] {
    guard durations.count > count, count > 0 else {
      return durations.enumerated().map { ($0.offset, $0.element) }
    }
    return grid(durations, total: durations.reduce(0, +), steps: count)
  }

  private static func grid(
    _ durations: [Int64], total: Int64, steps: Int
  ) -> [(frame: Int, duration: Int64)] {
    var kept: [(frame: Int, duration: Int64)] = []
    var (frame, end) = (0, durations[0])
    for step in 0..<steps {
      let from = total * Int64(step) / Int64(steps)
      let to = total * Int64(step + 1) / Int64(steps)
      let middle = (from + to) / 2
      while middle >= end, frame + 1 < durations.count {
        frame += 1
        end += durations[frame]
      }
      if kept.last?.frame == frame {
        kept[kept.count - 1].duration += to - from
      } else {
        kept.append((frame, to - from))
      }
    }
    return kept
  }
}
