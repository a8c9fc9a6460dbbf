import Core
import Foundation
import Processing
import TestSupport
import Testing

@testable import Imaging

@Suite struct AnimationTests {
  let bench: Workbench

  init() throws {
    bench = try Workbench()
  }

  @Test(arguments: [
    ("canvas-640x480.gif", 640, 480, 2, true, 0), ("disposal-1.gif", 8, 6, 3, false, 0),
    ("loop-65535.gif", 8, 6, 2, false, 65_536), ("apng-parts.png", 8, 6, 2, true, 0),
    ("apng-hidden.png", 8, 6, 2, true, 0), ("apng-rgb.png", 8, 6, 2, false, 0),
    ("apng-rgb-cleared.png", 8, 6, 3, true, 0), ("apng-plays.png", 8, 6, 2, true, 70_000),
    ("webp-loops.webp", 8, 6, 2, false, 65_535), ("webp-trailing-bytes.webp", 8, 6, 3, false, 0),
    ("webp-background.webp", 8, 6, 2, true, 0), ("webp-silent-alpha.webp", 8, 6, 2, true, 0),
    ("webp-opaque.webp", 8, 6, 2, false, 0), ("apng-hidden-small.png", 8, 6, 3, true, 0),
    ("apng-sixteen.png", 8, 6, 2, true, 0),
  ])
  func factsAreThoseOfTheBlocks(
    _ name: String, _ width: Int, _ height: Int, _ frames: Int, _ hasAlpha: Bool, _ loops: Int
  ) throws {
    let media = try bench.probe(fixture("odd/" + name), decodesFully: true)
    #expect(media.kind == .animation)
    #expect(media.width == width && media.height == height && media.frames == frames)
    #expect(media.hasAlpha == hasAlpha)
    #expect(media.loops == loops)
  }

  @Test(arguments: ["apng-one.png", "apng-one-hidden.png", "webp-one.webp", "offset-still.gif"])
  func oneFrameIsAStill(_ name: String) throws {
    let media = try bench.probe(fixture("odd/" + name), decodesFully: true)
    #expect(media.kind == .image && media.frames == 1)
    #expect(media.loops == nil && media.delays == nil)
    #expect(media.width == 8 && media.height == 6)
  }

  @Test(arguments: [
    ("apng-delays.png", [0, 0, 10, 11, 50, 333, 60_000]),
    ("webp-delays.webp", [0, 1, 10, 11, 33, 70_000]),
  ])
  func delaysAreThoseStored(_ name: String, _ delays: [Int]) throws {
    #expect(try bench.probe(fixture("odd/" + name)).delays == delays)
  }

  @Test(arguments: [
    ("cut-in-pixels.gif", "(gif) is cut off in frame 3, at byte 157; the 2 frames before it"),
    ("apng-cut-in-pixels.png", "(png) is cut off at byte"),
    ("apng-cut-in-pixels.png", ": 2 of its 3 frames are whole."),
    ("apng-cut-before-frame.png", ": 2 of its 3 frames are whole."),
    ("apng-cut-in-control.png", ": 2 of its 3 frames are whole."),
    ("apng-cut-in-first.png", ": 0 of its 3 frames are whole."),
    ("apng-no-end.png", ": 3 of its 3 frames are whole."),
    ("apng-missing-frame.png", "is cut off: it announces 3 frames and holds 2."),
    ("apng-missing-data.png", "is cut off: it announces 3 frames and holds 2."),
    ("webp-cut-in-pixels.webp", "bytes are there, in which 2 frames are whole."),
    ("webp-cut-before-frame.webp", "bytes are there, in which 2 frames are whole."),
    ("webp-cut-in-place.webp", "bytes are there, in which 2 frames are whole."),
    ("webp-cut-in-first.webp", "bytes are there, in which 0 frames are whole."),
    ("webp-missing-data.webp", "bytes are there, in which 2 frames are whole."),
  ])
  func whatIsCutOffIsFoundInItsBlocks(_ name: String, _ part: String) throws {
    let error = try bench.error { _ = try bench.probe(fixture("odd/" + name)) }
    #expect(error.code == .damaged)
    #expect(error.message.contains(part), "\(error.message)")
    #expect(error.hint != nil)
  }

  @Test(arguments: [
    ("bad-code.gif", "is damaged in frame 2: "), ("too-few-pixels.gif", "is damaged in frame 2: "),
    ("apng-bad-checksum.png", "is damaged in frame 2: "),
    ("webp-bad-pixels.webp", "is damaged in frame 3: "),
  ])
  func damagedPixelsAreFoundByDecoding(_ name: String, _ part: String) throws {
    let file = fixture("odd/" + name)
    #expect(try bench.probe(file).frames == 3)
    let error = try bench.error { _ = try bench.probe(file, decodesFully: true) }
    #expect(error.code == .damaged)
    let reason = error.message.firstRange(of: part).map { error.message[$0.upperBound...] }
    #expect((reason?.count ?? 0) > 10, "\(error.message)")
  }

  @Test func everyCutOfEveryKindIsFound() throws {
    for name in ["apng-parts.png", "webp-loops.webp"] {
      let whole = try Data(contentsOf: URL(filePath: fixture("odd/" + name)))
      for length in stride(from: 60, to: whole.count, by: 3) {
        let file = try bench.put(Array(whole.prefix(length)), as: "cut-\(length)-\(name)")
        let error = try bench.error { _ = try bench.probe(file, decodesFully: true) }
        #expect(error.message.contains("cut off"), "\(length): \(error.message)")
      }
    }
  }

  @Test(arguments: [
    ("apng-hidden.png", [255, 0, 0, 255]), ("apng-one-hidden.png", [255, 0, 0, 255]),
    ("offset.gif", [0, 0, 0, 0]), ("webp-one.webp", [0, 0, 0, 0]),
    ("webp-background.webp", [0, 0, 0, 0]), ("webp-silent-alpha.webp", [255, 0, 0, 128]),
    ("webp-silent-still.webp", [255, 0, 0, 128]), ("apng-hidden-small.png", [0, 0, 0, 0]),
  ])
  func stillsShowTheFirstFrame(_ name: String, _ corner: [Int]) throws {
    let picture = try ImagingService().pixels(
      of: fixture("odd/" + name), limits: DecodingGuard(), cancellation: Cancellation())
    #expect(picture.width == 8 && picture.height == 6)
    let alpha = Int(picture.alpha?[0] ?? 255)
    #expect(alpha == corner[3])
    if alpha > 0 { #expect(picture.rgb.prefix(3).map { Int($0) } == Array(corner.prefix(3))) }
  }

  @Test func whatNoFrameCoversIsFlattenedAndSaid() throws {
    let output = bench.path("flat.png")
    let request = RenderRequest(
      file: fixture("odd/offset.gif"),
      renditions: [
        RenditionRequest(
          output: bench.path("flat.jpg"), format: .jpg, quality: 100, background: [0, 255, 0]),
        RenditionRequest(output: output, format: .png),
      ])
    let made = try ImagingService().render(request, cancellation: Cancellation())
    #expect(
      made[0].changes.contains {
        $0.kind == .alpha && $0.to == "flattened onto #00ff00"
      })
    let flat = try ImagingService().pixels(
      of: made[0].file, limits: DecodingGuard(), cancellation: Cancellation())
    #expect(flat.alpha == nil)
    #expect(flat.rgb[0] < 40 && flat.rgb[1] > 200 && flat.rgb[2] < 40)
    #expect(made[1].media.hasAlpha)
  }

  @Test func aFrameLargerThanTheLimitIsNotDecoded() throws {
    // The canvas is small, and its second frame is not.
    var file = try bench.bytes(fixture("odd/beyond-later.gif"))
    let place = try #require(file.lastIndex(of: 0x2C))
    file.replaceSubrange(place + 5..<place + 9, with: [0xFF, 0xFF, 0xFF, 0xFF])
    let wide = try bench.put(file, as: "wide.gif")
    let error = try bench.error { _ = try bench.probe(wide) }
    #expect(error.code == .limit)
    #expect(error.message.contains("a frame of 4294836225 pixels"))
  }
}

extension AnimationTests {
  @Test func aMovingPictureOfAVIFIsAStillAndSaysSo() throws {
    let file = fixture("moving/animated.avif")
    let media = try bench.probe(file)
    #expect(media.kind == .image && media.frames == 1)
    #expect(media.remarks == ["3 frames, of which the first one is read"])
    let made = try bench.render(
      file, [RenditionRequest(output: bench.path("first.png"), format: .png)])
    #expect(
      made[0].changes.contains {
        $0.kind == .frames && $0.from == "3 frames" && $0.to == "the first frame"
      })
    // The first one is black.
    let pixels = try bench.pixels(made[0].file)
    #expect(pixels.rgb.allSatisfy { $0 < 30 })
  }

  @Test func pagesAreSaid() throws {
    let media = try bench.probe(fixture("odd/offset.gif"))
    #expect(media.remarks == nil)
    let grown = try bench.probe(fixture("odd/larger-first.gif"))
    #expect(
      grown.remarks == [
        "the first frame reaches beyond the canvas of 8x6, which grows to 12x9 as in browsers"
      ])
  }
}
