import Core
import Foundation
import Imaging
import Processing
import TestSupport
import Testing

@testable import Motion

/// Videos that are partly clear: columns of 24 pixels with opacities of 0, 85, 170 and 255.
@Suite struct VideoAlphaTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  static let videos = ["alpha.webm", "alpha-vp8.webm"]

  /// Opacities in the middle of the columns, above the blue bar.
  private func opacities(_ frame: Frame) -> [Int] {
    (0..<4).map { Int(frame.color((24 * $0 + 12) * frame.width / 96, frame.height / 3).3) }
  }

  private func expectSteps(_ frame: Frame) {
    for (found, wanted) in zip(opacities(frame), [0, 85, 170, 255]) {
      #expect(abs(found - wanted) <= 6)
    }
  }

  @Test(arguments: videos) func facts(_ name: String) throws {
    let media = try MotionService().probe(
      ProbeRequest(file: fixture("moving/" + name)), cancellation: Cancellation())
    #expect(media.hasAlpha)
    #expect(media.frames == 6)
  }

  @Test(arguments: videos, ["webp", "png", "webm"])
  func itIsKeptWhereTheTargetHasIt(_ name: String, _ format: String) throws {
    for side in [nil, 48] {
      let made = try bench.move(fixture("moving/" + name), to: "made." + format, side: side)
      #expect(made.media.hasAlpha)
      #expect(!made.changes.contains { $0.kind == .alpha })
      // Equal frames are one in WebP and GIF, and one frame is a still.
      let isStill = made.media.frames == 1
      let frames = try isStill ? [ImagingPixels.read(made.file)] : Bench.frames(made.file)
      #expect(frames.count == 6 || format != "webm")
      for frame in frames { expectSteps(frame) }
    }
  }

  @Test(arguments: videos, ["mp4", "mkv"])
  func itIsFlattenedOntoTheBackgroundElsewhere(_ name: String, _ format: String) throws {
    let kind = try #require(MediaFormat.named(format))
    let order = RenditionRequest(
      output: bench.path("made." + format), format: kind, width: 90, background: [0, 0, 255],
      content: .moving)
    let made = try #require(
      try MotionService().render(
        RenderRequest(file: fixture("moving/" + name), renditions: [order]),
        cancellation: Cancellation())?.first)
    #expect(!made.media.hasAlpha)
    let told = try #require(made.changes.first { $0.kind == .alpha })
    #expect(told.to.contains("#0000ff"))
    let frame = try #require(Bench.frames(made.file).first)
    // Clear: the background and not the red below it. Opaque: its own green.
    let (red, _, blue, _) = frame.color(10, 20)
    #expect(red < 30 && blue > 220)
    let (_, green, other, _) = frame.color(80, 20)
    #expect(green > 90 && other < 60)
  }

  @Test(arguments: videos) func stillsKeepItOrAreFlattened(_ name: String) throws {
    let orders = [
      RenditionRequest(output: bench.path("still.png"), format: .png, content: .time(0.2)),
      RenditionRequest(
        output: bench.path("still.jpg"), format: .jpg, background: [0, 0, 255],
        content: .time(0.2)),
    ]
    let made = try #require(
      try MotionService().render(
        RenderRequest(file: fixture("moving/" + name), renditions: orders),
        cancellation: Cancellation()))
    expectSteps(try ImagingPixels.read(made[0].file))
    let (red, _, blue, _) = try ImagingPixels.read(made[1].file).color(10, 20)
    #expect(red < 40 && blue > 210)
    #expect(made[1].changes.contains { $0.kind == .alpha })
  }

  @Test(arguments: videos) func limitsThatTakeNoneFlattenIt(_ name: String) throws {
    let answer = try #require(
      try MotionService().normalize(
        NormalizeRequest(
          file: fixture("moving/" + name), output: bench.path("out"),
          limits: MediaLimits(allowsAlpha: false), background: [0, 0, 255]),
        cancellation: Cancellation()))
    #expect(!answer.media.hasAlpha)
    #expect(answer.changes.filter { $0.kind == .alpha }.count == 1)
    let file = try #require(answer.file)
    let (red, _, blue, _) = try #require(Bench.frames(file).first).color(10, 20)
    #expect(red < 30 && blue > 220)
  }

  /// A copy into mp4 would lose the opacity, and show what is clear.
  @Test(arguments: videos) func anotherContainerLosesNothingUnsaid(_ name: String) throws {
    func normalize(_ format: MediaFormat) throws -> NormalizeAnswer {
      try #require(
        try MotionService().normalize(
          NormalizeRequest(
            file: fixture("moving/" + name), output: bench.path("out"),
            limits: MediaLimits(formats: [format])), cancellation: Cancellation()))
    }
    let kept = try normalize(.mkv)
    #expect(kept.changes.map(\.kind) == [.container])
    #expect(kept.media.hasAlpha)
    let keptFile = try #require(kept.file)
    for frame in try Bench.frames(keptFile) { expectSteps(frame) }
    let lost = try normalize(.mp4)
    #expect(lost.changes.contains { $0.kind == .alpha })
    #expect(!lost.media.hasAlpha)
  }

  @Test(arguments: videos) func framesAreTakenApartAndPaintedWithIt(_ name: String) throws {
    let video = fixture("moving/" + name)
    let parts = try MotionService().split(
      ExtractFramesRequest(file: video, output: bench.path("frame")), cancellation: Cancellation())
    expectSteps(try ImagingPixels.read(parts.frames[0].file))
    let joined = try MotionService().join(
      ReplaceFramesRequest(
        original: video, pictures: .stills(parts.frames.map(\.file), order: parts.order),
        output: bench.path("joined.webm"), format: .webm), cancellation: Cancellation())
    #expect(joined.media.hasAlpha)
    for frame in try Bench.frames(joined.file) { expectSteps(frame) }
    let painted = try #require(
      try MotionService().retouch(
        video, to: bench.path("painted.webm"), format: .webm, quality: 90, limits: DecodingGuard(),
        filter: CornerPainter(skips: 2), cancellation: Cancellation()))
    for frame in try Bench.frames(painted.file) { expectSteps(frame) }
  }
}
