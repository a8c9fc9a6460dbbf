import Core
import Processing
import TestSupport
import Testing
import Vips

@testable import Imaging

/// What operations make of a still picture's pixels.
@Suite struct PixelOperationTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private func render(
    _ file: String, _ operations: [PixelOperation], as format: MediaFormat = .png, side: Int? = nil
  ) throws -> Rendered {
    let request = RenditionRequest(
      output: bench.path("made.\(format)"), format: format, width: side, height: side,
      operations: operations)
    return try #require(bench.render(file, [request]).first)
  }

  @Test func pixelsBecomeWhatTheOperationSays() throws {
    let file = fixture("faces/ada.jpg")
    let plain = try bench.pixels(render(file, [], side: 40).file)
    let made = try bench.pixels(render(file, [PixelOperation("invert")], side: 40).file)
    #expect(made.rgb == plain.rgb.map { 255 - $0 })
    let twice = [PixelOperation("invert"), PixelOperation("invert")]
    #expect(try bench.pixels(render(file, twice, side: 40).file).rgb == plain.rgb)
  }

  @Test func whatIsMeasuredInTheFramesSidesFollowsThem() throws {
    let half = PixelOperation(
      "extract_area",
      ["left": .width(0.25), "top": .height(0.5), "width": .width(0.5), "height": "3"])
    let plain = try render(fixture("faces/ada.jpg"), [], side: 40).media
    let made = try render(fixture("faces/ada.jpg"), [half], side: 40).media
    #expect(made.width == plain.width / 2 && made.height == 3)
  }

  /// A border takes as much away as it adds, whatever the size.
  @Test(arguments: [37, 40, 53, 104]) func sidesAreThoseBeforeTheFirstOperation(side: Int) throws {
    let border = [
      PixelOperation(
        "extract_area",
        ["left": .width(0.07), "top": .height(0.07), "width": .width(0.5), "height": .height(0.5)]),
      PixelOperation(
        "embed",
        ["x": .width(0.1), "y": .height(0.1), "width": .width(1), "height": .height(1)]),
    ]
    let plain = try render(fixture("faces/ada.jpg"), [], side: side).media
    let made = try render(fixture("faces/ada.jpg"), border, side: side).media
    #expect(made.width == plain.width && made.height == plain.height)
  }

  @Test func aStopIsNoFault() throws {
    let cancellation = Cancellation()
    let picture = try Image.fromSamples(
      [UInt8](repeating: 9, count: 64 * 64 * 3), width: 64, height: 64, bands: 3,
      cancellation: cancellation)
    cancellation.cancel()
    #expect(throws: CancellationError.self) {
      try PixelOperations([PixelOperation("invert")], cancellation: cancellation)
        .applied(to: picture)
    }
  }

  @Test func opacityIsNoColor() throws {
    let file = fixture("formats/alpha.png")
    let plain = try bench.pixels(render(file, []).file)
    let made = try bench.pixels(render(file, [PixelOperation("invert")]).file)
    #expect(made.alpha == plain.alpha && made.rgb == plain.rgb.map { 255 - $0 })
  }

  @Test(arguments: [("alpha.png", MediaFormat.png), ("alpha.png", .jpg), ("gray.jpg", .png)])
  func opacityAndDepthStayWhatTheyWere(file: String, format: MediaFormat) throws {
    let file = fixture("formats/\(file)")
    let plain = try render(file, [], as: format).media
    // Twice as bright, in floating point.
    let made = try render(file, [PixelOperation("linear", ["a": "2", "b": "0"])], as: format).media
    #expect(made.hasAlpha == plain.hasAlpha && made.bitDepth == 8)
  }

  @Test(arguments: [
    (PixelOperation("sharpen", ["sigma": "none"]), "sharpen"),
    (PixelOperation("no-such-operation"), "no-such-operation"),
    (PixelOperation("pngsave", ["filename": "x.png"]), "pngsave"),
    (PixelOperation("black", ["width": "8", "height": "8"]), "black"),
    (
      PixelOperation(
        "insert", ["sub": .text(fixture("faces/ben.jpg")), "x": "0", "y": "0"]), "insert"
    ),
    (PixelOperation("composite", ["in": "a.png", "mode": "over"]), "composite"),
    (PixelOperation("icc_import", ["input_profile": "/etc/hostname"]), "icc_import"),
  ]) func whatCannotBeDoneIsToldByItsName(operation: PixelOperation, name: String) {
    let error = #expect(throws: SwaplineError.self) {
      try render(fixture("faces/ada.jpg"), [operation])
    }
    #expect(error?.code == .usage)
    #expect(error?.message.hasPrefix("libvips cannot apply '\(name)':") == true)
    #expect(bench.names.isEmpty)
  }
}
