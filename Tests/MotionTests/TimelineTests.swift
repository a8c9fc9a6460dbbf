import Core
import Testing

@testable import Motion

@Suite struct TimelineTests {
  @Test(arguments: [
    ([0, 10, 20, 70, 1_000], [100, 100, 20, 70, 1_000], 2),
    ([0, 1, 10, 11], [100, 100, 100, 11], 3), ([40, 40], [40, 40], 0),
  ])
  func delaysAreThoseOfBrowsers(_ stored: [Int], _ shown: [Int], _ corrected: Int) {
    let result = Timeline.shown(stored)
    #expect(result.delays == shown)
    #expect(result.corrected == corrected)
  }

  @Test(arguments: 0..<60)
  func aReducedRateKeepsTheSumAndShiftsNothingFar(_ seed: UInt64) {
    var generator = SplitMix(seed: seed)
    let count = Int.random(in: 1...80, using: &generator)
    let durations = (0..<count).map { _ in
      Int64.random(in: 1...30, using: &generator) * 10_000
    }
    let rate = Double(Int.random(in: 2...30, using: &generator))
    let kept = Timeline.reduced(durations, rate: rate)
    #expect(kept.map(\.duration).reduce(0, +) == durations.reduce(0, +))
    #expect(kept.map(\.frame) == kept.map(\.frame).sorted())
    let step = 1_000_000 / rate
    if kept.count < durations.count {
      #expect(kept.allSatisfy { Double($0.duration) >= step * 0.99 })
    }
    var starts: [Int64] = [0]
    for duration in durations { starts.append((starts.last ?? 0) + duration) }
    var time: Int64 = 0
    for entry in kept {
      // Shown within half a step of when it was on.
      let half = Int64(step / 2 * 1.5) + 1
      #expect(time + half >= starts[entry.frame])
      #expect(time <= starts[entry.frame + 1] + half)
      time += entry.duration
    }
  }

  @Test(arguments: [1, 2, 7, 20])
  func aReducedCountIsMet(_ count: Int) {
    let durations = (0..<50).map { Int64(($0 % 5 + 2) * 10_000) }
    let kept = Timeline.reduced(durations, count: count)
    #expect(kept.count <= count)
    #expect(kept.map(\.duration).reduce(0, +) == durations.reduce(0, +))
  }

  @Test(arguments: 0..<30)
  func roundingNeverDrifts(_ seed: UInt64) {
    var generator = SplitMix(seed: seed)
    let exact = (0..<200).map { _ in Int64.random(in: 21_000...90_000, using: &generator) }
    let units = Timeline.rounded(exact, unit: 10_000, least: 2)
    var (sum, done): (Int64, Int64) = (0, 0)
    for (duration, unit) in zip(exact, units) {
      sum += duration
      done += Int64(unit) * 10_000
      #expect(abs(sum - done) <= 5_000)
    }
  }
}
