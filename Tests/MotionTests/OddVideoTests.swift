import AV
import Core
import Foundation
import Processing
import TestSupport
import Testing

@testable import Motion

/// What videos have that few people think of.
@Suite struct OddVideoTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  private func probe(_ name: String) throws -> Media {
    try MotionService().probe(
      ProbeRequest(file: fixture("moving/" + name)), cancellation: Cancellation())
  }

  private func normalize(
    _ name: String, _ limits: MediaLimits, trims: Bool = false
  ) throws -> NormalizeAnswer {
    try #require(
      try MotionService().normalize(
        NormalizeRequest(
          file: fixture("moving/" + name), output: bench.path("out"), limits: limits,
          trims: trims), cancellation: Cancellation()))
  }

  /// A bar moves over the upper half; rows of black and white stand still in the lower one.
  @Test func interlacedPicturesBecomeWhole() throws {
    let media = try probe("interlaced.mp4")
    #expect(media.remarks == ["interlaced"])
    let frames = try Bench.frames(fixture("moving/interlaced.mp4"))
    #expect(frames.count == media.frames)
    for (number, frame) in frames.enumerated() {
      var torn = 0
      for y in 1..<29 {
        for x in 0..<frame.width {
          let (up, here, down) = (
            Int(frame.color(x, y - 1).0), Int(frame.color(x, y).0), Int(frame.color(x, y + 1).0)
          )
          if abs(up - down) < 40, abs(here - (up + down) / 2) > 80 { torn += 1 }
        }
      }
      #expect(torn < 4, "frame \(number)")
      // What does not move keeps its rows.
      if number > 0 {
        #expect(abs(Int(frame.color(80, 45).0) - Int(frame.color(80, 44).0)) > 180)
      }
    }
    let answer = try normalize("interlaced.mp4", MediaLimits(maximumSide: 90))
    #expect(answer.changes.contains { $0.kind == .scan && $0.from == "interlaced" })
    #expect(answer.media.remarks == nil)
  }

  @Test func fullRangeKeepsBlackAndWhite() throws {
    func expectColors(_ frame: Frame) {
      let white = frame.color(frame.width / 6, frame.height / 2)
      let black = frame.color(frame.width / 2, frame.height / 2)
      let red = frame.color(frame.width * 5 / 6, frame.height / 2)
      #expect(white.0 > 251 && white.1 > 251 && white.2 > 251)
      #expect(black.0 < 4 && black.1 < 4 && black.2 < 4)
      #expect(red.0 > 248 && red.1 < 8 && red.2 < 8)
    }
    for frame in try Bench.frames(fixture("moving/full-range.mp4")) { expectColors(frame) }
    for limits in [MediaLimits(maximumSide: 80), MediaLimits(formats: [.webm])] {
      let file = try #require(try normalize("full-range.mp4", limits).file)
      for frame in try Bench.frames(file) { expectColors(frame) }
    }
    // Equal frames are one.
    let preview = try bench.move(fixture("moving/full-range.mp4"), to: "preview.gif")
    expectColors(try ImagingPixels.read(preview.file))
  }

  @Test func aCoverIsNoFilm() throws {
    let media = try probe("covered.mp4")
    #expect(media.videoCodec == "h264")
    #expect(media.frames == 25)
    #expect(media.remarks == ["also holds 1 cover picture track"])
    let answer = try normalize("covered.mp4", MediaLimits(formats: [.mov]))
    #expect(answer.changes.map(\.kind) == [.container, .tracks])
    #expect(answer.media.remarks == nil)
    #expect(answer.media.frames == 25)
  }

  @Test(arguments: [MediaLimits(formats: [.mp4]), MediaLimits(maximumSide: 80)])
  func subtitlesThatAreLeftOutAreTold(_ limits: MediaLimits) throws {
    #expect(try probe("subtitled.mkv").remarks == ["also holds 1 subtitle track"])
    let answer = try normalize("subtitled.mkv", limits)
    let told = try #require(answer.changes.first { $0.kind == .tracks })
    #expect(told.from == "1 subtitle track")
    #expect(answer.media.hasAudio)
    // What passes byte for byte loses nothing.
    #expect(try normalize("subtitled.mkv", MediaLimits(maximumSide: 160)).changes.isEmpty)
  }

  @Test(
    arguments: [
      (MediaLimits(formats: [.mkv]), false), (MediaLimits(formats: [.mov]), false),
      (MediaLimits(maximumSide: 80), false), (MediaLimits(formats: [.webm]), false),
      (MediaLimits(maximumFrameRate: 10), false),
      (MediaLimits(maximumDuration: .seconds(0.8)), true),
      (MediaLimits(maximumSide: 80, maximumDuration: .seconds(0.8)), true),
    ])
  func soundStaysWithThePictures(_ limits: MediaLimits, _ trims: Bool) throws {
    let remarks = try probe("late-pictures.mp4").remarks
    #expect(remarks == ["the sound starts 0.4 s before the pictures"])
    let answer = try normalize("late-pictures.mp4", limits, trims: trims)
    let input = try InputFile(try #require(answer.file), cancellation: Cancellation())
    let (video, audio) = (try #require(input.video), try #require(input.audio))
    let apart = Double(video.start - audio.start) / 1_000_000
    // On a grid of set steps the first picture is held from the start on.
    let wanted = limits.maximumFrameRate == nil ? 0.4 : 0
    #expect(abs(apart - wanted) < 0.05)
  }

  @Test func aRecordingWithoutALengthIsMeasured() throws {
    let media = try probe("recorded.webm")
    #expect(media.frames == 25)
    #expect(abs((media.duration ?? 0) - 1) < 0.05)
    #expect(abs((media.frameRate ?? 0) - 25) < 1)
    #expect(media.remarks == nil)
    let orders = [0.0, 0.5, 0.9].map { seconds in
      RenditionRequest(
        output: bench.path("\(seconds).png"), format: .png, content: .time(seconds))
    }
    let made = try #require(
      try MotionService().render(
        RenderRequest(file: fixture("moving/recorded.webm"), renditions: orders),
        cancellation: Cancellation()))
    let frames = try Bench.frames(fixture("moving/recorded.webm"))
    for (file, number) in zip(made, [0, 12, 22]) {
      #expect(try ImagingPixels.read(file.file).difference(frames[number]) < 1)
    }
    let answer = try normalize("recorded.webm", MediaLimits(formats: [.mkv]))
    #expect(abs((answer.media.duration ?? 0) - 1) < 0.05)
  }

  /// The size of the first pictures is that of the video.
  @Test func aVideoThatChangesItsSizeKeepsTheFirst() throws {
    let video = fixture("moving/resized.webm")
    let frames = try Bench.frames(video)
    #expect(frames.count == 8)
    #expect(frames.allSatisfy { ($0.width, $0.height) == (96, 64) })
    let answer = try normalize("resized.webm", MediaLimits(formats: [.mp4]))
    let encoded = try #require(
      try normalize("resized.webm", MediaLimits(formats: [.mp4], maximumSide: 60)).file)
    #expect(answer.media.frames == 8)
    #expect(try Bench.frames(encoded).count == 8)
    let filter = CornerPainter()
    let painted = try MotionService().retouch(
      video, to: bench.path("painted.mp4"), format: .mp4, quality: nil, limits: DecodingGuard(),
      filter: filter, cancellation: Cancellation())
    #expect(filter.sides == [[96, 64]])
    #expect(painted?.media.frames == 8)
  }

  @Test func guardsHoldForPicturesThatGrow() throws {
    let error = #expect(throws: SwaplineError.self) {
      try MotionService().probe(
        ProbeRequest(
          file: fixture("moving/h264-aac.mp4"),
          limits: DecodingGuard(maximumPixels: 160 * 120 - 1)), cancellation: Cancellation())
    }
    #expect(error?.code == .limit)
    let wide = bench.path("wide.mp4")
    try Patched.video("h264-aac.mp4", aspect: (2, 1), to: wide)
    let shown = #expect(throws: SwaplineError.self) {
      try MotionService().probe(
        ProbeRequest(file: wide, limits: DecodingGuard(maximumPixels: 160 * 120)),
        cancellation: Cancellation())
    }
    #expect(shown?.code == .limit)
  }

  @Test(
    arguments: [
      ([0, 40, 80, 120], [0, 40, 80, 120]), ([0, 40, 40, 80], [0, 40, 41, 80]),
      ([900, 940, 0, 40], [900, 940, 980, 1_020]), ([0, nil, 80, nil], [0, 40, 80, 120]),
      ([0, 40, 20, 60, 100], [0, 40, 41, 60, 100]), ([0, 5_000, 5_040], [0, 5_000, 5_040]),
      ([0, nil, nil], [0, 40, 80]), ([500, 100, 140], [500, 540, 580]),
    ] as [([Int64?], [Int64])])
  func clocksRise(_ told: [Int64?], _ wanted: [Int64]) {
    var clock = SteadyClock()
    // Milliseconds, for people.
    let found = told.map { clock.start($0.map { $0 * 1_000 }, lasting: 40_000) / 1_000 }
    #expect(found == wanted)
  }
}
