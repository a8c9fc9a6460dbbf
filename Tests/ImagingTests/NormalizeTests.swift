import Core
import Foundation
import Processing
import TestSupport
import Testing

@testable import Imaging

@Suite struct NormalizeTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test(arguments: [
    "faces/ada.jpg", "formats/display-p3.jpg", "formats/orientation-6.jpg", "formats/animated.gif",
    "formats/alpha.webp", "formats/sixteen-bit.png",
  ]) func compliantMediaPassesThroughUntouched(name: String) throws {
    let file = fixture(name)
    let limits = MediaLimits(
      formats: [.jpg, .png, .webp, .gif], maximumSize: .megabytes(10), maximumSide: 4096)
    let answer = try bench.normalize(file, limits)
    #expect(answer.file == nil && answer.changes.isEmpty)
    #expect(answer.media == (try bench.probe(file)))
    #expect(bench.names.isEmpty)
  }

  @Test(arguments: 2...8) func everyOrientationBecomesTheSamePicture(orientation: Int) throws {
    let upright = try bench.pixels(fixture("formats/orientation-1.jpg"))
    let answer = try bench.normalize(
      fixture("formats/orientation-\(orientation).jpg"),
      MediaLimits(requiresUpright: true))
    let file = try #require(answer.file)
    #expect(answer.media.orientation == 1)
    #expect(answer.media.width == 160 && answer.media.height == 120)
    let change = try #require(answer.changes.first { $0.kind == .orientation })
    #expect(change.from.contains("\(orientation)") && change.reason == "upright")
    #expect(try bench.pixels(file).difference(from: upright) < 4)
  }

  @Test(arguments: [
    ("formats/display-p3.jpg", "srgb"), ("formats/adobe-rgb.jpg", "srgb"),
    ("formats/cmyk.jpg", "srgb"),
  ]) func coloursBecomeSRGB(name: String, reason: String) throws {
    let answer = try bench.normalize(
      fixture(name), MediaLimits(formats: [.jpg], requiresSRGB: true))
    #expect(answer.media.profile == nil && answer.media.colorModel == .rgb)
    let change = try #require(answer.changes.first { $0.kind == .color })
    #expect(change.to == "sRGB" && change.reason == reason)
  }

  @Test func grayAndUntaggedColoursCountAsSRGB() throws {
    let answer = try bench.normalize(
      fixture("formats/gray.jpg"), MediaLimits(requiresSRGB: true))
    #expect(answer.file == nil)
  }

  @Test func sixteenBitsBecomeEight() throws {
    let answer = try bench.normalize(
      fixture("formats/sixteen-bit.png"), MediaLimits(maximumBitDepth: 8))
    #expect(answer.media.bitDepth == 8 && answer.media.format == .png)
    #expect(
      answer.changes.contains {
        $0.kind == .depth && $0.from == "16 bits" && $0.reason == "bit_depth 8"
      })
  }

  @Test func sidesAndPixelsAreMet() throws {
    let file = try bench.write(bench.noise(width: 400, height: 300), as: "in.png", .png)
    let bySide = try bench.normalize(file, MediaLimits(maximumSide: 200))
    #expect(bySide.media.width == 200 && bySide.media.height == 150)
    #expect(
      bySide.changes == [
        Change(.size, from: "400x300", to: "200x150", reason: "maximum_side 200")
      ])
    let byPixels = try bench.normalize(file, MediaLimits(maximumPixels: 10_000))
    #expect(byPixels.media.width * byPixels.media.height <= 10_000)
    #expect(byPixels.media.width >= 113)
  }

  @Test func turnedPicturesAreMeasuredAsSeen() throws {
    let answer = try bench.normalize(
      fixture("formats/orientation-6.jpg"), MediaLimits(maximumSide: 80))
    #expect(answer.media.width == 80 && answer.media.height == 60)
  }

  @Test func bytesAreMetByQualityFirst() throws {
    let file = try bench.write(
      bench.noise(width: 300, height: 300), as: "in.jpg", .jpg, quality: 98)
    let whole = try bench.probe(file).size
    let limit = ByteSize(bytes: whole * 30 / 100)
    let answer = try bench.normalize(file, MediaLimits(maximumSize: limit))
    #expect(answer.media.size <= limit.bytes)
    // The best quality that fits is not far below the limit.
    #expect(answer.media.size > limit.bytes * 9 / 10)
    #expect(answer.media.width == 300)
    #expect(answer.changes.map(\.kind) == [.quality])
    #expect(answer.changes[0].reason == "maximum_size \(limit)")
  }

  @Test(arguments: [MediaFormat.jpg, .webp, .png]) func bytesAreMetBySizeLast(
    format: MediaFormat
  ) throws {
    let file = try bench.write(bench.noise(width: 300, height: 200), as: "in", format, quality: 95)
    let limit = ByteSize(bytes: 12_000)
    let answer = try bench.normalize(file, MediaLimits(maximumSize: limit))
    #expect(answer.media.size <= limit.bytes && answer.media.width < 300)
    #expect(answer.media.format == format)
    #expect(answer.changes.contains { $0.kind == .size && $0.reason == "maximum_size \(limit)" })
  }

  @Test func hopelessLimitsAreAnError() throws {
    let file = try bench.write(bench.noise(width: 300, height: 200), as: "in.png", .png)
    let error = try bench.error {
      _ = try bench.normalize(file, MediaLimits(maximumSize: ByteSize(bytes: 300)))
    }
    #expect(error.code == .limit && bench.names == ["in.png"])
  }

  @Test func transparencyIsFlattenedWhereItMustBe() throws {
    let file = fixture("formats/alpha.png")
    let flat = try bench.normalize(file, MediaLimits(allowsAlpha: false))
    #expect(!flat.media.hasAlpha && flat.media.format == .png)
    #expect(flat.changes.contains { $0.kind == .alpha && $0.reason == "alpha false" })
    let path = try #require(flat.file)
    // The corner of the cut-out is transparent, and so becomes the background.
    #expect(try bench.pixels(path).pixel(0, 0) == [255, 255, 255])
  }

  @Test func usedTransparencyChoosesTheFormat() throws {
    let kept = try bench.normalize(
      fixture("formats/alpha.png"), MediaLimits(formats: [.jpg, .webp]))
    #expect(kept.media.format == .webp && kept.media.hasAlpha)
    var opaque = bench.noise(width: 20, height: 20)
    opaque.alpha = [UInt8](repeating: 255, count: 400)
    let file = try bench.write(opaque, as: "opaque.png", .png)
    let dropped = try bench.normalize(file, MediaLimits(formats: [.jpg, .webp]))
    #expect(dropped.media.format == .jpg)
    let change = try #require(dropped.changes.first { $0.kind == .alpha })
    #expect(change.from.contains("opaque everywhere"))
  }

  @Test(arguments: [
    ("scenes/tiny.png", MediaLimits(minimumSide: 64), SwaplineError.Code.limit, "48x60"),
    ("faces/ada.jpg", MediaLimits(maximumAspect: 1.1), .limit, "1.25"),
    ("formats/animated.gif", MediaLimits(formats: [.jpg]), .unsupported, "5 frames"),
    ("formats/animated.gif", MediaLimits(kinds: [.image]), .unsupported, "5 frames"),
    ("faces/ada.jpg", MediaLimits(formats: [.tiff]), .unsupported, "tiff"),
    ("faces/ada.jpg", MediaLimits(maximumSide: 60, minimumSide: 50), .limit, "48x60"),
  ]) func whatCannotBeMendedIsAnError(
    name: String, limits: MediaLimits, code: SwaplineError.Code, part: String
  ) throws {
    let error = try bench.error { _ = try bench.normalize(fixture(name), limits) }
    #expect(error.code == code && error.message.contains(part))
    #expect(bench.names.isEmpty)
  }

  @Test func nothingIsLeftWhenAFolderCannotBeWritten() throws {
    let error = try bench.error {
      _ = try bench.imaging.normalize(
        NormalizeRequest(
          file: fixture("faces/ada.jpg"), output: bench.path("missing/out"),
          limits: MediaLimits(formats: [.png])), cancellation: Cancellation())
    }
    #expect(error.code == .storage)
  }
}
