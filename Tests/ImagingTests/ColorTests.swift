import Core
import Foundation
import Imaging
import Processing
import TestSupport
import Testing
import Vips

/// Colours come out as the profiles say, within what nobody sees.
@Suite struct ColorTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// CIE Lab of linear light in BT.709 primaries, D65.
  static func lab(_ linear: [Double]) -> [Double] {
    let rows = [
      [0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
      [0.0193339, 0.1191920, 0.9503041],
    ]
    let white = [0.95047, 1, 1.08883]
    let f = zip(rows, white).map { row, white -> Double in
      let value = zip(row, linear).reduce(0) { $0 + $1.0 * $1.1 } / white
      return value > 0.008856 ? cbrt(value) : 7.787 * value + 16 / 116
    }
    return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
  }

  static func decoded(_ value: Int) -> Double {
    let x = Double(value) / 255
    return x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4)
  }

  static func distance(_ a: [Double], _ b: [Double]) -> Double {
    zip(lab(a), lab(b)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  struct Space: Sendable, CustomTestStringConvertible {
    var file: String
    /// Linear light in this space to linear light in BT.709's primaries, row by row.
    var matrix: [[Double]]
    var gamma: Double?
    var testDescription: String { file }
  }

  /// Sources: SMPTE EG 432-1 (P3, D65) and Adobe RGB (1998), section 4.3.
  static let spaces = [
    Space(
      file: "formats/display-p3.jpg",
      matrix: [[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979]], gamma: nil),
    Space(
      file: "formats/adobe-rgb.jpg",
      matrix: [[1.3983, -0.3983, 0], [0, 1, 0], [0, -0.0429, 1.0429]], gamma: 2.19921875),
  ]

  @Test(arguments: spaces) func patchesAreWithinTwo(_ space: Space) throws {
    let file = fixture(space.file)
    let stored = try bench.pixels(file, colors: .asStored)
    let found = try bench.pixels(file)
    var looked = 0
    for y in stride(from: 5, to: stored.height, by: 13) {
      for x in stride(from: 5, to: stored.width, by: 13) {
        let light = stored.pixel(x, y).map {
          space.gamma.map { gamma in { pow(Double($0) / 255, gamma) } }?($0) ?? Self.decoded($0)
        }
        let wanted = space.matrix.map { row in zip(row, light).reduce(0) { $0 + $1.0 * $1.1 } }
        // What sRGB cannot show is cut, and by whom is a matter of taste.
        guard wanted.allSatisfy({ (0...1).contains($0) }) else { continue }
        looked += 1
        let distance = Self.distance(found.pixel(x, y).map(Self.decoded), wanted)
        #expect(distance < 2, "at \(x), \(y)")
      }
    }
    #expect(looked > 20)
  }

  static let namedPrimaries: [(Int, String?)] = [
    (12, "Display P3"), (9, "BT.2020"), (1, nil), (2, nil),
  ]

  /// An AVIF without a profile may name its primaries by number. Source: ISO/IEC 23091-2, table 2.
  @Test(arguments: namedPrimaries)
  func codedPrimariesAreConverted(_ primaries: Int, _ name: String?) throws {
    let stored = [180, 120, 90]
    let samples = (0..<64 * 64).flatMap { _ in stored.map(UInt8.init) }
    let image = try Image.fromSamples(samples, width: 64, height: 64, bands: 3)
    var bytes = try image.encoded(suffix: ".heic", options: "compression=av1,Q=95")
      .withBytes { Array($0) }
    let at = try #require(bytes.firstRange(of: Array("colrnclx".utf8))).upperBound
    bytes[at..<at + 4] = [0, UInt8(primaries), 0, 13]
    let file = try bench.put(bytes, as: "in.avif")
    let found = try bench.pixels(file)
    let matrix: [[Double]] =
      switch primaries {
      case 12: Self.spaces[0].matrix
      case 9:
        [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
      default: [[1, 0, 0], [0, 1, 0], [0, 0, 1.0]]
      }
    for (row, sample) in zip(matrix, found.pixel(30, 30)) {
      let light = zip(row, stored).reduce(0) { $0 + $1.0 * Self.decoded($1.1) }
      #expect(abs(ProfileBuilder.encoded(light) - sample) <= 2)
    }
    #expect(found.changes.contains { $0.kind == .color } == (name != nil))
    #expect(try bench.probe(file).profile == name.map { "\($0) (nclx)" })
  }

  @Test func coloursThatAreStoredWithTheirOpacityAreDivided() throws {
    let found = try bench.pixels(bench.put(PremultipliedAVIF.bytes, as: "in.avif"))
    for x in [5, 26] {
      let distance = zip(found.pixel(x, 9), [200, 100, 40]).map { abs(Int($0) - $1) }.max() ?? 255
      // A quarter of the levels are left where a quarter is opaque.
      #expect(distance <= (x < 16 ? 6 : 2), "at \(x): \(found.pixel(x, 9))")
    }
  }

  /// The inks were made from the same drawing: where paper can show a colour, it comes back.
  @Test func inksComeBack() throws {
    let inks = try bench.pixels(fixture("formats/cmyk.jpg"))
    let colors = try bench.pixels(fixture("formats/display-p3.jpg"))
    #expect((inks.width, inks.height) == (colors.width, colors.height))
    var distances: [Double] = []
    for y in stride(from: 5, to: inks.height, by: 13) {
      for x in stride(from: 5, to: inks.width, by: 13) {
        distances.append(
          Self.distance(inks.pixel(x, y).map(Self.decoded), colors.pixel(x, y).map(Self.decoded)))
      }
    }
    let close = distances.count { $0 < 2 }
    #expect(Double(close) > 0.8 * Double(distances.count), "\(distances.max() ?? 0)")
  }
}
