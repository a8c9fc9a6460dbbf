import Core
import Imaging
import Processing
import TestSupport
import Testing
import Vips

@Suite struct BitmapTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  static func four(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (8 * $0) & 255) } }

  /// A BMP of 24 bits; rows are padded to four bytes and stand bottom up, or top down.
  static func bitmap(_ width: Int, _ height: Int, topDown: Bool = false) -> [UInt8] {
    let stride = (width * 3 + 3) / 4 * 4
    var bytes = Array("BM".utf8) + four(54 + stride * height) + four(0) + four(54)
    bytes += four(40) + four(width) + four(topDown ? -height : height) + [1, 0, 24, 0]
    bytes += four(0) + four(stride * height) + four(2835) + four(2835) + four(0) + four(0)
    for row in 0..<height {
      let y = topDown ? row : height - 1 - row
      var line: [UInt8] = []
      for x in 0..<width { line += [UInt8(x * 9 % 256), UInt8(y * 11 % 256), 200] }
      bytes += line + [UInt8](repeating: 0, count: stride - line.count)
    }
    return bytes
  }

  /// A TIFF of gray samples without compression. Source: TIFF 6.0, section 3.
  static func tiff(_ width: Int, _ height: Int) -> [UInt8] {
    func two(_ value: Int) -> [UInt8] { Array(four(value).prefix(2)) }
    let fields = [
      (256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8 + 2 + 9 * 12 + 4),
      (277, 1), (278, height), (279, width * height),
    ]
    var bytes = Array("II".utf8) + two(42) + four(8) + two(fields.count)
    for (tag, value) in fields { bytes += two(tag) + two(4) + four(1) + four(value) }
    return bytes + four(0) + (0..<width * height).map { UInt8($0 % 251) }
  }

  @Test func tiffIsRead() throws {
    let media = try bench.probe(bench.put(Self.tiff(24, 16), as: "in.tiff"), decodesFully: true)
    #expect((media.format, media.width, media.height) == (.tiff, 24, 16))
  }

  @Test(arguments: [false, true]) func isReadUpright(_ topDown: Bool) throws {
    let file = try bench.put(Self.bitmap(21, 13, topDown: topDown), as: "in.bmp")
    let media = try bench.probe(file, decodesFully: true)
    #expect(media.format == .bmp)
    #expect((media.width, media.height) == (21, 13))
    #expect(!media.hasAlpha)
    let pixels = try bench.pixels(file)
    #expect(pixels.pixel(20, 0) == [200, 0, 180])
    #expect(pixels.pixel(0, 12) == [200, 132, 0])
  }

  @Test func becomesWhatIsTaken() throws {
    let file = try bench.put(Self.bitmap(40, 30), as: "in.bmp")
    let answer = try bench.normalize(file, MediaLimits(formats: [.jpg, .png], maximumSide: 20))
    #expect(answer.media.format == .jpg)
    #expect((answer.media.width, answer.media.height) == (20, 15))
    #expect(answer.changes.map(\.kind).contains(.format))
  }

  @Test func aHugeHeaderIsRefusedBeforeItIsBelieved() throws {
    var bytes = Self.bitmap(4, 3)
    bytes.replaceSubrange(18..<26, with: Self.four(60_000) + Self.four(60_000))
    let file = try bench.put(bytes, as: "huge.bmp")
    let error = try bench.error { _ = try bench.probe(file) }
    #expect(error.code == .limit)
    #expect(error.message.contains("60000x60000"))
  }

  /// Bytes that are not those of a picture lead to an error or to facts, never to a crash.
  @Test(arguments: [
    "formats/orientation-6.jpg", "formats/cmyk.jpg", "formats/sixteen-bit.png", "formats/alpha.png",
    "formats/alpha.webp", "formats/animated.gif", "moving/animated.webp", "moving/animated.png",
    "moving/interlaced.gif", "in.bmp", "in.tiff", "out.avif", "out.heic",
  ])
  func damagedHeadersAreErrors(_ name: String) throws {
    let whole: [UInt8]
    switch name {
    case "in.bmp": whole = Self.bitmap(31, 17)
    case "in.tiff": whole = Self.tiff(24, 16)
    case "out.avif", "out.heic":
      let image = try Image.open(
        fixture("formats/orientation-1.jpg"), with: .jpeg, cancellation: Cancellation())
      let compression = name.hasSuffix("heic") ? "hevc" : "av1"
      whole = try image.encoded(suffix: ".heic", options: "compression=\(compression)")
        .withBytes { Array($0) }
      #expect(try bench.probe(bench.put(whole, as: name), decodesFully: true).width == 160)
    default: whole = try bench.bytes(fixture(name))
    }
    var state: UInt32 = 11
    func random(_ below: Int) -> Int {
      state = state &* 1_664_525 &+ 1_013_904_223
      return Int(state >> 8) % max(1, below)
    }
    for round in 0..<40 {
      var bytes = whole
      if round % 4 == 3 { bytes.removeLast(random(bytes.count - 16)) }
      for _ in 0..<(1 + random(6)) { bytes[random(min(bytes.count, 400))] = UInt8(random(256)) }
      let file = try bench.put(bytes, as: "damaged")
      do {
        let media = try bench.probe(file, decodesFully: true)
        #expect(media.width > 0 && media.height > 0)
      } catch let error as SwaplineError {
        #expect(!error.message.isEmpty && error.hint?.isEmpty == false)
        #expect(error.code != .internal, "\(error)")
      }
    }
  }
}
