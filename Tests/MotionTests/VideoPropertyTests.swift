import Core
import Processing
import TestSupport
import Testing

@testable import Motion

/// Whatever the video and whatever the limits: the result meets them, or the error says why not.
@Suite struct VideoPropertyTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  static let files = [
    "h264-aac.mp4", "silent.mov", "hevc.mp4", "hdr.mp4", "vp9-opus.webm", "turned.mp4",
    "variable-rate.mp4", "two-sounds.mkv", "edit-list.mp4", "av1.mkv",
  ]

  @Test(arguments: 0..<40) func limitsAreMetOrRefused(_ seed: Int) throws {
    var dice = SplitMix(seed: UInt64(seed) &+ 100)
    func roll(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &dice) }
    func maybe<Value>(_ value: @autoclosure () -> Value) -> Value? {
      roll(0...1) == 1 ? value() : nil
    }
    let name = Self.files[seed % Self.files.count]
    let file = fixture("moving/" + name)
    let before = try MotionService().probe(ProbeRequest(file: file), cancellation: Cancellation())
    let formats: [[MediaFormat]] = [[.mp4], [.mov], [.mkv], [.mp4, .mov]]
    let limits = MediaLimits(
      formats: maybe(formats[roll(0...3)]),
      maximumSize: maybe(ByteSize(bytes: Int64(roll(3_000...30_000)))),
      maximumSide: maybe(roll(32...200)), maximumPixels: maybe(roll(2_000...30_000)),
      maximumBitDepth: maybe(8), requiresSRGB: roll(0...1) == 1, requiresUpright: roll(0...1) == 1,
      maximumFrames: maybe(roll(5...40)), maximumFrameRate: maybe(Double(roll(5...60))),
      maximumDuration: maybe(.seconds(Double(roll(3...15)) / 10)),
      videoCodecs: maybe(["h264"]), audioCodecs: maybe(["aac"]),
      requiresEvenSides: roll(0...1) == 1, requiresFastStart: roll(0...1) == 1,
      requiresConstantFrameRate: roll(0...1) == 1)
    do {
      let answer = try MotionService().normalize(
        NormalizeRequest(file: file, output: bench.path("out"), limits: limits, trims: true),
        cancellation: Cancellation())
      let made = try #require(answer)
      let media = made.media
      #expect(limits.formats?.contains(media.format) != false)
      #expect(media.size <= limits.maximumSize?.bytes ?? .max)
      #expect(max(media.width, media.height) <= limits.maximumSide ?? .max)
      #expect(media.width * media.height <= limits.maximumPixels ?? .max)
      #expect(media.frames <= limits.maximumFrames ?? .max)
      #expect(media.frameRate ?? 0 <= (limits.maximumFrameRate ?? .infinity) * 1.03)
      let most = limits.maximumDuration?.seconds ?? .infinity
      #expect(media.duration ?? 0 <= most + 0.03, "\(name) \(limits)")
      #expect(limits.videoCodecs?.contains(media.videoCodec ?? "") != false)
      #expect(media.audioCodec.map { limits.audioCodecs?.contains($0) != false } ?? true)
      #expect(media.bitDepth <= limits.maximumBitDepth ?? 16)
      #expect(limits.requiresSRGB != true || !media.isHDR)
      #expect(limits.requiresUpright != true || media.orientation == 1)
      let sides = max(before.width, before.height)
      #expect(max(media.width, media.height) <= sides, "never enlarged")
      #expect(made.changes.isEmpty == (made.file == nil))
      if (before.duration ?? 0) < most {
        #expect(abs((media.duration ?? 0) - (before.duration ?? 0)) < 0.13)
      }
    } catch let error as SwaplineError {
      #expect([.limit, .unsupported].contains(error.code), "\(error)")
      #expect(error.hint?.isEmpty == false)
    }
  }
}
