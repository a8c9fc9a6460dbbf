import Core
import Motion
import Processing
import TestSupport
import Testing

@testable import Motion

/// Animations from one format to the others and back.
@Suite struct RoundTripTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  static let sources = [
    "moving/disposals.gif", "moving/interlaced.gif", "moving/delays.gif", "formats/animated.gif",
    "moving/animated.png", "moving/animated.webp",
  ]

  @Test(arguments: sources, ["gif", "png", "webp"])
  func framesDelaysAndLoopsSurvive(_ source: String, _ format: String) throws {
    let file = fixture(source)
    let before = try Bench.frames(file)
    let made = try bench.move(file, to: "out." + format)
    #expect(made.media.kind == .animation)
    #expect((made.media.width, made.media.height) == (before[0].width, before[0].height))
    let after = try Bench.frames(made.file)
    #expect(after.map(\.start) == before.map(\.start), "in microseconds")
    #expect(after.map(\.duration) == before.map(\.duration))
    let loops = try Bench.withPicture(file) { try $0.reader().loops }
    #expect(made.media.loops == loops)
    // What fits into 255 colours comes through a GIF exactly, and everything through a PNG.
    let isExact = format == "png" || (format == "gif" && source.hasSuffix("gif"))
    for (a, b) in zip(before, after) { #expect(a.difference(b) <= (isExact ? 0 : 16)) }
  }

  @Test func equalNeighboursAreMerged() throws {
    let made = try bench.move(fixture("moving/repeated.gif"), to: "out.gif")
    #expect(made.media.frames == 4)
    #expect(made.media.delays == [120, 60, 120, 60])
    #expect(
      made.changes.contains {
        $0.kind == .frames && $0.from == "6 frames" && $0.to == "4 frames"
      })
  }

  @Test func browsersDelaysAreWrittenDown() throws {
    let made = try bench.move(fixture("moving/delays.gif"), to: "out.gif")
    #expect(made.media.delays == [100, 100, 20, 70, 1_000])
    #expect(made.changes.contains { $0.kind == .timing && $0.from.hasPrefix("2 delays") })
  }

  @Test(arguments: ["gif", "webp", "png"])
  func transparencySurvives(_ format: String) throws {
    let path = bench.path("in.png")
    let writer = try PNGWriter(path, loops: 2, frames: 3, hasAlpha: true)
    for index in 0..<3 {
      try writer.add(
        Frame(40, 30, at: Int64(index) * 80_000, for: 80_000) { x, _ in
          x / 10 == index ? (220, 40, 60, 255) : (0, 0, 0, 0)
        })
    }
    try writer.finish()
    let made = try bench.move(path, to: "out." + format)
    #expect(made.media.hasAlpha)
    let frames = try Bench.frames(made.file)
    #expect(frames.count == 3)
    for (index, frame) in frames.enumerated() {
      for column in 0..<4 {
        let at = (15 * 40 + column * 10 + 5) * 4
        #expect(frame.pixels[at + 3] == (column == index ? 255 : 0), "frame \(index)")
      }
    }
  }

  /// Opaque and clear frames in turn, over the borders of windows.
  @Test(arguments: [[30, 30], [3, 40, 10], [25, 25, 25], [1, 1, 60]])
  func holesComeAndGo(_ runs: [Int]) throws {
    let path = bench.path("holes.gif")
    let writer = try GIFWriter(path, loops: 0, hasAlpha: true)
    var frames: [Frame] = []
    for (number, length) in runs.enumerated() {
      for _ in 0..<length {
        let index = frames.count
        frames.append(
          Frame(24, 16, at: Int64(index) * 50_000, for: 50_000) { x, y in
            let isHole = number % 2 == 1 && (x + index) % 8 < 3
            return isHole
              ? (0, 0, 0, 0) : ((x + index) % 12 < 6 ? 200 : 40, UInt8(y / 4 * 60), 90, 255)
          })
      }
    }
    for frame in frames { try writer.add(frame) }
    try writer.finish()
    let read = try Bench.frames(path)
    #expect(read.count == frames.count)
    for (index, (wanted, found)) in zip(frames, read).enumerated() {
      for at in stride(from: 3, to: wanted.pixels.count, by: 4) {
        guard wanted.pixels[at] != found.pixels[at] else { continue }
        Issue.record("frame \(index): opacity differs")
        break
      }
      #expect(wanted.difference(found) == 0, "frame \(index)")
    }
  }

  @Test(arguments: [("h264-aac.mp4", "gif"), ("vp9-opus.webm", "webp"), ("turned.mp4", "gif")])
  func videosBecomeAnimations(_ source: String, _ format: String) throws {
    let file = fixture("moving/" + source)
    let made = try bench.move(file, to: "out." + format, side: 80)
    #expect(max(made.media.width, made.media.height) == 80)
    #expect(abs((made.media.duration ?? 0) - 1) < 0.06)
    #expect(made.changes.contains { $0.kind == .sound })
    let frames = try Bench.frames(made.file)
    let video = try Bench.frames(file)
    #expect(frames.count == video.count)
    let small = try video[12].scaled(width: frames[12].width, height: frames[12].height)
    #expect(frames[12].difference(small) < 12)
  }

  @Test func manyColoursStayClose() throws {
    let path = bench.path("many.gif")
    let writer = try GIFWriter(path, loops: 0, hasAlpha: false)
    let frames = (0..<60).map { index in
      Frame(96, 64, at: Int64(index) * 40_000, for: 40_000) { x, y in
        (UInt8(x * 2 + index), UInt8(y * 3 + index), UInt8((x + y + index * 2) % 256), 255)
      }
    }
    for frame in frames { try writer.add(frame) }
    try writer.finish()
    let read = try Bench.frames(path)
    #expect(read.count == 60)
    for (a, b) in zip(frames, read) { #expect(a.difference(b) < 7) }
  }

  @Test func aStillFormatIsNoMovingRendition() {
    let error = #expect(throws: SwaplineError.self) {
      try bench.move(fixture("moving/delays.gif"), to: "out.jpg")
    }
    #expect(error?.code == .usage)
  }
}
