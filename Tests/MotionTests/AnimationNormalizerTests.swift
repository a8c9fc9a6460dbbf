import Core
import Foundation
import Processing
import TestSupport
import Testing

@testable import Motion

/// Animations within limits.
@Suite struct AnimationNormalizerTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  func normalize(
    _ file: String, _ limits: MediaLimits, trims: Bool = false
  ) throws -> NormalizeAnswer {
    let request = NormalizeRequest(
      file: file, output: bench.path("out"), limits: limits, trims: trims)
    return try #require(try MotionService().normalize(request, cancellation: Cancellation()))
  }

  static let disposals = fixture("moving/disposals.gif")

  @Test(arguments: [
    MediaLimits(), MediaLimits(formats: [.gif, .jpg], maximumSize: .megabytes(1)),
    MediaLimits(maximumSide: 48, maximumFrames: 5, maximumFrameRate: 20),
    MediaLimits(maximumDuration: .seconds(0.5)),
  ])
  func whatCompliesPassesByteForByte(_ limits: MediaLimits) throws {
    let answer = try normalize(Self.disposals, limits)
    #expect(answer.file == nil)
    #expect(answer.changes.isEmpty)
    #expect(answer.media.frames == 5)
  }

  typealias Case = (MediaLimits, Change.Kind, String)

  static let cases: [Case] = [
    (MediaLimits(formats: [.webp]), .format, "formats webp"),
    (MediaLimits(formats: [.mp4]), .format, "formats mp4"),
    (MediaLimits(formats: [.png, .jpg]), .format, "formats png, jpg"),
    (MediaLimits(maximumSide: 24), .size, "maximum_side 24"),
    (MediaLimits(maximumPixels: 400), .size, "maximum_pixels 400"),
    (MediaLimits(maximumFrames: 3), .frames, "maximum_frames 3"),
    (MediaLimits(maximumFrameRate: 8), .frames, "maximum_frame_rate 8.0"),
    (MediaLimits(maximumSize: ByteSize(bytes: 900)), .size, "maximum_size 900B"),
    (MediaLimits(allowsAlpha: false), .alpha, "alpha false"),
  ]

  @Test(arguments: cases)
  func limitsAreMetAndNamed(_ wanted: Case) throws {
    let (limits, kind, reason) = wanted
    let answer = try normalize(Self.disposals, limits)
    #expect(answer.changes.contains { $0.kind == kind && $0.reason == reason })
    let file = try #require(answer.file)
    #expect(file == bench.path("out." + answer.media.format.name))
    check(answer.media, limits)
    // It lasts as long as before.
    let frames = try Bench.frames(file)
    #expect(frames.map(\.duration).reduce(0, +) == 500_000)
    #expect(answer.media.loops == (answer.media.kind == .video ? nil : 4))
    let left = try FileManager.default.contentsOfDirectory(atPath: bench.folder)
    #expect(left.count == 1, "nothing half-made stays")
  }

  func check(_ media: Media, _ limits: MediaLimits) {
    #expect(limits.formats?.contains(media.format) != false)
    #expect(media.size <= limits.maximumSize?.bytes ?? .max)
    #expect(max(media.width, media.height) <= limits.maximumSide ?? .max)
    #expect(media.width * media.height <= limits.maximumPixels ?? .max)
    #expect(media.frames <= limits.maximumFrames ?? .max)
    #expect(media.frameRate ?? 0 <= (limits.maximumFrameRate ?? .infinity) + 0.01)
    #expect(limits.allowsAlpha != false || !media.hasAlpha || media.format == .gif)
  }

  @Test func whatLastsTooLongIsCutOnlyWhenTheUserSaysSo() throws {
    let limits = MediaLimits(maximumDuration: .seconds(0.33))
    let error = #expect(throws: SwaplineError.self) { try normalize(Self.disposals, limits) }
    #expect(error?.code == .limit)
    #expect(error?.hint?.contains("trim") == true)
    let answer = try normalize(Self.disposals, limits, trims: true)
    #expect(answer.media.duration == 0.33)
    #expect(answer.changes.contains { $0.kind == .duration })
  }

  @Test(arguments: [
    (MediaLimits(formats: [.jpg]), SwaplineError.Code.unsupported, "5 frames"),
    (MediaLimits(kinds: [.image, .video]), .unsupported, "animation"),
    (MediaLimits(minimumSide: 64), .limit, "48x32"),
    (MediaLimits(maximumAspect: 1.2), .limit, "an aspect ratio of"),
    (MediaLimits(maximumSide: 24, minimumSide: 20), .limit, "24x16"),
    (MediaLimits(maximumSize: ByteSize(bytes: 30)), .limit, "30B"),
  ])
  func whatCannotBeMendedIsAnError(
    _ limits: MediaLimits, _ code: SwaplineError.Code, _ part: String
  ) throws {
    let error = #expect(throws: SwaplineError.self) { try normalize(Self.disposals, limits) }
    #expect(error?.code == code)
    #expect(error?.message.contains(part) == true)
    #expect(error?.hint?.isEmpty == false)
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.folder).isEmpty)
  }

  @Test(arguments: 0..<16)
  func anyLimitsAreMetByAnyAnimation(_ seed: UInt64) throws {
    var chance = SplitMix(seed: seed)
    let width = Int.random(in: 8...48, using: &chance)
    let height = Int.random(in: 8...48, using: &chance)
    let count = Int.random(in: 2...28, using: &chance)
    let file = bench.path("in.gif")
    let writer = try GIFWriter(file, loops: 0, hasAlpha: false)
    var time: Int64 = 0
    for index in 0..<count {
      let duration = Int64.random(in: 2...20, using: &chance) * 10_000
      try writer.add(
        Frame(width, height, at: time, for: duration) { x, y in
          (UInt8(x / 4 * 20 % 256), UInt8((y / 4 * 30 + index * 8) % 256), 90, 255)
        })
      time += duration
    }
    try writer.finish()
    let limits = MediaLimits(
      formats: [[.gif], [.webp], [.png, .gif], [.webp, .gif]][Int(seed % 4)],
      maximumSide: Int.random(in: 6...100, using: &chance),
      maximumPixels: Int.random(in: 40...9_000, using: &chance),
      maximumFrames: Int.random(in: 1...50, using: &chance),
      maximumFrameRate: Double(Int.random(in: 2...60, using: &chance)))
    let answer = try normalize(file, limits)
    let media = answer.media
    if media.frames > 1 {
      check(media, limits)
      #expect(abs((media.duration ?? 0) - Double(time) / 1_000_000) < 0.0006, "it lasts as long")
    }
    #expect(media.width <= width && media.height <= height, "nothing is enlarged")
  }

  @Test func aStoppedNormalizationStopsAndLeavesNothing() throws {
    let cancellation = Cancellation()
    cancellation.cancel()
    let request = NormalizeRequest(
      file: Self.disposals, output: bench.path("out"), limits: MediaLimits(maximumSide: 20))
    #expect(throws: CancellationError.self) {
      try MotionService().normalize(request, cancellation: cancellation)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.folder).isEmpty)
  }
}
