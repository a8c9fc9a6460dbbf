import Core
import Foundation
import Processing
import TestSupport
import Testing

@testable import Motion

/// Videos whose files end too early.
@Suite struct CutVideoTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  static let videos = [
    "fast-start.mp4", "fragmented.mp4", "vp9-opus.webm", "two-sounds.mkv", "recorded.webm",
    "av1.mkv",
  ]

  private func cut(_ name: String, to share: Double) throws -> String {
    let whole = try Data(contentsOf: URL(filePath: fixture("moving/" + name)))
    let path = bench.path(name)
    try whole.prefix(Int(Double(whole.count) * share)).write(to: URL(filePath: path))
    return path
  }

  private func check(_ path: String) throws {
    _ = try MotionService().probe(
      ProbeRequest(file: path, decodesFully: true), cancellation: Cancellation())
  }

  @Test(arguments: videos, [0.35, 0.6, 0.93]) func aCutIsTold(_ name: String, _ share: Double)
    throws
  {
    let path = try cut(name, to: share)
    let error = #expect(throws: SwaplineError.self) { try check(path) }
    #expect(error?.code == .damaged)
    let message = error?.message ?? ""
    #expect(message.hasPrefix("\(name) ("))
    #expect(message.contains("is cut off: "))
    #expect(message.contains(" frame"))
    #expect(message.contains(" s)"))
    #expect(error?.hint?.isEmpty == false)
    // Facts can be had, and say it too.
    let media = try MotionService().probe(ProbeRequest(file: path), cancellation: Cancellation())
    #expect(media.remarks?.first?.hasPrefix("cut off: ") == true)
  }

  @Test(
    arguments: videos + ["h264-aac.mp4", "silent.mov", "hevc.mp4", "edit-list.mp4", "person.mp4"])
  func whatIsWholePasses(_ name: String) throws {
    try check(fixture("moving/" + name))
    let media = try MotionService().probe(
      ProbeRequest(file: fixture("moving/" + name)), cancellation: Cancellation())
    #expect(media.remarks?.contains { $0.contains("cut off") } != true)
  }

  @Test func whatIsThereAndWhatIsMissingIsCounted() throws {
    let path = try cut("fast-start.mp4", to: 0.6)
    let error = #expect(throws: SwaplineError.self) { try check(path) }
    let pattern = /cut off: (\d+) of 25 frames \((0\.\d+) of 1 s\) are there\./
    let found = try #require(try pattern.firstMatch(in: error?.message ?? ""))
    let frames = try #require(Int(found.1))
    #expect((5..<25).contains(frames))
    #expect(Double(found.2).map { abs($0 - Double(frames) * 0.04) < 0.15 } == true)
  }

  @Test(arguments: [0.3, 0.8]) func withoutItsIndexAFilmCannotBeOpened(_ share: Double) throws {
    let error = #expect(throws: SwaplineError.self) { try check(cut("h264-aac.mp4", to: share)) }
    #expect(error?.code == .damaged)
    #expect(error?.message.contains("its index is missing") == true)
    #expect(error?.message.contains("'mdat'") == true)
  }

  @Test(arguments: ["vp9-opus.webm", "two-sounds.mkv"])
  func aHeaderThatEndsTooEarlyIsTold(_ name: String) throws {
    let error = #expect(throws: SwaplineError.self) { try check(cut(name, to: 0.012)) }
    #expect(error?.code == .damaged)
    #expect(error?.message.contains("the file ends within it, after ") == true)
  }

  /// Only what stands behind the frames is gone: they can all be used.
  @Test func aCutIndexAtTheEndIsARemark() throws {
    let whole = try Data(contentsOf: URL(filePath: fixture("moving/two-sounds.mkv")))
    let cues = try #require(whole.range(of: Data([0x1C, 0x53, 0xBB, 0x6B]), options: .backwards))
    let path = bench.path("tail.mkv")
    try whole.prefix(cues.lowerBound + 8).write(to: URL(filePath: path))
    try check(path)
    let media = try MotionService().probe(ProbeRequest(file: path), cancellation: Cancellation())
    #expect(media.frames == 25)
    #expect(media.remarks == ["the index at the end is cut off; every frame is there"])
  }

  @Test(arguments: videos) func nothingIsMadeOfACutFilmUnsaid(_ name: String) throws {
    let path = try cut(name, to: 0.6)
    let limits = [MediaLimits(maximumSide: 60), MediaLimits(formats: [.mov, .mkv])]
    for limits in limits where limits.maximumSide != nil || name.hasSuffix("mp4") {
      let error = #expect(throws: SwaplineError.self) {
        try MotionService().normalize(
          NormalizeRequest(file: path, output: bench.path("out"), limits: limits),
          cancellation: Cancellation())
      }
      #expect(error?.message.contains("is cut off") == true)
    }
    let error = #expect(throws: SwaplineError.self) { try bench.move(path, to: "moved.gif") }
    #expect(error?.message.contains("is cut off") == true)
    let left = try FileManager.default.contentsOfDirectory(atPath: bench.folder)
    #expect(left == [name])
    // A still of what is there can be had.
    let order = RenditionRequest(output: bench.path("still.png"), format: .png, content: .time(0))
    let made = try MotionService().render(
      RenderRequest(file: path, renditions: [order]), cancellation: Cancellation())
    #expect(made?.count == 1)
  }

  @Test(arguments: ["fast-start.mp4", "hevc.mp4", "silent.mov"])
  func damageInsideIsFound(_ name: String) throws {
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: fixture("moving/" + name))))
    let middle = bytes.count / 2
    for at in middle..<middle + 400 { bytes[at] = UInt8(truncatingIfNeeded: at &* 151) }
    let path = bench.path(name)
    try Data(bytes).write(to: URL(filePath: path))
    let error = #expect(throws: SwaplineError.self) { try check(path) }
    #expect(error?.code == .damaged)
    #expect(error?.message.contains(name) == true)
    #expect(error?.message.hasSuffix(": .") == false)
  }
}
