import Core
import Imaging
import Processing
import Testing

/// TIFFs of every layout are read rightly or refused by name.
@Suite struct TIFFTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  struct Layout: Sendable, CustomTestStringConvertible {
    var name: String
    var builder: TIFFBuilder
    var testDescription: String { name }
  }

  private static func layout(_ name: String, _ change: (inout TIFFBuilder) -> Void) -> Layout {
    var builder = TIFFBuilder()
    change(&builder)
    return Layout(name: name, builder: builder)
  }

  private static func ramp(_ x: Int, _ y: Int) -> [Double] {
    [Double(x) / 15, Double(y) / 11, 0.5]
  }
  private static func opacity(_ x: Int, _ y: Int) -> Double { Double(x + y) / 26 }

  private func expect(
    _ found: PixelPicture, at x: Int, _ y: Int, _ wanted: [Int], within most: Int = 1
  ) {
    let pixel = found.pixel(x, y)
    #expect(
      zip(pixel, wanted).allSatisfy { abs($0 - $1) <= most }, "\(pixel) for \(wanted) at \(x), \(y)"
    )
  }

  static let rgb = [8, 16, 32].flatMap { bits in
    [
      layout("RGB \(bits)") { $0.bits = bits },
      layout("RGB \(bits) big endian") { ($0.bits, $0.isBigEndian) = (bits, true) },
      layout("RGB \(bits) planar") { ($0.bits, $0.isPlanar) = (bits, true) },
      layout("RGB \(bits) and opacity") { ($0.bits, $0.samples, $0.extras) = (bits, 4, [2]) },
      layout("RGB \(bits), opacity and something else") {
        ($0.bits, $0.samples, $0.extras) = (bits, 5, [2, 0])
      },
      layout("RGB \(bits), something else and opacity") {
        ($0.bits, $0.samples, $0.extras) = (bits, 5, [0, 2])
      },
      layout("RGB \(bits) and two other samples") {
        ($0.bits, $0.samples, $0.extras) = (bits, 5, [0, 0])
      },
    ]
  }

  @Test(arguments: rgb) func colorsAndOpacityAreWhatWasWritten(_ layout: Layout) throws {
    let extras = layout.builder.extras ?? []
    let file = try bench.put(
      layout.builder.file { x, y in
        Self.ramp(x, y) + extras.map { $0 == 2 ? Self.opacity(x, y) : 0.3 }
      }, as: "in.tiff")
    let media = try bench.probe(file, decodesFully: true)
    #expect(media.bitDepth == layout.builder.bits)
    #expect(media.hasAlpha == extras.contains(2))
    let found = try bench.pixels(file)
    for (x, y) in [(0, 0), (7, 5), (15, 11), (3, 9)] {
      expect(found, at: x, y, Self.ramp(x, y).map { Int(($0 * 255).rounded()) })
      if extras.contains(2) {
        let alpha = try #require(found.alpha)[y * 16 + x]
        #expect(abs(Double(alpha) - Self.opacity(x, y) * 255) <= 1)
      } else {
        #expect(found.alpha == nil)
      }
    }
  }

  static let premultiplied = [8, 16].flatMap { bits in
    [
      layout("RGB \(bits)") { ($0.bits, $0.samples, $0.extras) = (bits, 4, [1]) },
      layout("gray \(bits)") {
        ($0.bits, $0.samples, $0.extras, $0.photometric) = (bits, 2, [1], 1)
      },
      layout("RGB \(bits) with a profile") {
        ($0.bits, $0.samples, $0.extras) = (bits, 4, [1])
        $0.profile = ProfileBuilder.rgb(gamma: 1.8)
      },
    ]
  }

  @Test(arguments: premultiplied) func premultipliedColorsAreDivided(_ layout: Layout) throws {
    let isGray = layout.builder.samples == 2
    let file = try bench.put(
      layout.builder.file { _, y in
        let alpha = 0.5 + Double(y) / 22
        return (isGray ? [0.6] : [0.2, 0.6, 1]).map { $0 * alpha } + [alpha]
      }, as: "in.tiff")
    let found = try bench.pixels(file)
    for y in [0, 5, 11] {
      let wanted = (isGray ? [0.6, 0.6, 0.6] : [0.2, 0.6, 1]).map {
        layout.builder.profile == nil
          ? Int(($0 * 255).rounded()) : ProfileBuilder.inSRGB($0, gamma: 1.8)
      }
      // Eight bits multiplied by half lose a bit; a profile may stretch that.
      expect(found, at: 4, y, wanted, within: layout.builder.bits == 16 ? 1 : 3)
      let alpha = try #require(found.alpha)[y * 16 + 4]
      #expect(abs(Double(alpha) - (0.5 + Double(y) / 22) * 255) <= 1)
    }
  }

  @Test(arguments: [8, 16, 32], [0, 1]) func grayHasItsWhiteWhereItIsSaid(
    _ bits: Int, _ photometric: Int
  ) throws {
    let builder = Self.layout("gray") {
      ($0.bits, $0.samples, $0.photometric) = (bits, 1, photometric)
    }.builder
    let found = try bench.pixels(
      bench.put(builder.file { x, _ in [Double(x) / 15] }, as: "in.tiff"))
    for x in [0, 6, 15] {
      let share = photometric == 0 ? 1 - Double(x) / 15 : Double(x) / 15
      expect(found, at: x, 3, [Int](repeating: Int((share * 255).rounded()), count: 3))
    }
  }

  @Test(arguments: [1, 3], [false, true]) func floatingPointIsLinearOrByItsProfile(
    _ samples: Int, _ hasProfile: Bool
  ) throws {
    let builder = Self.layout("float") {
      ($0.bits, $0.format, $0.samples, $0.photometric) = (32, 3, samples, samples == 1 ? 1 : 2)
      if hasProfile {
        $0.profile = samples == 1 ? ProfileBuilder.gray(gamma: 1.8) : ProfileBuilder.rgb(gamma: 1.8)
      }
    }.builder
    let file = try bench.put(
      builder.file { x, y in Array(Self.ramp(x, y).prefix(samples)) }, as: "in.tiff")
    #expect(try bench.probe(file).bitDepth == 32)
    let found = try bench.pixels(file)
    for (x, y) in [(15, 0), (7, 5), (2, 9)] {
      let shares = samples == 1 ? [Double](repeating: Double(x) / 15, count: 3) : Self.ramp(x, y)
      let wanted = shares.map {
        hasProfile ? ProfileBuilder.inSRGB($0, gamma: 1.8) : ProfileBuilder.encoded($0)
      }
      expect(found, at: x, y, wanted, within: 2)
    }
    #expect(found.changes.contains { $0.kind == .depth && $0.from.contains("floating point") })
  }

  @Test func floatingPointOfAnotherScaleIsRefused() throws {
    let builder = Self.layout("float") { ($0.bits, $0.format) = (32, 3) }.builder
    let file = try bench.put(builder.file { _, _ in [200, 100, 255] }, as: "in.tiff")
    let error = try bench.error { _ = try bench.pixels(file) }
    #expect(error.code == .unsupported)
    #expect(error.message.contains("floating-point samples up to 255"))
  }

  struct Lab: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var builder: TIFFBuilder
    var encode: @Sendable (Double, Double, Double) -> [[UInt8]]
  }

  private static func two(_ value: Double) -> [UInt8] {
    let whole = Int(value.rounded())
    return [UInt8(truncatingIfNeeded: whole), UInt8(truncatingIfNeeded: whole >> 8)]
  }
  private static func one(_ value: Double) -> [UInt8] {
    [UInt8(truncatingIfNeeded: Int(value.rounded()))]
  }

  static let labs = [
    Lab(testDescription: "CIE Lab 8", builder: layout("") { $0.photometric = 8 }.builder) {
      [one($0 * 2.55), one($1), one($2)]
    },
    Lab(
      testDescription: "CIE Lab 16",
      builder: layout("") { ($0.photometric, $0.bits) = (8, 16) }.builder
    ) { [two($0 * 655.35), two($1 * 256), two($2 * 256)] },
    Lab(testDescription: "ICC Lab 8", builder: layout("") { $0.photometric = 9 }.builder) {
      [one($0 * 2.55), one($1 + 128), one($2 + 128)]
    },
    Lab(
      testDescription: "ICC Lab 16",
      builder: layout("") { ($0.photometric, $0.bits) = (9, 16) }.builder
    ) { [two($0 * 652.8), two(($1 + 128) * 256), two(($2 + 128) * 256)] },
    Lab(testDescription: "ITU Lab 8", builder: layout("") { $0.photometric = 10 }.builder) {
      [one($0 * 2.55), one($1 * 255 / 170 + 128), one($2 * 255 / 200 + 96)]
    },
    Lab(
      testDescription: "CIE Lab 8 and opacity",
      builder: layout("") { ($0.photometric, $0.samples, $0.extras) = (8, 4, [2]) }.builder
    ) { [one($0 * 2.55), one($1), one($2), [128]] },
    Lab(
      testDescription: "CIE Lab with a Lab profile",
      builder: layout("") {
        $0.photometric = 8
        $0.profile = ProfileBuilder.rgb(gamma: 1.8)
      }.builder
    ) { [one($0 * 2.55), one($1), one($2)] },
  ]

  /// Values by littleCMS: Lab (D50) to sRGB, relative colorimetric.
  @Test(arguments: labs) func labBecomesSRGB(_ lab: Lab) throws {
    let colors: [(lab: [Double], rgb: [Int])] = [
      ([220 / 2.55, 2, 6], [223, 214, 205]), ([100, 0, 0], [255, 255, 255]),
      ([0, 0, 0], [0, 0, 0]),
      ([51, 2, 20], [135, 120, 88]),
    ]
    let file = try bench.put(
      lab.builder.file(raw: { x, _ in
        let color = colors[x % colors.count].lab
        return lab.encode(color[0], color[1], color[2])
      }), as: "in.tiff")
    let media = try bench.probe(file, decodesFully: true)
    #expect(media.hasAlpha == (lab.builder.samples == 4))
    let found = try bench.pixels(file)
    for (x, color) in colors.enumerated() { expect(found, at: x, 2, color.rgb, within: 2) }
    if lab.builder.samples == 4 { #expect(found.alpha?.first == 128) }
  }

  @Test(arguments: [8, 16], [false, true]) func inksKeepTheirOpacity(_ bits: Int, _ clear: Bool)
    throws
  {
    let builder = Self.layout("inks") {
      ($0.bits, $0.samples, $0.photometric) = (bits, clear ? 5 : 4, 5)
      $0.extras = clear ? [2] : nil
    }.builder
    let file = try bench.put(
      builder.file { x, _ in [0, 0, 0, x < 8 ? 0 : 1] + (clear ? [0.25] : []) }, as: "in.tiff")
    let found = try bench.pixels(file)
    #expect(found.pixel(2, 2).allSatisfy { $0 > 240 } && found.pixel(12, 2).allSatisfy { $0 < 70 })
    #expect(found.alpha.map { $0[40] } == (clear ? 64 : nil))
  }

  static let refused = [
    layout("signed 8-bit samples") { $0.format = 2 },
    layout("signed 16-bit samples") { ($0.format, $0.bits) = (2, 16) },
    layout("signed 32-bit samples") {
      ($0.format, $0.bits, $0.photometric, $0.samples) = (2, 32, 1, 1)
    },
    layout("64-bit floating-point samples") { ($0.format, $0.bits) = (3, 64) },
    layout("16-bit floating-point samples") { ($0.format, $0.bits) = (3, 16) },
    layout("floating-point samples with premultiplied opacity") {
      ($0.format, $0.bits, $0.samples, $0.extras) = (3, 32, 4, [1])
    },
    layout("32-bit samples with premultiplied opacity") {
      ($0.bits, $0.samples, $0.extras) = (32, 4, [1])
    },
    layout("complex numbers") { ($0.format, $0.bits) = (6, 64) },
    layout("samples of 8, 8, 16 bits in one pixel") { $0.bitsOfEach = [8, 8, 16] },
    layout("12-bit samples") { $0.bitsOfEach = [12, 12, 12] },
    layout("YCbCr samples with fewer of chroma, without JPEG inside") { $0.photometric = 6 },
    layout("16-bit inks with premultiplied opacity") {
      ($0.photometric, $0.bits, $0.samples, $0.extras) = (5, 16, 5, [1])
    },
    layout("separate planes in tiles") { ($0.isPlanar, $0.more) = (true, [322: [16]]) },
    layout("a palette of 8-bit colours") {
      ($0.photometric, $0.samples, $0.more) = (3, 1, [320: (0..<768).map { $0 / 3 }])
    },
    layout("raw camera data") { ($0.photometric, $0.samples) = (32_803, 1) },
    layout("LogLuv samples") { $0.photometric = 32_845 },
  ]

  @Test(arguments: refused) func whatIsNotReadIsNamed(_ layout: Layout) throws {
    let file = try bench.put(
      layout.builder.file { _, _ in [Double](repeating: 0.5, count: layout.builder.samples) },
      as: "in.tiff")
    let error = try bench.error { _ = try bench.probe(file) }
    #expect(error.code == .unsupported)
    #expect(error.message == "in.tiff is a TIFF of \(layout.name), which is not supported.")
    #expect(error.hint?.contains("Export") == true)
  }

  @Test func lumaAndChromaBecomeRGB() throws {
    let builder = Self.layout("") { ($0.photometric, $0.more) = (6, [530: [1, 1]]) }.builder
    // Red, gray and a blue, by the equations of BT.601.
    let colors: [(ycc: [UInt8], rgb: [Int])] = [
      ([76, 85, 255], [254, 0, 0]), ([128, 128, 128], [128, 128, 128]),
      ([41, 240, 110], [16, 15, 239]),
    ]
    let file = try bench.put(
      builder.file(raw: { x, _ in colors[x % 3].ycc.map { [$0] } }), as: "in.tiff")
    let found = try bench.pixels(file)
    for (x, color) in colors.enumerated() { expect(found, at: x, 1, color.rgb) }
  }

  @Test func aCutFileSaysHowMuchIsThere() throws {
    var builder = TIFFBuilder()
    (builder.width, builder.height) = (64, 64)
    // The directory first, as most programs write it: the pixels are what is missing then.
    let whole = builder.file { x, y in [Double(x) / 63, Double(y) / 63, 0.5] }
    let file = try bench.put(Array(whole.prefix(whole.count / 2)), as: "cut.tiff")
    let error = try bench.error { _ = try bench.probe(file, decodesFully: true) }
    #expect(error.code == .damaged)
    #expect(error.message.contains("cut off"))
  }
}
