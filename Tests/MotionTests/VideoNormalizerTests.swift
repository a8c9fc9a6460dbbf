import AV
import Core
import Foundation
import Processing
import TestSupport
import Testing

@testable import Motion

@Suite struct VideoNormalizerTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  func normalize(
    _ name: String, _ limits: MediaLimits, trims: Bool = false
  ) throws -> NormalizeAnswer {
    let answer = try MotionService().normalize(
      NormalizeRequest(
        file: fixture("moving/" + name), output: bench.path("out"), limits: limits,
        trims: trims), cancellation: Cancellation())
    return try #require(answer)
  }

  @Test(arguments: [
    ("h264-aac.mp4", MediaLimits()),
    (
      "fast-start.mp4",
      MediaLimits(
        formats: [.mp4], maximumSize: .megabytes(1), maximumSide: 160, maximumBitDepth: 8,
        requiresSRGB: true, requiresUpright: true, maximumFrames: 25, maximumFrameRate: 25,
        maximumDuration: .seconds(2), videoCodecs: ["h264"], audioCodecs: ["aac"],
        requiresEvenSides: true, requiresFastStart: true, requiresConstantFrameRate: true)
    ),
    ("vp9-opus.webm", MediaLimits(formats: [.webm], requiresFastStart: true)),
  ])
  func whatCompliesPassesByteForByte(_ name: String, _ limits: MediaLimits) throws {
    let answer = try normalize(name, limits)
    #expect(answer.file == nil)
    #expect(answer.changes.isEmpty)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var file: String
    var limits: MediaLimits
    var kind: Change.Kind
    var reason: String
    var testDescription: String { "\(file) \(reason)" }
  }

  static let encoded: [Case] = [
    Case(
      file: "h264-aac.mp4", limits: MediaLimits(maximumSide: 80), kind: .size,
      reason: "maximum_side 80"),
    Case(
      file: "h264-aac.mp4", limits: MediaLimits(maximumPixels: 5_000), kind: .size,
      reason: "maximum_pixels 5000"),
    Case(
      file: "h264-aac.mp4", limits: MediaLimits(maximumFrameRate: 10), kind: .timing,
      reason: "maximum_frame_rate 10.0"),
    Case(
      file: "h264-aac.mp4", limits: MediaLimits(maximumFrames: 12), kind: .timing,
      reason: "maximum_frames 12"),
    Case(
      file: "variable-rate.mp4", limits: MediaLimits(requiresConstantFrameRate: true),
      kind: .timing, reason: "constant_frame_rate"),
    Case(
      file: "hevc.mp4", limits: MediaLimits(videoCodecs: ["h264"]), kind: .codec,
      reason: "video_codecs h264"),
    Case(
      file: "vp9-opus.webm", limits: MediaLimits(formats: [.mov]), kind: .codec,
      reason: "mov holds no vp9"),
    Case(
      file: "turned.mp4", limits: MediaLimits(requiresUpright: true), kind: .orientation,
      reason: "upright"),
    Case(
      file: "hdr.mp4", limits: MediaLimits(requiresSRGB: true), kind: .color,
      reason: "srgb"),
    Case(
      file: "hdr.mp4", limits: MediaLimits(maximumBitDepth: 8), kind: .depth,
      reason: "bit_depth 8"),
    Case(
      file: "av1.mkv", limits: MediaLimits(formats: [.webm], maximumSide: 100), kind: .codec,
      reason: "the video is re-encoded"),
  ]

  @Test(arguments: encoded)
  func limitsAreMetAndNothingElseChanges(_ wanted: Case) throws {
    let before = try MotionService().probe(
      ProbeRequest(file: fixture("moving/" + wanted.file)), cancellation: Cancellation())
    let answer = try normalize(wanted.file, wanted.limits)
    let media = answer.media
    let limits = wanted.limits
    #expect(answer.changes.contains { $0.kind == wanted.kind && $0.reason == wanted.reason })
    #expect(limits.formats?.contains(media.format) != false)
    #expect(max(media.width, media.height) <= limits.maximumSide ?? .max)
    #expect(media.width * media.height <= limits.maximumPixels ?? .max)
    #expect(media.frames <= limits.maximumFrames ?? .max)
    #expect((media.frameRate ?? 0) <= (limits.maximumFrameRate ?? .infinity) * 1.001)
    #expect(limits.videoCodecs?.contains(media.videoCodec ?? "") != false)
    #expect(media.orientation == 1)
    #expect(media.bitDepth == 8)
    #expect(!media.isHDR)
    #expect(media.hasAudio == before.hasAudio)
    #expect(abs((media.duration ?? 0) - (before.duration ?? 0)) < 0.045)
    // Every frame that was written can be read.
    let file = try #require(answer.file)
    #expect(try Bench.frames(file).count == media.frames)
  }

  @Test func picturesStayWhereTheyWere() throws {
    let answer = try normalize("h264-aac.mp4", MediaLimits(maximumSide: 120))
    let file = try #require(answer.file)
    let before = try Bench.frames(fixture("moving/h264-aac.mp4"))
    let after = try Bench.frames(file)
    #expect(before.map(\.start) == after.map(\.start))
    for (old, new) in zip(before, after) {
      let small = try old.scaled(width: new.width, height: new.height)
      #expect(small.difference(new) < 8)
    }
  }

  @Test func turningIsTheSameForTheEyeBeforeAndAfter() throws {
    let answer = try normalize("turned.mp4", MediaLimits(requiresUpright: true))
    #expect((answer.media.width, answer.media.height) == (120, 160))
    let made = try #require(answer.file)
    let before = try #require(Bench.frames(fixture("moving/turned.mp4")).first)
    let after = try #require(Bench.frames(made).first)
    #expect(before.difference(after) < 6)
  }

  @Test(arguments: [
    ("silent.mov", MediaLimits(formats: [.mp4])),
    ("h264-aac.mp4", MediaLimits(formats: [.mkv])),
    ("vp9-opus.webm", MediaLimits(formats: [.mp4])),
    ("h264-aac.mp4", MediaLimits(requiresFastStart: true)),
    ("two-sounds.mkv", MediaLimits(formats: [.mov])),
    ("turned.mp4", MediaLimits(formats: [.mov])),
  ])
  func anotherContainerCopiesWhatIsEncoded(_ name: String, _ limits: MediaLimits) throws {
    let answer = try normalize(name, limits)
    let file = try #require(answer.file)
    #expect(answer.changes.map(\.kind) == [.container])
    let source = fixture("moving/" + name)
    let before = try MotionService().probe(
      ProbeRequest(file: source), cancellation: Cancellation())
    #expect(answer.media.frames == before.frames)
    #expect(answer.media.videoCodec == before.videoCodec)
    #expect(answer.media.audioCodec == before.audioCodec)
    #expect(answer.media.orientation == before.orientation)
    #expect(abs((answer.media.duration ?? 0) - (before.duration ?? 0)) < 0.045)
    let frames = try Bench.frames(source)
    let copied = try Bench.frames(file)
    #expect(frames.count == copied.count)
    for (old, new) in zip(frames, copied) {
      #expect(old.difference(new) == 0)
      #expect(abs(old.start - new.start) <= 1_000)
    }
    if limits.requiresFastStart == true { #expect(FastStart.holds(file)) }
  }

  @Test(arguments: [false, true])
  func onlyTheOverlongIsTrimmed(_ encodes: Bool) throws {
    let limits = MediaLimits(
      maximumSide: encodes ? 100 : nil, maximumDuration: .seconds(0.5))
    let error = #expect(throws: SwaplineError.self) { try normalize("h264-aac.mp4", limits) }
    #expect(error?.code == .limit)
    #expect(error?.hint?.contains("trim") == true)
    let answer = try normalize("h264-aac.mp4", limits, trims: true)
    let duration = try #require(answer.media.duration)
    #expect(duration <= 0.501 && duration > 0.3)
    #expect(answer.media.hasAudio)
    #expect(answer.changes.contains { $0.kind == .duration })
    #expect(answer.changes.contains { $0.kind == .size } == encodes)
    let made = try #require(answer.file)
    let frames = try Bench.frames(made)
    let before = try Bench.frames(fixture("moving/h264-aac.mp4"))
    if !encodes {
      for (old, new) in zip(before, frames) { #expect(old.difference(new) == 0) }
    }
  }

  @Test(arguments: [4_000, 7_000])
  func bytesAreMetByWorseThenBySmallerPictures(_ bytes: Int64) throws {
    let limit = ByteSize(bytes: bytes)
    let answer = try normalize("silent.mov", MediaLimits(maximumSize: limit))
    #expect(answer.media.size <= bytes)
    #expect(answer.media.frames == 25)
    #expect(answer.changes.contains { $0.kind == .quality })
  }

  @Test func anEmptyListOfSoundsRemovesThem() throws {
    let answer = try normalize("h264-aac.mp4", MediaLimits(audioCodecs: []))
    #expect(!answer.media.hasAudio)
    #expect(answer.changes.map(\.kind) == [.sound])
    #expect(answer.media.frames == 25)
  }

  @Test func soundIsEncodedWhereItMayNotBeCopied() throws {
    let answer = try normalize("two-sounds.mkv", MediaLimits(audioCodecs: ["aac"]))
    #expect(answer.media.audioCodec == "aac")
    #expect(answer.changes.map(\.kind) == [.sound, .sound])
    #expect(answer.media.videoCodec == "h264")
    let frames = try Bench.frames(fixture("moving/two-sounds.mkv"))
    let made = try #require(answer.file)
    let copied = try Bench.frames(made)
    for (old, new) in zip(frames, copied) { #expect(old.difference(new) == 0) }
  }

  @Test(arguments: [
    (MediaLimits(formats: [.jpg, .gif]), SwaplineError.Code.unsupported, "video"),
    (MediaLimits(kinds: [.image]), .unsupported, "video"),
    (MediaLimits(minimumSide: 200), .limit, "160x120"),
    (MediaLimits(maximumAspect: 1.2), .limit, "an aspect ratio of"),
    (MediaLimits(videoCodecs: ["prores"]), .unsupported, "prores"),
    (MediaLimits(audioCodecs: ["flac"]), .unsupported, "flac"),
    (MediaLimits(maximumSide: 40, minimumSide: 36), .limit, "40x30"),
    (MediaLimits(maximumSize: ByteSize(bytes: 300)), .limit, "300B"),
  ])
  func whatNoChangeCanMendIsAnError(
    _ limits: MediaLimits, _ code: SwaplineError.Code, _ said: String
  ) {
    let error = #expect(throws: SwaplineError.self) { try normalize("h264-aac.mp4", limits) }
    #expect(error?.code == code)
    #expect(error?.message.contains(said) == true)
    #expect(error?.hint?.isEmpty == false)
    #expect((try? FileManager.default.contentsOfDirectory(atPath: bench.folder)) == [])
  }

  /// White of 203 cd/m² and below keeps its order and stays grey; colours do not become others.
  @Test func highDynamicRangeKeepsItsPicture() throws {
    let answer = try normalize("hdr.mp4", MediaLimits(requiresSRGB: true))
    let made = try #require(answer.file)
    let frame = try #require(Bench.frames(made).first)
    let poster = try #require(Bench.frames(fixture("moving/hdr.mp4")).first)
    #expect(frame.difference(poster) < 8)
    let samples = (0..<frame.width * frame.height).map { Int(frame.pixels[$0 * 4 + 1]) }
    #expect(samples.max() ?? 0 > 150)
    #expect(samples.min() ?? 255 < 40)
  }

  @Test(arguments: encoded) func whatIsForeseenIsWhatIsDone(_ wanted: Case) throws {
    let answer = try MotionService().normalize(
      NormalizeRequest(
        file: fixture("moving/" + wanted.file), output: bench.path("out"),
        limits: wanted.limits, isPreview: true), cancellation: Cancellation())
    let foreseen = try #require(answer)
    #expect(foreseen.file == nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.folder).isEmpty)
    #expect(try foreseen.changes == normalize(wanted.file, wanted.limits).changes)
  }

  /// A stop between the last byte and the measuring of what was made leaves nothing either.
  @Test func whatIsMadeWhenTheStopComesDoesNotStay() async throws {
    let cancellation = Cancellation()
    let request = NormalizeRequest(
      file: fixture("moving/h264-aac.mp4"), output: bench.path("out"),
      limits: MediaLimits(formats: [.webm], maximumSide: 150))
    let threads = ThreadPool(name: "cancelled", width: 1)
    let made = bench.path("out.webm")
    let watch = Task.detached {
      while access(made, F_OK) != 0, !Task.isCancelled { usleep(200) }
      cancellation.cancel()
    }
    let work = Task {
      try await threads.run { _ in
        try MotionService().normalize(request, cancellation: cancellation)
      }
    }
    let result = await work.result
    watch.cancel()
    let left = try FileManager.default.contentsOfDirectory(atPath: bench.folder)
    if case .failure(let error) = result {
      #expect(error is CancellationError)
      #expect(left.isEmpty)
    } else {
      #expect(left == ["out.webm"], "it was quicker")
    }
  }

  /// Nothing is still being written when the work has ended, and nothing half-written stays.
  @Test(arguments: [0, 30, 120]) func cancelledWorkLeavesNothing(_ milliseconds: Int) async throws {
    let cancellation = Cancellation()
    let request = NormalizeRequest(
      file: fixture("moving/h264-aac.mp4"), output: bench.path("out"),
      limits: MediaLimits(formats: [.webm], maximumSide: 150))
    let threads = ThreadPool(name: "cancelled", width: 1)
    let work = Task {
      try await threads.run { _ in
        try MotionService().normalize(request, cancellation: cancellation)
      }
    }
    try await Task.sleep(for: .milliseconds(milliseconds))
    cancellation.cancel()
    let result = await work.result
    let left = try FileManager.default.contentsOfDirectory(atPath: bench.folder)
    if case .failure(let error) = result {
      #expect(error is CancellationError)
      #expect(left.isEmpty)
    } else {
      #expect(left == ["out.webm"], "it was quicker")
    }
  }
}
