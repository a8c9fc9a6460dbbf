import Core
import Deflate
import Imaging
import Processing
import Testing

/// PNGs: deep ones with opacity and profiles, and damaged ones, which say what is wrong where.
@Suite struct PNGTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test(arguments: [8, 16], [0, 2, 4, 6]) func opacityIsScaledLikeColors(
    _ bits: Int, _ kind: Int
  ) throws {
    let isGray = kind == 0 || kind == 4
    let hasAlpha = kind >= 4
    let builder = PNGBuilder(
      bits: bits, kind: kind,
      profile: isGray ? ProfileBuilder.gray(gamma: 1.8) : ProfileBuilder.rgb(gamma: 1.8))
    let shares = [0.03, 0.2, 0.5, 0.97]
    let file = try bench.put(
      builder.file { x, y in
        [Double](repeating: shares[x % 4], count: isGray ? 1 : 3)
          + (hasAlpha ? [shares[y % 4]] : [])
      }, as: "in.png")
    let found = try bench.pixels(file)
    for (x, y) in [(0, 0), (1, 3), (2, 1), (3, 2)] {
      // Eight bits round before the curve does.
      let wanted = ProfileBuilder.inSRGB(
        bits == 8 ? (shares[x] * 255).rounded() / 255 : shares[x], gamma: 1.8)
      #expect(
        found.pixel(x, y).allSatisfy { abs($0 - wanted) <= 1 }, "\(found.pixel(x, y)) \(wanted)")
      let alpha = found.alpha.map { Int($0[y * 16 + x]) }
      #expect(alpha == (hasAlpha ? Int((shares[y] * 255).rounded()) : nil))
    }
    #expect(found.changes.contains { $0.kind == .color && $0.to == "sRGB" })
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    var message: String
  }

  static let damages: [Damage] = {
    let builder = PNGBuilder()
    let data = builder.data { x, y in [Double(x) / 15, Double(y) / 11, 0.5] }
    let (start, header) = (PNGBuilder.signature, builder.header)
    let pixels = PNGBuilder.chunk("IDAT", data)
    let end = PNGBuilder.chunk("IEND", [])
    func changed(_ change: (inout [UInt8]) -> Void) -> [UInt8] {
      var content = PNGBuilder.four(16) + PNGBuilder.four(12) + [8, 2, 0, 0, 0]
      change(&content)
      return start + PNGBuilder.chunk("IHDR", content) + pixels + end
    }
    var flipped = data
    flipped[flipped.count / 2] ^= 0xFF
    return [
      Damage(
        testDescription: "pixels with a wrong check sum",
        bytes: start + header + PNGBuilder.chunk("IDAT", flipped, sum: 1) + end,
        message: "the check sum of chunk IDAT at byte 33 is wrong"),
      Damage(
        testDescription: "a header with a wrong check sum",
        bytes: start + PNGBuilder.chunk("IHDR", [0, 0, 0, 4, 0, 0, 0, 4, 8, 2, 0, 0, 0], sum: 7)
          + pixels,
        message: "the check sum of chunk IHDR at byte 8 is wrong"),
      Damage(
        testDescription: "cut in the pixels", bytes: start + header + pixels.dropLast(30),
        message: "chunk IDAT at byte 33 needs \(data.count) bytes, and the file ends after"),
      Damage(
        testDescription: "no pixels", bytes: start + header + end,
        message: "there is no IDAT chunk, so no pixels"),
      Damage(
        testDescription: "nothing behind the header", bytes: start + header,
        message: "there is no IDAT chunk, so no pixels; the file ends at byte 33"),
      Damage(
        testDescription: "another chunk first", bytes: start + pixels + header + end,
        message: "the first chunk is IDAT and not IHDR"),
      Damage(
        testDescription: "no width", bytes: changed { $0[3] = 0 },
        message: "chunk IHDR says 0x12 pixels"),
      Damage(
        testDescription: "an impossible depth", bytes: changed { $0[8] = 4 },
        message: "chunk IHDR says 4 bits a sample, impossible in colour type 2"),
      Damage(
        testDescription: "an impossible colour type", bytes: changed { $0[9] = 5 },
        message: "chunk IHDR says colour type 5, which does not exist"),
      Damage(
        testDescription: "an impossible interlacing", bytes: changed { $0[12] = 9 },
        message: "names a compression, filter or interlacing that does not exist"),
      Damage(
        testDescription: "no palette", bytes: changed { $0[9] = 3 },
        message: "the palette (chunk PLTE) is missing before byte 33"),
      Damage(
        testDescription: "no chunk where one should be",
        bytes: start + header + [0, 0, 0, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9] + pixels + end,
        message: "at byte 33 there is no chunk where one should begin"),
      Damage(
        testDescription: "an unknown critical chunk",
        bytes: start + header + PNGBuilder.chunk("ABCD", [1]) + pixels + end,
        message: "at byte 33 there is a chunk ABCD, which no reader knows"),
      Damage(
        testDescription: "pixels that do not decompress",
        bytes: start + header + PNGBuilder.chunk("IDAT", [0x78, 0x9C, 1, 2, 3, 4, 5, 6, 7]) + end,
        message: "The pixels of in.png (png) cannot all be read"),
    ]
  }()

  @Test(arguments: damages) func damageSaysWhatAndWhere(_ damage: Damage) throws {
    let file = try bench.put(damage.bytes, as: "in.png")
    let error = try bench.error { _ = try bench.probe(file, decodesFully: true) }
    #expect(error.code == .damaged)
    #expect(error.message.contains(damage.message), "\(error.message)")
  }

  @Test func whatLosesNothingIsARemark() throws {
    let builder = PNGBuilder()
    let data = builder.data { _, _ in [0.1, 0.2, 0.3] }
    let start = PNGBuilder.signature + builder.header
    let pixels = PNGBuilder.chunk("IDAT", data)
    let text = PNGBuilder.chunk("tEXt", Array("Comment".utf8) + [0, 0x61], sum: 99)
    let end = PNGBuilder.chunk("IEND", [])
    let cases: [(bytes: [UInt8], remark: String?)] = [
      (start + pixels + end, nil),
      (start + text + pixels + end, "the check sum of chunk tEXt at byte 33 is wrong"),
      (start + pixels + end + [1, 2, 3], "3 bytes follow the last chunk"),
      (start + pixels, "no end chunk (IEND)"),
    ]
    for (bytes, remark) in cases {
      let media = try bench.probe(bench.put(bytes, as: "in.png"), decodesFully: true)
      #expect(media.remarks == remark.map { [$0] })
    }
  }
}
