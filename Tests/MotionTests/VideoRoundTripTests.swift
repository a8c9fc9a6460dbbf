import Core
import Foundation
import Processing
import Synchronization
import TestSupport
import Testing

@testable import AV
@testable import Motion

/// Animations that become videos and come back, and videos that become other videos.
@Suite struct VideoRoundTripTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  @Test(arguments: RoundTripTests.sources, ["mp4", "mov", "mkv"])
  func anAnimationComesBackWithItsDelays(_ source: String, _ format: String) throws {
    let file = fixture(source)
    let before = try Bench.frames(file)
    let video = try bench.move(file, to: "out." + format)
    #expect(video.media.kind == .video)
    #expect(video.media.videoCodec == "h264")
    #expect(video.media.frames == before.count)
    let back = try bench.move(video.file, to: "back.gif")
    #expect(back.media.frames <= before.count)
    let after = try Bench.frames(back.file)
    // GIFs count hundredths of a second, and show no frame for less than two.
    if source.hasSuffix("gif") {
      #expect(after.map(\.start) == before.map(\.start))
      #expect(after.map(\.duration) == before.map(\.duration))
    }
    let total = before.reduce(0) { $0 + $1.duration }
    #expect(abs(after.reduce(0) { $0 + $1.duration } - total) <= 10_000)
    let first = try before[0].flattened(onto: [255, 255, 255])
      .scaled(width: after[0].width, height: after[0].height)
    #expect(first.difference(after[0]) < 20)
  }

  @Test(arguments: [("webp", 11_000), ("png", 11_000), ("gif", 20_000)])
  func noFrameIsTooShortForBrowsers(_ format: String, _ shortest: Int64) throws {
    let video = bench.path("fast.mov")
    try Patched.faster("silent.mov", by: 5, to: video)
    let before = try Bench.frames(video)
    #expect(before.count == 25)
    #expect(before.allSatisfy { $0.duration < 9_000 })
    let made = try bench.move(video, to: "out." + format)
    let after = try Bench.frames(made.file)
    #expect(after.allSatisfy { $0.duration >= shortest })
    #expect(made.media.frames == after.count)
    #expect(made.changes.contains { $0.kind == .frames })
    let total = before.reduce(0) { $0 + $1.duration }
    #expect(abs(after.reduce(0) { $0 + $1.duration } - total) <= shortest)
  }

  @Test(arguments: ["edit-parts.mov", "edit-list.mp4", "late-pictures.mp4"])
  func aStillOfTheBeginningIsTheFirstFrame(_ video: String) throws {
    let file = fixture("moving/" + video)
    let first = try #require(try Bench.frames(file).first)
    try Bench.withPicture(file) { picture in
      try picture.frames(at: [0]) { _, still in
        let still = try still.made()
        #expect(still.difference(first) == 0)
      }
    }
  }

  @Test func whatAnEditListCutsOffAtTheEndStaysOut() throws {
    let video = bench.path("short.mov")
    try Patched.shortened("silent.mov", to: 400, at: video)
    let before = try Bench.frames(video)
    #expect(before.count == 10)
    let made = try bench.move(video, to: "out.mp4")
    #expect(made.media.videoCodec == "h264")
    let after = try Bench.frames(made.file)
    // Pictures that others are decoded from may stay behind the end.
    #expect((10...12).contains(after.count))
    #expect(zip(before, after).allSatisfy { $0.difference($1) == 0 })
  }

  @Test func transparencyIsFlattenedAndSaid() throws {
    let made = try bench.move(fixture("moving/disposals.gif"), to: "out.mp4")
    #expect(made.changes.contains { $0.kind == .alpha })
    let frames = try Bench.frames(made.file)
    #expect(frames.allSatisfy { $0.isOpaque })
  }

  @Test(arguments: [
    ("h264-aac.mp4", "mkv", nil), ("h264-aac.mp4", "mp4", 80), ("hdr.mp4", "webm", 64),
  ])
  func aVideoBecomesAnother(_ source: String, _ format: String, _ side: Int?) throws {
    let file = fixture("moving/" + source)
    let before = try Bench.frames(file)
    let made = try bench.move(file, to: "out." + format, side: side)
    #expect(made.media.frames == before.count)
    #expect(max(made.media.width, made.media.height) == side ?? 160)
    #expect(made.media.hasAudio == (source == "h264-aac.mp4"))
    #expect(made.media.videoCodec == (format == "webm" ? "vp9" : "h264"))
    let after = try Bench.frames(made.file)
    #expect(zip(before, after).allSatisfy { abs($0.start - $1.start) < 1_001 })
  }

  /// Ten minutes of frames that come when they like, at a constant rate: what is seen at any time is
  /// never off by more than one frame.
  @Test func nothingDriftsInTenMinutes() throws {
    let source = bench.path("wild.mp4")
    let container = try #require(VideoContainer(.mp4))
    let writer = try VideoWriter(
      source, container, frameRate: 5, quality: 90, cancellation: Cancellation())
    var generator = SplitMix(seed: 11)
    var time: Int64 = 0
    var starts: [Int64] = []
    while time < 600_000_000 {
      let duration = Int64.random(in: 40_000...900_000, using: &generator)
      // The second of the frame is its brightness, which is all that is read again.
      let light = UInt8(16 + (time / 1_000_000) % 200)
      try writer.add(Frame(16, 16, at: time, for: duration) { _, _ in (light, light, light, 255) })
      starts.append(time)
      time += duration
    }
    try writer.finish()
    let told = Mutex([Double]())
    let answer = try MediaProgress.$listener.withValue(
      MediaProgress.Listener { share in
        told.withLock { $0.append(share) }
      }
    ) {
      try MotionService(meter: MediaProgress.Meter()).normalize(
        NormalizeRequest(
          file: source, output: bench.path("even"),
          limits: MediaLimits(maximumFrameRate: 4, requiresConstantFrameRate: true)),
        cancellation: Cancellation())
    }
    let shares = told.withLock { $0 }
    #expect(shares == shares.sorted() && shares.allSatisfy { (0...1).contains($0) })
    let made = try #require(answer?.file)
    let frames = try Bench.frames(made)
    let steps = zip(frames, frames.dropFirst()).map { $1.start - $0.start }
    let interval: Int64 = 250_000
    #expect(steps.allSatisfy { abs($0 - interval) < 50 })
    #expect(abs((answer?.media.duration ?? 0) - Double(time) / 1_000_000) < 0.26)
    for frame in frames.dropLast() {
      let middle = frame.start + interval / 2
      let index = (starts.firstIndex { $0 > middle } ?? starts.count) - 1
      let wanted = 16 + Int(starts[index] / 1_000_000) % 200
      #expect(abs(Int(frame.pixels[128 * 4 + 1]) - wanted) <= 3, "at \(frame.start)")
    }
  }

  @Test(
    arguments: [
      (29.97, nil, Rational(30_000, 1_001)), (30, 60, Rational(30, 1)), (30, 50, Rational(25, 1)),
      (30, 31, Rational(30, 1)), (12.5, nil, Rational(12_500, 1_000)),
      (23.976, nil, Rational(24_000, 1_001)), (10, 25, Rational(8_333, 1_000)),
    ] as [(Double, Double?, Rational)])
  func ratesAreWholePartsWhereThatIsNotMuchLess(
    _ most: Double, _ constant: Double?, _ rate: Rational
  ) {
    let found = VideoPlan.rate(most: most, of: constant)
    #expect(found == rate)
  }

  @Test func aCutBetweenTwoPicturesNeverLeavesAHole() throws {
    let video = try Video(
      fixture("moving/h264-aac.mp4"), limits: DecodingGuard(), cancellation: Cancellation())
    let times = try VideoTimes(video)
    let order = times.entries.map(\.start)
    for limit in stride(from: Int64(0), through: 1_100_000, by: 20_000) {
      let (count, end) = times.prefix(within: limit)
      #expect(end <= limit)
      #expect(Set(order.prefix(count)) == Set(order.sorted().prefix(count)))
    }
    #expect(times.prefix(within: 1_000_000).count == 25)
  }
}
