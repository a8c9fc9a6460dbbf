import Foundation
import Testing

@testable import GIF

@Suite struct GIFFactsTests {
  @Test(arguments: [
    ("canvas-640x480.gif", 640, 480, 2, 0), ("canvas-1920x1080.gif", 1_920, 1_080, 1, 1),
    ("offset.gif", 8, 6, 2, 0), ("no-canvas.gif", 8, 6, 2, 0), ("larger-first.gif", 12, 9, 2, 0),
    ("beyond-first.gif", 12, 9, 2, 0), ("beyond-later.gif", 8, 6, 2, 0),
    ("outside-later.gif", 8, 6, 3, 0), ("loop-none.gif", 8, 6, 2, 1), ("loop-0.gif", 8, 6, 2, 0),
    ("loop-1.gif", 8, 6, 2, 2), ("loop-65535.gif", 8, 6, 2, 65_536),
    ("loop-animexts.gif", 8, 6, 2, 5), ("loop-late.gif", 8, 6, 2, 6),
    ("loop-behind-buffer.gif", 8, 6, 2, 1), ("many-extensions.gif", 8, 6, 2, 0),
    ("zeros-between.gif", 8, 6, 2, 0), ("trailing-bytes.gif", 8, 6, 2, 0),
    ("version-87.gif", 8, 6, 1, 1), ("interlaced-one-row.gif", 8, 1, 1, 0),
  ])
  func canvasFramesAndPlays(
    _ name: String, _ width: Int, _ height: Int, _ frames: Int, _ plays: Int
  ) throws {
    let facts = try GIFFacts(Odd.path(name))
    #expect(facts.width == width && facts.height == height)
    #expect(facts.delays.count == frames)
    #expect(facts.plays == plays)
  }

  @Test(arguments: [
    ("delays.gif", [0, 10, 20, 30, 655_350]), ("no-control.gif", [0, 100]),
    ("many-extensions.gif", [300, 400]), ("plain-text.gif", [100, 100]),
  ])
  func delaysAreThoseStored(_ name: String, _ delays: [Int]) throws {
    #expect(try GIFFacts(Odd.path(name)).delays == delays)
  }

  @Test(arguments: [
    ("clear-leaves.gif", false), ("disposal-0.gif", false), ("disposal-1.gif", false),
    ("disposal-2.gif", true), ("disposal-3.gif", false), ("disposal-4.gif", false),
    ("disposal-7.gif", false), ("restore-first.gif", true), ("offset.gif", true),
    ("offset-still.gif", true), ("clear-holes.gif", true), ("outside-later.gif", true),
    ("no-canvas.gif", false), ("beyond-first.gif", true),
  ])
  func clearPixelsAreForeseen(_ name: String, _ mayBeClear: Bool) throws {
    #expect(try GIFFacts(Odd.path(name)).mayBeClear == mayBeClear)
    // What is foreseen as opaque is.
    let isOpaque = try !Odd.frames(name).joined().joined().contains(".")
    #expect(mayBeClear || isOpaque)
  }

  @Test(arguments: [
    ("cut-in-pixels.gif", "is cut off in frame 3, at byte 157; the 2 frames before it are whole"),
    ("cut-in-place.gif", "is cut off in frame 3, at byte"),
    ("cut-in-control.gif", "is cut off behind frame 2, at byte"),
    ("cut-in-first.gif", "is cut off in frame 1, at byte"),
    ("cut-in-palette.gif", "is cut off in its header, at byte 20"),
    ("cut-before-pixels.gif", "is cut off before its first frame, at byte 56"),
    ("cut-before-block-end.gif", "is cut off in frame 3, at byte"),
  ])
  func whatIsCutOffSaysWhereAndWhatIsThere(_ name: String, _ detail: String) {
    let error = #expect(throws: GIFError.self) { _ = try GIFFacts(Odd.path(name)) }
    #expect(error?.kind == .cutOff)
    #expect(error?.detail.hasPrefix(detail) == true, "\(error?.detail ?? "")")
  }

  @Test(arguments: [
    ("unknown-block.gif", "is damaged behind frame 1: 0x77 at byte"),
    ("bad-code-size.gif", "is damaged in frame 2: its LZW code size is 13"),
  ])
  func whatIsNoBlockIsDamage(_ name: String, _ detail: String) {
    let error = #expect(throws: GIFError.self) { _ = try GIFFacts(Odd.path(name)) }
    #expect(error?.kind == .damaged)
    #expect(error?.detail.hasPrefix(detail) == true, "\(error?.detail ?? "")")
  }

  @Test(arguments: ["no-trailer.gif", "no-trailer-still.gif"])
  func aMissingEndMarkerIsSaid(_ name: String) throws {
    let facts = try GIFFacts(Odd.path(name))
    #expect(facts.remarks == ["no end marker; every frame is there"])
    #expect(facts.delays.count == (name == "no-trailer.gif" ? 3 : 1))
  }

  @Test func framesBeyondTheLimitAreNotRead() throws {
    #expect(try GIFFacts(Odd.path("delays.gif"), limit: 2).delays.count == 3)
  }
}
