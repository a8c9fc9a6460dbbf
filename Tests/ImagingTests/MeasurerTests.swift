import Core
import Imaging
import Processing
import TestSupport
import Testing

@Suite struct MeasurerTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  func measure(_ file: String) throws -> PictureMeasures {
    try bench.imaging.measure(MeasureRequest(file: file), cancellation: Cancellation())
  }

  /// A box of one colour on a ground of another.
  func drawn(
    _ ground: UInt8, box: (x: Range<Int>, y: Range<Int>), side: Int = 200
  ) throws -> String {
    var rgb: [UInt8] = []
    for y in 0..<side {
      for x in 0..<side {
        rgb += box.x.contains(x) && box.y.contains(y) ? [200, 30, 40] : [ground, ground, ground]
      }
    }
    return try bench.write(PixelPicture(width: side, height: side, rgb: rgb), as: "in.png", .png)
  }

  @Test(
    arguments: [
      (255, 20..<180, 90..<110, 1.0, 0.8), (252, 0..<200, 0..<200, 0.0, 1.0),
      (255, 95..<105, 40..<160, 1.0, 0.6), (200, 20..<180, 20..<180, 0.0, 1.0),
      (255, 0..<0, 0..<0, 1.0, 0.0),
    ] as [(UInt8, Range<Int>, Range<Int>, Double, Double)])
  func bordersAndProductsAreMeasured(
    _ ground: UInt8, _ x: Range<Int>, _ y: Range<Int>, _ white: Double, _ fill: Double
  ) throws {
    let found = try measure(drawn(ground, box: (x, y)))
    #expect(abs(found.whiteBorder - white) < 0.01)
    #expect(abs(found.fill - fill) < 0.01)
    #expect(found.clear == 0)
  }

  @Test func aProductThatTouchesOneEdgeIsAPartOfTheBorder() throws {
    let found = try measure(drawn(255, box: (0..<100, 60..<140)))
    #expect(found.whiteBorder > 0.85 && found.whiteBorder < 0.95)
  }

  @Test func clearPixelsCountAsWhite() throws {
    let found = try measure(fixture("formats/alpha.png"))
    #expect(found.clear > 0)
  }
}
