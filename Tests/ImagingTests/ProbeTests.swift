import Core
import Foundation
import Processing
import TestSupport
import Testing

@testable import Imaging

@Suite struct ProbeTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test(
    arguments: [
      ("faces/ada.jpg", .jpg, 640, 800), ("scenes/tiny.png", .png, 48, 60),
      ("formats/mislabelled.jpg", .png, nil, nil), ("formats/alpha.webp", .webp, nil, nil),
    ] as [(String, MediaFormat, Int?, Int?)]) func formatAndSizeComeFromContent(
      name: String, format: MediaFormat, width: Int?, height: Int?
    ) throws
  {
    let media = try bench.probe(fixture(name))
    #expect(media.format == format && media.kind == .image && media.frames == 1)
    if let width, let height { #expect(media.width == width && media.height == height) }
    let bytes = try bench.bytes(fixture(name))
    #expect(media.size == Int64(bytes.count) && media.digest == Digest(of: bytes))
  }

  @Test(arguments: 1...8) func orientationIsAFact(orientation: Int) throws {
    let media = try bench.probe(fixture("formats/orientation-\(orientation).jpg"))
    #expect(media.orientation == orientation)
    #expect(media.uprightWidth == 160 && media.uprightHeight == 120)
  }

  @Test func colourFactsAreToldApart() throws {
    let cmyk = try bench.probe(fixture("formats/cmyk.jpg"))
    #expect(cmyk.colorModel == .cmyk && cmyk.profile != nil)
    let gray = try bench.probe(fixture("formats/gray.jpg"))
    #expect(gray.colorModel == .gray && gray.profile == nil)
    let deep = try bench.probe(fixture("formats/sixteen-bit.png"))
    #expect(deep.bitDepth == 16 && deep.colorModel == .rgb)
    let alpha = try bench.probe(fixture("formats/alpha.png"))
    #expect(alpha.hasAlpha && alpha.bitDepth == 8)
  }

  @Test(arguments: [("formats/display-p3.jpg", "P3"), ("formats/adobe-rgb.jpg", "Adobe")])
  func profileIsNamed(name: String, part: String) throws {
    let profile = try #require(try bench.probe(fixture(name)).profile)
    #expect(profile.contains(part))
  }

  @Test func animationHasFramesAndDelays() throws {
    let media = try bench.probe(fixture("formats/animated.gif"), decodesFully: true)
    #expect(media.kind == .animation && media.frames == 5)
    #expect(media.delays == [80, 80, 200, 120, 400] && media.duration == 0.88)
  }

  @Test(arguments: ["formats/truncated.jpg", "formats/truncated.png"])
  func missingPixelsAreFoundByDecodingOnly(name: String) throws {
    let file = fixture(name)
    #expect(try bench.probe(file).width > 0)
    let probing = try bench.error { _ = try bench.probe(file, decodesFully: true) }
    #expect(probing.code == .damaged && probing.hint != nil)
    let changing = try bench.error {
      _ = try bench.render(file, [RenditionRequest(output: bench.path("a.png"), format: .png)])
    }
    #expect(changing.code == .damaged)
    #expect(bench.names.isEmpty)
  }

  @Test func hugeHeaderIsRefusedBeforeDecoding() throws {
    let file = fixture("formats/huge-header.png")
    let duration = try ContinuousClock().measure {
      let error = try bench.error { _ = try bench.probe(file, decodesFully: true) }
      #expect(error.code == .limit && error.message.contains("60000x60000"))
    }
    #expect(duration < .seconds(2))
  }

  @Test func guardsCountBytesAndFrames() throws {
    let gif = fixture("formats/animated.gif")
    for limits in [
      DecodingGuard(maximumFrames: 4), DecodingGuard(maximumSize: ByteSize(bytes: 10)),
      DecodingGuard(maximumPixels: 100),
    ] {
      let error = try bench.error {
        _ = try bench.imaging.probe(
          ProbeRequest(file: gif, limits: limits), cancellation: Cancellation())
      }
      #expect(error.code == .limit)
    }
  }

  @Test(arguments: [
    ([], "empty", SwaplineError.Code.damaged),
    (Array(" \n<!DOCTYPE HTML><p>404".utf8), "an HTML page", .damaged),
    (Array("<svg xmlns='x'/>".utf8), "an SVG drawing", .unsupported),
    (Array("<?xml version='1.0'?><svg/>".utf8), "an SVG drawing", .unsupported),
    (Array("{\"error\": 1}".utf8), "a JSON text", .damaged),
    (Array("Guten Tag, grüß Gott".utf8), "a text file", .damaged),
    ([0x50, 0x4B, 3, 4, 20, 0], "a ZIP archive", .unsupported),
    (Array("%PDF-1.7\n%".utf8), "a PDF document", .unsupported),
    ([UInt8](repeating: 0, count: 100), "zero bytes only", .damaged),
    ([1, 2, 3, 4, 5, 6, 7, 8, 9], "begins with 0102030405060708", .unsupported),
    ([0, 0, 0, 24] + Array("ftypisom0000isom".utf8), "a video (mp4)", .unsupported),
    ([0xFF, 0xD8, 0xFF, 0xE0, 0, 16], "cut off", .damaged),
    (Array("BM".utf8) + [UInt8](repeating: 0, count: 60), "(bmp)", .damaged),
  ]) func whatIsNoPictureIsNamed(bytes: [UInt8], part: String, code: SwaplineError.Code) throws {
    let file = try bench.put(bytes, as: "thing")
    let error = try bench.error { _ = try bench.probe(file) }
    #expect(error.code == code)
    #expect(error.message.contains(part) && error.message.contains("thing"))
    #expect(error.hint?.isEmpty == false)
  }

  @Test func missingFilesAndFoldersAreNamed() throws {
    let missing = try bench.error { _ = try bench.probe(bench.path("nothing.jpg")) }
    #expect(missing.code == .notFound)
    let folder = try bench.error { _ = try bench.probe(bench.folder) }
    #expect(folder.code == .usage && folder.message.contains("a folder"))
  }
}
