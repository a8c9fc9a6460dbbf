import Core
import Foundation
import Processing
import TestSupport
import Testing

@testable import Motion

@Suite struct OddAnimationTests {
  /// What `fixtures/odd/frames.txt` says: the pixels of each frame, four samples each.
  static let expected: [(name: String, frames: [[UInt8]])] = {
    let path = fixture("odd/frames.txt")
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    var colors: [Character: [UInt8]] = [:]
    var files: [(name: String, frames: [[UInt8]])] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ").map(String.init)
      if words[0] == "=", let value = UInt32(words[2], radix: 16) {
        colors[words[1].first ?? " "] = [24, 16, 8, 0].map { UInt8(value >> $0 & 255) }
        continue
      }
      if files.last?.name != words[0] { files.append((words[0], [])) }
      files[files.count - 1].frames.append(
        words.dropFirst().joined().flatMap { colors[$0] ?? [] })
    }
    // Stills are no animations.
    return files.filter { $0.frames.count > 1 }
  }()

  @Test func everyKindIsThere() {
    for ending in [".gif", ".png", ".webp"] {
      #expect(Self.expected.count { $0.name.hasSuffix(ending) } > 4)
    }
  }

  @Test(arguments: expected.indices)
  func framesAreThoseOfBrowsers(_ index: Int) throws {
    let (name, expected) = Self.expected[index]
    let frames = try Bench.frames(fixture("odd/" + name))
    #expect(frames.count == expected.count, "\(name)")
    for (frame, wanted) in zip(frames, expected) {
      #expect(frame.pixels.count == wanted.count, "\(name)")
      for at in stride(from: 0, to: min(wanted.count, frame.pixels.count), by: 4) {
        // A clear pixel has no colour; mixed ones are rounded in several ways.
        if wanted[at + 3] == 0, frame.pixels[at + 3] == 0 { continue }
        let worst = (at..<at + 4).map { abs(Int(wanted[$0]) - Int(frame.pixels[$0])) }.max() ?? 0
        #expect(worst <= 2, "\(name), frame at \(frame.start), pixel \(at / 4)")
      }
    }
  }

  @Test(arguments: [
    ("loop-65535.gif", "a.webp", 65_535, "played 65536 times", "played 65535 times"),
    ("apng-plays.png", "a.gif", 65_536, "played 70000 times", "played 65536 times"),
    ("apng-plays.png", "a.webp", 65_535, "played 70000 times", "played 65535 times"),
  ])
  func playsAreBroughtWithinTheFormat(
    _ file: String, _ name: String, _ plays: Int, _ from: String, _ to: String
  ) throws {
    let bench = try Bench()
    let made = try bench.move(fixture("odd/" + file), to: name)
    #expect(made.media.loops == plays)
    #expect(made.changes.contains { $0.kind == .timing && $0.from == from && $0.to == to })
  }

  @Test(arguments: [("loop-65535.gif", "a.png", 65_536), ("webp-loops.webp", "a.gif", 65_535)])
  func playsThatFitAreKept(_ file: String, _ name: String, _ plays: Int) throws {
    let bench = try Bench()
    let made = try bench.move(fixture("odd/" + file), to: name)
    #expect(made.media.loops == plays)
    #expect(!made.changes.contains { $0.kind == .timing })
  }

  @Test func normalizingBringsPlaysWithinTheFormat() throws {
    let bench = try Bench()
    let answer = try #require(
      try MotionService().normalize(
        NormalizeRequest(
          file: fixture("odd/loop-65535.gif"), output: bench.path("a"),
          limits: MediaLimits(formats: [.webp])), cancellation: Cancellation()))
    #expect(answer.media.loops == 65_535)
    #expect(answer.changes.contains { $0.to == "played 65535 times" })
  }

  @Test(arguments: [
    ("delays.gif", [100, 100, 20, 30, 655_350], 2),
    ("apng-delays.png", [100, 100, 100, 11, 50, 333, 60_000], 3),
    ("webp-delays.webp", [100, 100, 100, 11, 33, 70_000], 3),
  ])
  func shortDelaysAreShownAsBrowsersDo(
    _ file: String, _ delays: [Int], _ corrected: Int
  ) throws {
    let bench = try Bench()
    for name in ["a.webp", "a.png"] {
      let made = try bench.move(fixture("odd/" + file), to: name)
      #expect(made.media.delays == delays, "\(name)")
      #expect(
        made.changes.filter { $0.kind == .timing }.map(\.from) == [
          "\(corrected) delays of 10 ms or less"
        ])
    }
  }

  @Test func everyFrameOfShortDelaysIsKeptInGIF() throws {
    let bench = try Bench()
    let made = try bench.move(fixture("odd/webp-delays.webp"), to: "a.gif")
    // The fourth is shown for 11 ms, less than a GIF can, and goes on into the fifth.
    #expect(made.media.delays == [100, 100, 100, 40, 70_000])
    #expect(made.changes.contains { $0.kind == .frames && $0.to == "5 frames" })
  }

  @Test func aDelayThatIsTooLongForGIFIsKept() throws {
    let bench = try Bench()
    // A picture for 2000 seconds, another for 655.36: one hundredth too many.
    let output = bench.path("a.gif")
    let writer = try GIFWriter(output, loops: 0, hasAlpha: false)
    for (start, duration, shade) in [(0, 2_000_000_000, 1), (2_000_000_000, 655_360_000, 200)] {
      let frame = Frame(width: 4, height: 4, start: Int64(start), duration: Int64(duration))
      for at in 0..<16 {
        frame.pixels.storeBytes(
          of: UInt32(0xFF00_0000 | shade), toByteOffset: at * 4, as: UInt32.self)
      }
      try writer.add(frame)
    }
    try writer.finish()
    let media = try MotionService.facts(ofOwn: output, cancellation: Cancellation())
    #expect(media.delays == [655_350, 655_350, 655_350, 33_950, 655_340, 20])
    #expect(writer.changes(of: 2).map(\.to) == ["the same frame 4 times more"])
    let frames = try Bench.frames(output)
    #expect(frames.map { $0.pixels[0] } == [1, 1, 1, 1, 200, 200])
  }

  @Test(arguments: [
    (11_000, 11), (65_535_000, 65_535), (655_340_000, 655_340), (7_000_000_000, 7_000_000),
  ])
  func longDelaysOfAPNGAreKept(_ duration: Int64, _ milliseconds: Int) throws {
    let bench = try Bench()
    let output = bench.path("a.png")
    let writer = try PNGWriter(output, loops: 0, frames: 2, hasAlpha: true)
    for number in 0..<2 {
      try writer.add(
        Frame(width: 4, height: 4, start: Int64(number) * duration, duration: duration).cleared())
    }
    try writer.finish()
    let media = try MotionService.facts(ofOwn: output, cancellation: Cancellation())
    #expect(media.delays == [milliseconds, milliseconds])
  }

  @Test func whatIsClearedIsFlattenedInFilmsAndSaid() throws {
    let bench = try Bench()
    for file in ["offset.gif", "disposal-2.gif", "apng-rgb-cleared.png"] {
      let made = try bench.move(fixture("odd/" + file), to: "\(file).mp4", side: nil)
      #expect(made.changes.contains { $0.kind == .alpha }, "\(file)")
    }
    // A place that only leaves what is there is no transparency.
    let made = try bench.move(fixture("odd/clear-leaves.gif"), to: "b.mp4")
    #expect(!made.changes.contains { $0.kind == .alpha })
  }

  @Test func damageWhileFramesAreReadLeavesNoFile() throws {
    let bench = try Bench()
    let error = try #require(throws: SwaplineError.self) {
      try bench.move(fixture("odd/bad-code.gif"), to: "a.webp")
    }
    #expect(error.code == .damaged)
    #expect(error.message.contains("damaged in frame 2"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: bench.folder).isEmpty)
  }

  @Test func stoppingReachesTheReader() throws {
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: CancellationError.self) {
      _ = try MotionService().render(
        RenderRequest(
          file: fixture("odd/offset.gif"),
          renditions: [
            RenditionRequest(output: "/tmp/none.webp", format: .webp, content: .moving)
          ]), cancellation: cancellation)
    }
  }
}
