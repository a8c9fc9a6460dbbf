import Core
import Foundation
import Motion
import Processing
import TestSupport
import Testing

@Suite struct VideoTests {
  func probe(_ name: String) throws -> Media {
    try MotionService().probe(
      ProbeRequest(file: fixture("moving/" + name)), cancellation: Cancellation())
  }

  struct Facts: Sendable, CustomTestStringConvertible {
    var name: String
    var format: MediaFormat
    var codec: String
    var audio: String?
    var frames: Int
    var duration: Double
    var orientation = 1
    var depth = 8
    var isHDR = false
    var testDescription: String { name }
  }

  static let facts: [Facts] = [
    Facts(
      name: "h264-aac.mp4", format: .mp4, codec: "h264", audio: "aac", frames: 25, duration: 1),
    Facts(
      name: "fast-start.mp4", format: .mp4, codec: "h264", audio: "aac", frames: 25, duration: 1),
    Facts(name: "silent.mov", format: .mov, codec: "h264", frames: 25, duration: 1),
    Facts(name: "hevc.mp4", format: .mp4, codec: "hevc", frames: 25, duration: 1),
    Facts(
      name: "hdr.mp4", format: .mp4, codec: "hevc", frames: 25, duration: 1, depth: 10,
      isHDR: true),
    Facts(
      name: "vp9-opus.webm", format: .webm, codec: "vp9", audio: "opus", frames: 25, duration: 1),
    Facts(name: "av1.mkv", format: .mkv, codec: "av1", frames: 10, duration: 0.4),
    Facts(
      name: "two-sounds.mkv", format: .mkv, codec: "h264", audio: "mp3", frames: 25, duration: 1),
    Facts(
      name: "turned.mp4", format: .mp4, codec: "h264", audio: "aac", frames: 25, duration: 1,
      orientation: 8),
    Facts(name: "variable-rate.mp4", format: .mp4, codec: "h264", frames: 21, duration: 1),
  ]

  @Test(arguments: facts)
  func factsAreMeasured(_ wanted: Facts) throws {
    let media = try probe(wanted.name)
    #expect(media.kind == .video)
    #expect(media.format == wanted.format)
    #expect((media.width, media.height) == (160, 120))
    #expect(media.videoCodec == wanted.codec)
    #expect(media.audioCodec == wanted.audio)
    #expect(media.hasAudio == (wanted.audio != nil))
    #expect(media.frames == wanted.frames)
    #expect(abs((media.duration ?? 0) - wanted.duration) < 0.06)
    #expect(abs((media.frameRate ?? 0) - Double(wanted.frames) / wanted.duration) < 2)
    #expect(media.orientation == wanted.orientation)
    #expect(media.bitDepth == wanted.depth)
    #expect(media.isHDR == wanted.isHDR)
    #expect(!media.hasAlpha)
    #expect(media.colorModel == .yuv)
    let bytes = try Data(contentsOf: URL(filePath: fixture("moving/" + wanted.name)))
    #expect(media.size == Int64(bytes.count))
    #expect(media.digest == Digest(of: Array(bytes)))
  }

  @Test func aCutFilmIsDamaged() {
    let error = #expect(throws: SwaplineError.self) { try probe("truncated.mp4") }
    #expect(error?.code == .damaged)
    #expect(error?.message.contains("truncated.mp4") == true)
  }

  /// Bytes that are not those of a video lead to an error or to facts, never to a crash.
  @Test(arguments: ["h264-aac.mp4", "vp9-opus.webm", "av1.mkv", "two-sounds.mkv"])
  func damagedHeadersAreErrors(_ name: String) throws {
    let bench = try Bench()
    let whole = try Data(contentsOf: URL(filePath: fixture("moving/" + name)))
    var generator = SplitMix(seed: 7)
    for round in 0..<40 {
      var bytes = whole
      if round.isMultiple(of: 2) {
        bytes = bytes.prefix(Int.random(in: 64..<bytes.count, using: &generator))
      } else {
        for _ in 0..<8 {
          let at = Int.random(in: 16..<bytes.count, using: &generator)
          bytes[at] = UInt8.random(in: .min ... .max, using: &generator)
        }
      }
      let path = bench.path("damaged." + (name.split(separator: ".").last ?? ""))
      try bytes.write(to: URL(filePath: path))
      let request = ProbeRequest(file: path, decodesFully: true)
      do {
        let media = try MotionService().probe(request, cancellation: Cancellation())
        #expect(media.width > 0 && media.height > 0)
      } catch let error as SwaplineError {
        #expect([.damaged, .unsupported, .limit].contains(error.code))
      }
    }
  }

  @Test func guardsHoldBeforeDecoding() {
    let guards = DecodingGuard(maximumPixels: 1_000)
    let error = #expect(throws: SwaplineError.self) {
      try MotionService().probe(
        ProbeRequest(file: fixture("moving/h264-aac.mp4"), limits: guards),
        cancellation: Cancellation())
    }
    #expect(error?.code == .limit)
    #expect(error?.message.contains("160x120") == true)
  }

  @Test func aStoppedProbeStops() {
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: CancellationError.self) {
      try MotionService().probe(
        ProbeRequest(file: fixture("moving/av1.mkv")), cancellation: cancellation)
    }
  }
}

/// Chance that is the same in every run.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
