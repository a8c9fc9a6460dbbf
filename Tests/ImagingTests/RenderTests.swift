import Core
import Foundation
import Processing
import TestSupport
import Testing

@testable import Imaging

@Suite struct RenderTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test(
    arguments: [
      (Size(400, 300), 100, 100, .inside, false, Size(100, 75), Size(100, 75)),
      (Size(400, 300), 100, 100, .cover, false, Size(133, 100), Size(100, 100)),
      (Size(40, 30), 100, 100, .inside, false, Size(40, 30), Size(40, 30)),
      (Size(40, 30), 100, 100, .inside, true, Size(100, 75), Size(100, 75)),
      (Size(40, 30), 20, 100, .cover, false, Size(40, 30), Size(20, 30)),
      (Size(400, 300), 200, nil, .inside, false, Size(200, 150), Size(200, 150)),
      (Size(400, 300), nil, nil, .cover, true, Size(400, 300), Size(400, 300)),
      (Size(1000, 1), 10, 10, .inside, false, Size(10, 1), Size(10, 1)),
      (Size(3, 1000), nil, 500, .inside, false, Size(2, 500), Size(2, 500)),
    ] as [(Size, Int?, Int?, Fit, Bool, Size, Size)]) func placement(
      picture: Size, width: Int?, height: Int?, fit: Fit, enlarges: Bool, scaled: Size, kept: Size
    )
  {
    let placement = Placement(picture, width: width, height: height, fit: fit, enlarges: enlarges)
    #expect(placement.scaled == scaled && placement.kept == kept)
  }

  @Test func oneDecodeMakesEveryFile() throws {
    let sides = [300, 150, 64, 600]
    let formats: [MediaFormat] = [.png, .jpg, .webp]
    let wanted = sides.flatMap { side in
      formats.map { format in
        RenditionRequest(
          output: bench.path("\(side).\(format)"), format: format, width: side, height: side)
      }
    }
    let made = try bench.render(fixture("faces/ada.jpg"), wanted)
    #expect(made.map(\.file) == wanted.map(\.output))
    #expect(bench.names.count == wanted.count)
    for (rendered, request) in zip(made, wanted) {
      #expect(rendered.media.format == request.format)
      #expect(rendered.media.height == request.height)
      #expect(try rendered.media == bench.probe(rendered.file, decodesFully: true))
    }
    // A picture made by way of a larger one looks like one made directly.
    let direct = try bench.render(
      fixture("faces/ada.jpg"),
      [RenditionRequest(output: bench.path("direct.png"), format: .png, width: 64, height: 64)])
    let difference = try bench.pixels(direct[0].file)
      .difference(from: bench.pixels(bench.path("64.png")))
    #expect(difference < 1.5)
  }

  @Test(arguments: 1...8) func renditionsAreUpright(orientation: Int) throws {
    let upright = try bench.pixels(fixture("formats/orientation-1.jpg"))
    let made = try bench.render(
      fixture("formats/orientation-\(orientation).jpg"),
      [
        RenditionRequest(output: bench.path("whole.png"), format: .png),
        RenditionRequest(output: bench.path("small.png"), format: .png, width: 40, height: 40),
      ])
    #expect(made[0].media.width == 160 && made[0].media.height == 120)
    #expect(made[1].media.width == 40 && made[1].media.height == 30)
    #expect(try bench.pixels(made[0].file).difference(from: upright) < 3)
    #expect(made[0].changes.contains { $0.kind == .orientation } == (orientation > 1))
  }

  @Test func p3BecomesTheSRGBThatLooksTheSame() throws {
    // The fixture carries the profile, so a flat picture can be tagged with it.
    let tagged = try bench.pixels(fixture("formats/display-p3.jpg"), colors: .asStored)
    let profile = try #require(tagged.profile)
    let flat = PixelPicture(
      width: 8, height: 8, rgb: (0..<64).flatMap { _ in [200, 100, 60] as [UInt8] },
      profile: profile)
    let file = try bench.write(flat, as: "p3.png", .png)
    #expect(try bench.probe(file).profile?.contains("P3") == true)
    #expect(try bench.pixels(file, colors: .asStored).pixel(0, 0) == [200, 100, 60])
    let expected = sRGB(fromP3: [200, 100, 60])
    let found = try bench.pixels(file).pixel(0, 0)
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) <= 2) }
    let made = try bench.render(
      file, [RenditionRequest(output: bench.path("out.png"), format: .png)])
    #expect(made[0].media.profile == nil)
    #expect(made[0].changes.map(\.kind) == [.color])
    #expect(try bench.pixels(made[0].file).pixel(0, 0) == found)
  }

  /// Display P3 to sRGB: both have sRGB's curve and D65; the matrix follows from their primaries.
  private func sRGB(fromP3 samples: [Double]) -> [Int] {
    let linear = samples.map { value -> Double in
      let v = value / 255
      return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4)
    }
    let matrix = [
      [1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979],
    ]
    return matrix.map { row in
      let v = max(0, zip(row, linear).reduce(0) { $0 + $1.0 * $1.1 })
      let encoded = v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055
      return Int((min(1, encoded) * 255).rounded())
    }
  }

  @Test func cmykBecomesPlausibleColours() throws {
    let picture = try bench.pixels(fixture("formats/cmyk.jpg"))
    let mean = picture.rgb.reduce(0) { $0 + Int($1) } / picture.rgb.count
    #expect((40...220).contains(mean))
    #expect(picture.changes.contains { $0.kind == .color && $0.to == "sRGB" })
  }

  @Test func flatteningIsTold() throws {
    let made = try bench.render(
      fixture("formats/alpha.webp"),
      [
        RenditionRequest(
          output: bench.path("flat.jpg"), format: .jpg, background: [255, 0, 0]),
        RenditionRequest(output: bench.path("kept.png"), format: .png),
      ])
    #expect(made[0].changes.contains { $0.kind == .alpha && $0.to.contains("#ff0000") })
    #expect(!made[1].changes.contains { $0.kind == .alpha } && made[1].media.hasAlpha)
    let corner = try bench.pixels(made[0].file).pixel(0, 0)
    #expect(corner[0] > 240 && corner[1] < 20)
  }

  @Test func framesLeftOutAreTold() throws {
    let made = try bench.render(
      fixture("formats/animated.gif"),
      [RenditionRequest(output: bench.path("poster.png"), format: .png)])
    #expect(made[0].changes.contains { $0.kind == .frames && $0.from == "5 frames" })
  }

  @Test func whatAFormatCannotHoldIsALimit() throws {
    let wide = PixelPicture(width: 16_400, height: 1, rgb: [UInt8](repeating: 9, count: 49_200))
    let file = try bench.write(wide, as: "wide.png", .png)
    let error = try bench.error {
      _ = try bench.render(
        file, [RenditionRequest(output: bench.path("wide.webp"), format: .webp)])
    }
    #expect(error.code == .limit && error.message.contains("16383"))
  }

  @Test func enlargingIsBounded() throws {
    let error = try bench.error {
      _ = try bench.render(
        fixture("scenes/tiny.png"),
        [
          RenditionRequest(
            output: bench.path("huge.png"), format: .png, width: 60_000, enlarges: true)
        ])
    }
    #expect(error.code == .limit && bench.names.isEmpty)
  }

  @Test func cancellationStopsDecodingAtOnce() async throws {
    let file = try bench.write(bench.noise(width: 3000, height: 3000), as: "large.png", .png)
    let request = RenderRequest(
      file: file, renditions: [RenditionRequest(output: bench.path("out.png"), format: .png)])
    let cancellation = Cancellation()
    let clock = ContinuousClock()
    let stopped = Thread {
      Thread.sleep(forTimeInterval: 0.05)
      cancellation.cancel()
    }
    let start = clock.now
    stopped.start()
    #expect(throws: CancellationError.self) {
      _ = try bench.imaging.render(request, cancellation: cancellation)
    }
    // Whole, it takes seconds; the margin is for machines under load.
    #expect(clock.now - start < .seconds(3))
    #expect(bench.names == ["large.png"])
  }
}
