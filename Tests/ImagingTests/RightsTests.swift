import Core
import Imaging
import Processing
import TestSupport
import Testing

/// Whose a picture is travels with it; where it was taken and with what does not.
@Suite struct RightsTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// A JPEG whose EXIF names a copyright, an artist, a place and a camera's serial number.
  func photograph() throws -> String {
    func two(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }
    func four(_ value: Int) -> [UInt8] { two(value & 0xFFFF) + two(value >> 16) }
    func entry(_ tag: Int, _ kind: Int, _ count: Int, _ value: Int) -> [UInt8] {
      two(tag) + two(kind) + four(count) + four(value)
    }
    let texts = ["(c) 2026 Ada", "Ada Lens", "PRIVATE-SERIAL-0815"].map { Array($0.utf8) + [0] }
    // The header, five entries, and behind them the texts and a place.
    let start = 8 + 2 + 5 * 12 + 4
    let offsets = [start, start + texts[0].count, start + texts[0].count + texts[1].count]
    let place = offsets[2] + texts[2].count
    var tiff = Array("II".utf8) + two(42) + four(8) + two(5)
    tiff += entry(0x010F, 2, 4, 0x4E_4B_4E)
    tiff += entry(0x013B, 2, texts[1].count, offsets[1])
    tiff += entry(0x8298, 2, texts[0].count, offsets[0])
    tiff += entry(0x8825, 4, 1, place)
    tiff += entry(0xC62F, 2, texts[2].count, offsets[2])
    tiff += four(0) + texts[0] + texts[1] + texts[2]
    tiff += two(1) + entry(1, 2, 2, 0x4E) + four(0)
    let exif = Array("Exif".utf8) + [0, 0] + tiff
    let length = exif.count + 2
    let source = try bench.bytes(fixture("formats/gray.jpg"))
    return try bench.put(
      source.prefix(2) + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + exif
        + source.dropFirst(2), as: "photograph.jpg")
  }

  static let formats: [MediaFormat] = [.jpg, .png, .webp]

  @Test(arguments: formats)
  func copyrightStaysAndTheRestGoes(_ format: MediaFormat) throws {
    let file = try photograph()
    #expect(try bench.probe(file).rights == Rights(copyright: "(c) 2026 Ada", creator: "Ada Lens"))
    let request = RenditionRequest(
      output: bench.path("out." + format.name), format: format, width: 20, height: 20)
    let made = try #require(bench.render(file, [request]).first)
    #expect(made.media.rights == Rights(copyright: "(c) 2026 Ada", creator: "Ada Lens"))
    #expect(made.changes.contains { $0.kind == .metadata && $0.to.contains("copyright") })
    let text = String(decoding: try bench.bytes(made.file), as: UTF8.self)
    #expect(!text.contains("PRIVATE-SERIAL"))
    #expect(!text.contains("NKN"))
  }

  @Test(arguments: formats)
  func whatIsAskedForIsWritten(_ format: MediaFormat) throws {
    let rights = Rights(
      copyright: "Shop", digitalSourceType: DigitalSourceType.compositeSynthetic.uri)
    let request = RenditionRequest(
      output: bench.path("out." + format.name), format: format, rights: rights)
    let made = try #require(bench.render(photograph(), [request]).first)
    #expect(made.media.rights == rights)
    #expect(try bench.probe(made.file, decodesFully: true).rights == rights)
  }

  @Test(arguments: formats) func nothingIsWrittenWhereNothingIsToBe(_ format: MediaFormat) throws {
    let request = RenditionRequest(
      output: bench.path("out." + format.name), format: format, rights: Rights())
    let made = try #require(bench.render(photograph(), [request]).first)
    #expect(made.media.rights == nil)
  }

  @Test func normalizingKeepsThem() throws {
    let answer = try bench.normalize(photograph(), MediaLimits(maximumSide: 16))
    #expect(answer.media.rights?.copyright == "(c) 2026 Ada")
  }
}
