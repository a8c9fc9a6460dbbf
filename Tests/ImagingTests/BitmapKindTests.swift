import Core
import Imaging
import Processing
import Testing

/// BMPs of every header and coding.
@Suite struct BitmapKindTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// A BMP put together from its parts. Sizes of headers: 12 and 16 to 64 are OS/2's, 40 Windows', 108
  /// and 124 the long ones.
  struct Kind: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var header = 40
    var bits = 24
    var compression = 0
    var masks: [Int] = []
    var palette: [[UInt8]] = []
    var isTopDown = false
    /// The bytes of one pixel.
    var pixel: @Sendable (_ rgba: [Int]) -> [UInt8] = {
      [UInt8($0[2]), UInt8($0[1]), UInt8($0[0])]
    }
    /// The bytes behind the header instead of rows of pixels.
    var data: [UInt8]?
    var colors: Int { palette.count }
    /// What a sample may differ by: fewer bits hold less.
    var within = 0
    var hasAlpha = false
  }

  static let size = (width: 7, height: 5)

  static func color(_ x: Int, _ y: Int) -> [Int] { [x * 40, y * 60, 255 - x * 30, 50 + y * 50] }

  static func file(_ kind: Kind) -> [UInt8] {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let (width, height) = size
    var head = number(kind.header, 4)
    if kind.header == 12 {
      head += number(width, 2) + number(height, 2) + number(1, 2) + number(kind.bits, 2)
    } else {
      head += number(width, 4) + number(kind.isTopDown ? -height : height, 4) + number(1, 2)
      head += number(kind.bits, 2)
      head += number(kind.compression, 4) + number(0, 4) + number(0, 8) + number(kind.colors, 4)
      head += number(0, 4)
      head = Array(head.prefix(kind.header))
    }
    var masks: [UInt8] = []
    for mask in kind.masks { masks += number(mask, 4) }
    head += kind.header == 40 ? masks : Array(masks.prefix(max(0, kind.header - head.count)))
    if head.count < kind.header {
      head += [UInt8](repeating: 0, count: kind.header - head.count)
    }
    let gap: [UInt8] = kind.header == 12 ? [] : [0]
    let palette: [UInt8] = kind.palette.reduce(into: []) { $0 += $1 + gap }
    var body: [UInt8] = []
    for row in 0..<height {
      let y = kind.isTopDown ? row : height - 1 - row
      var line: [UInt8] = []
      for x in 0..<width { line += kind.pixel(color(x, y)) }
      line += [UInt8](repeating: 0, count: (4 - line.count % 4) % 4)
      body += line
    }
    let offset = 14 + head.count + palette.count
    var file = Array("BM".utf8) + number(offset + body.count, 4) + number(0, 4)
    file += number(offset, 4) + head + palette
    return file + (kind.data ?? body)
  }

  private static func packed(_ widths: [Int], _ shifts: [Int], _ bytes: Int)
    -> @Sendable ([Int]) -> [UInt8]
  {
    { rgba in
      var value = 0
      for (index, width) in widths.enumerated() {
        value |= ((rgba[index] * ((1 << width) - 1) + 127) / 255) << shifts[index]
      }
      return (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
  }

  private static let ordinary = [0xFF_0000, 0xFF00, 0xFF, 0xFF00_0000]
  private static let bgra = packed([8, 8, 8, 8], [16, 8, 0, 24], 4)

  static let kinds: [Kind] =
    [12, 16, 40, 52, 56, 64, 108, 124].map {
      Kind(testDescription: "24 bits, header of \($0)", header: $0)
    }
    + [
      Kind(testDescription: "24 bits, top down", isTopDown: true),
      Kind(testDescription: "32 bits without masks", bits: 32, pixel: bgra),
      Kind(
        testDescription: "32 bits, four masks behind the header", bits: 32, compression: 6,
        masks: ordinary, pixel: bgra, hasAlpha: true),
      Kind(
        testDescription: "32 bits, three masks behind the header", bits: 32, compression: 3,
        masks: Array(ordinary.prefix(3)), pixel: bgra),
      Kind(
        testDescription: "32 bits, three masks in the header", header: 52, bits: 32, compression: 3,
        masks: Array(ordinary.prefix(3)), pixel: bgra),
      Kind(
        testDescription: "32 bits in another order", header: 124, bits: 32, compression: 3,
        masks: [0xFF00_0000, 0xFF_0000, 0xFF00, 0xFF],
        pixel: packed([8, 8, 8, 8], [24, 16, 8, 0], 4), hasAlpha: true),
      Kind(
        testDescription: "ten bits a colour", header: 56, bits: 32, compression: 3,
        masks: [0x3FF0_0000, 0xFFC00, 0x3FF, 0xC000_0000],
        pixel: packed([10, 10, 10, 2], [20, 10, 0, 30], 4), within: 43, hasAlpha: true),
      Kind(
        testDescription: "16 bits without masks", bits: 16,
        pixel: packed([5, 5, 5], [10, 5, 0], 2),
        within: 4),
      Kind(
        testDescription: "16 bits, 5-6-5", bits: 16, compression: 3, masks: [0xF800, 0x7E0, 0x1F],
        pixel: packed([5, 6, 5], [11, 5, 0], 2), within: 4),
      Kind(
        testDescription: "16 bits, four each", header: 108, bits: 16, compression: 3,
        masks: [0xF00, 0xF0, 0xF, 0xF000], pixel: packed([4, 4, 4, 4], [8, 4, 0, 12], 2),
        within: 9, hasAlpha: true),
    ]
    + [56, 108, 124].map {
      Kind(
        testDescription: "32 bits with opacity, header of \($0)", header: $0, bits: 32,
        compression: 3, masks: ordinary, pixel: bgra, hasAlpha: true)
    }

  @Test(arguments: kinds) func everyKindIsRead(_ kind: Kind) throws {
    let file = try bench.put(Self.file(kind), as: "in.bmp")
    let media = try bench.probe(file, decodesFully: true)
    #expect((media.width, media.height) == Self.size)
    #expect(media.hasAlpha == kind.hasAlpha)
    let found = try bench.pixels(file)
    for y in 0..<Self.size.height {
      for x in 0..<Self.size.width {
        let wanted = Self.color(x, y)
        let pixel = found.pixel(x, y)
        #expect(zip(pixel, wanted).allSatisfy { abs($0 - $1) <= kind.within }, "\(pixel) \(wanted)")
        let alpha = found.alpha.map { Int($0[y * Self.size.width + x]) }
        if kind.hasAlpha {
          #expect(abs((alpha ?? -99) - wanted[3]) <= kind.within)
        } else {
          #expect(alpha == nil)
        }
      }
    }
  }

  @Test(arguments: [12, 16, 40, 64], [1, 2, 4, 8]) func palettesAreRead(
    _ header: Int, _ bits: Int
  ) throws {
    let count = 1 << bits
    let kind = Kind(
      testDescription: "", header: header, bits: bits,
      palette: (0..<count).map {
        [UInt8($0 * 3 % 256), UInt8($0 * 5 % 256), UInt8($0 * 255 / (count - 1))]
      })
    var bytes = Self.file(kind)
    bytes.removeLast(bytes.count - (14 + header + count * (header == 12 ? 3 : 4)))
    for y in (0..<Self.size.height).reversed() {
      var line: [UInt8] = []
      var value = 0
      for x in 0..<8 {
        value = value << bits | ((x + y) % count)
        if (x + 1) * bits % 8 == 0 {
          line.append(UInt8(value))
          value = 0
        }
      }
      bytes += line + [UInt8](repeating: 0, count: (4 - line.count % 4) % 4)
    }
    let found = try bench.pixels(bench.put(bytes, as: "in.bmp"))
    for (x, y) in [(0, 0), (6, 4), (3, 2)] {
      let index = (x + y) % count
      #expect(
        found.pixel(x, y) == [index * 255 / (count - 1), index * 5 % 256, index * 3 % 256])
    }
  }

  @Test func runsAreRead() throws {
    let palette = (0..<256).map { [UInt8($0), UInt8(255 - $0), UInt8($0)] }
    // Seven of one colour; four as they are, padded, and three of one; a jump; an early end.
    let data: [UInt8] = [
      7, 10, 0, 0, 0, 3, 1, 2, 3, 0, 4, 9, 0, 0, 0, 2, 2, 1, 5, 200, 0, 0, 0, 1,
    ]
    let found = try bench.pixels(
      bench.put(
        Self.file(
          Kind(testDescription: "", bits: 8, compression: 1, palette: palette, data: data)),
        as: "in.bmp"))
    func index(_ x: Int, _ y: Int) -> Int { found.pixel(x, y)[0] }
    #expect((0..<7).map { index($0, 4) } == [Int](repeating: 10, count: 7))
    #expect((0..<7).map { index($0, 3) } == [1, 2, 3, 9, 9, 9, 9])
    #expect((0..<7).map { index($0, 2) } == [Int](repeating: 0, count: 7))
    #expect((0..<7).map { index($0, 1) } == [0, 0, 200, 200, 200, 200, 200])
    #expect((0..<7).map { index($0, 0) } == [Int](repeating: 0, count: 7))
  }

  @Test func opacityThatIsZeroEverywhereIsNone() throws {
    let kind = Kind(
      testDescription: "", header: 124, bits: 32, compression: 3, masks: Self.ordinary,
      pixel: { Self.bgra([$0[0], $0[1], $0[2], 0]) })
    let file = try bench.put(Self.file(kind), as: "in.bmp")
    #expect(try !bench.probe(file).hasAlpha)
    #expect(try bench.pixels(file).pixel(3, 2) == Array(Self.color(3, 2).prefix(3)))
  }

  @Test func aCutFileSaysHowManyRowsAreThere() throws {
    let whole = Self.file(Kind(testDescription: ""))
    let file = try bench.put(whole.dropLast(2 * 24), as: "in.bmp")
    let error = try bench.error { _ = try bench.probe(file, decodesFully: true) }
    #expect(
      error.message
        == "in.bmp (bmp) is cut off: 3 of 5 rows are there; the file ends at byte \(whole.count - 48)."
    )
  }

  @Test(arguments: [4, 5, 9]) func codingsThatAreNotReadAreNamed(_ compression: Int) throws {
    let file = try bench.put(
      Self.file(Kind(testDescription: "", bits: 8, compression: compression)), as: "in.bmp")
    let error = try bench.error { _ = try bench.probe(file) }
    #expect(error.code == .unsupported)
    #expect(error.message.contains("a BMP of 8 bits a pixel in compression \(compression)"))
  }
}
