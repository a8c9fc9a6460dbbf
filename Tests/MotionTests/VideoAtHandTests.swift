import AV
import Core
import Files
import Foundation
import Processing
import TestSupport
import Testing

@testable import Motion

/// A video that was measured stays open for whoever reads it next.
@Suite struct VideoAtHandTests {
  private let bench: Bench

  init() throws { bench = try Bench() }

  private func copy(of name: String, to path: String) throws {
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.copyItem(atPath: fixture("moving/" + name), toPath: path)
  }

  private func probe(_ path: String) throws -> Media {
    try MotionService().probe(ProbeRequest(file: path), cancellation: Cancellation())
  }

  @Test func aVideoThatWasMeasuredIsReadFromItsStart() throws {
    let video = bench.path("video.mp4")
    try copy(of: "h264-aac.mp4", to: video)
    let before = try probe(video)
    #expect(try probe(video) == before)
    let frames = try Bench.frames(video).count
    #expect(frames == before.frames)
    // Read twice more, the second time after a reader has used what was at hand.
    _ = try probe(video)
    for _ in 1...2 { #expect(try Bench.frames(video).count == frames) }
  }

  @Test(arguments: ["silent.mov", "hevc.mp4"])
  func aVideoInItsPlaceIsAnotherOne(_ other: String) throws {
    let video = bench.path("video.mp4")
    try copy(of: "h264-aac.mp4", to: video)
    let before = try probe(video)
    try copy(of: other, to: video)
    let after = try probe(video)
    #expect(try probe(fixture("moving/" + other)) == after)
    #expect(after.digest != before.digest)
  }

  @Test func bytesThatChangeInPlaceAreMeasuredAnew() throws {
    let video = bench.path("video.mp4")
    try copy(of: "h264-aac.mp4", to: video)
    let before = try probe(video)
    let handle = try #require(FileHandle(forWritingAtPath: video))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data([0, 0, 0, 9, 0x66, 0x72, 0x65, 0x65, 1]))
    try handle.close()
    let after = try probe(video)
    #expect(after.size == before.size + 9 && after.digest != before.digest)
  }

  @Test func limitsOfTheSecondRequestHold() throws {
    let video = bench.path("video.mp4")
    try copy(of: "h264-aac.mp4", to: video)
    let media = try probe(video)
    let error = #expect(throws: SwaplineError.self) {
      _ = try MotionService().probe(
        ProbeRequest(file: video, limits: DecodingGuard(maximumPixels: media.width)),
        cancellation: Cancellation())
    }
    #expect(error?.code == .limit)
  }

  private func opened(_ video: String) throws -> (InputFile, Media, FileVersion) {
    let version = try #require(FileVersion(of: video))
    return (try InputFile(video, cancellation: Cancellation()), try probe(video), version)
  }

  /// When every change of a file that is written now will show.
  private var later: Int64 { FileSystem.now + 10_000_000_000 }

  @Test func itIsHandedOverOnceAndClosedSoon() async throws {
    let video = bench.path("video.mp4")
    try copy(of: "h264-aac.mp4", to: video)
    let (file, media, version) = try opened(video)
    let atHand = VideoAtHand()
    atHand.keep(file, media, of: version, at: later)
    let (input, facts) = try #require(atHand.take(version))
    #expect(input === file && facts == media && atHand.take(version) == nil)
    atHand.keep(input, media, of: version, at: later, for: 0.05)
    for _ in 0..<2000 {
      guard atHand.take(version) != nil else { return }
      atHand.keep(input, media, of: version, at: later, for: 0.05)
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("It was not let go.")
  }

  @Test func aFileThatWasJustChangedIsNotKept() throws {
    let video = bench.path("video.mp4")
    try copy(of: "h264-aac.mp4", to: video)
    let (file, media, version) = try opened(video)
    let atHand = VideoAtHand()
    atHand.keep(file, media, of: version)
    #expect(atHand.take(version) == nil)
  }

  @Test func anotherFileIsNotHandedOver() throws {
    let names = ["h264-aac.mp4", "silent.mov"]
    let (file, media, version) = try opened(fixture("moving/" + names[0]))
    let atHand = VideoAtHand()
    atHand.keep(file, media, of: version, at: later)
    let other = try #require(FileVersion(of: fixture("moving/" + names[1])))
    #expect(atHand.take(other) == nil && atHand.take(version) == nil)
  }

  @Test func theSecondRequestCanBeStopped() throws {
    let video = bench.path("video.mp4")
    try copy(of: "h264-aac.mp4", to: video)
    _ = try probe(video)
    let cancellation = Cancellation()
    let picture = try #require(
      try MovingPicture(video, limits: DecodingGuard(), cancellation: cancellation))
    let reader = try picture.reader()
    cancellation.cancel()
    #expect(throws: CancellationError.self) { while try reader.next() != nil {} }
  }
}
