import Containers
import Core
import Foundation
import Testing

/// Structures as cameras, telephones and people with bad intentions write them.
@Suite struct StructureTests {
  /// A JPEG of `segments` and a scan.
  static func jpeg(_ segments: [(UInt8, [UInt8])] = [], end: [UInt8] = [0xFF, 0xD9]) -> [UInt8] {
    let frame = (UInt8(0xC0), [8, 0, 8, 0, 8, 1, 1, 0x11, 0] as [UInt8])
    let scan = (UInt8(0xDA), [1, 1, 0, 0, 63, 0] as [UInt8])
    return [0xFF, 0xD8]
      + (segments + [frame, scan]).flatMap { [0xFF, $0] + big($1.count + 2, 2) + $1 }
      + [1, 2, 0xFF, 0, 3, 0xFF, 0xD0, 4] + end
  }

  static func chunk(_ name: String, _ body: [UInt8], crc: [UInt8]? = nil) -> [UInt8] {
    big(body.count, 4) + Array(name.utf8) + body + (crc ?? sum(Array(name.utf8) + body))
  }

  private static func sum(_ bytes: [UInt8]) -> [UInt8] {
    var value: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }
    return big(Int(value ^ 0xFFFF_FFFF), 4)
  }

  static func png(_ chunks: [[UInt8]]) -> [UInt8] {
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", big(1, 4) + big(1, 4) + [8, 0, 0, 0, 0]) + chunks.flatMap { $0 }
      + chunk("IDAT", [1, 2, 3]) + chunk("IEND", [])
  }

  static func box(_ type: String, _ body: [UInt8]) -> [UInt8] {
    big(body.count + 8, 4) + type.unicodeScalars.map { UInt8($0.value) } + body
  }

  // MARK: JPEG

  @Test func theFirstPictureOfSeveralGoesOnAlone() throws {
    let first = Self.jpeg()
    let index: [UInt8] =
      Array("MPF\0II*\0".utf8) + little(8, 4) + little(1, 2) + little(0xB001, 2) + little(4, 2)
      + little(1, 4) + little(2, 4) + little(0, 4)
    let cut = try Cut(Self.jpeg([(0xE2, index)]) + Self.jpeg([(0xFE, Array("PRIVATE".utf8))]))
    let (bytes, strip) = try cut.strip(.jpg)
    #expect(bytes == first)
    #expect(strip.repairs == [.firstPicture(of: 2)])
    #expect(strip.removed == [.secondPicture])
  }

  @Test(arguments: [[], [0xFF]] as [[UInt8]])
  func aMissingEndMarkerIsAdded(end: [UInt8]) throws {
    let (bytes, strip) = try Cut(Self.jpeg(end: end)).strip(.jpg)
    #expect(bytes == Self.jpeg())
    #expect(strip.repairs == [.endMarker])
    #expect(strip.removed == [] && !strip.isUnchanged)
  }

  @Test func whatDecodersNeedStays() throws {
    let profile = Array("ICC_PROFILE\0\u{1}\u{1}profile".utf8)
    let adobe = Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 1]
    let jfif = Array("JFIF\0".utf8) + [1, 2, 0, 0, 1, 0, 1, 0, 0]
    let file = Self.jpeg([(0xE0, jfif), (0xE2, profile), (0xEE, adobe)])
    let (bytes, strip) = try Cut(file).strip(.jpg)
    #expect(bytes == file)
    #expect(strip.isUnchanged)
  }

  @Test func commentsBetweenScansAndFillingGo() throws {
    let note: [UInt8] = [0xFF, 0xFF, 0xFE] + big(9, 2) + Array("PRIVATE".utf8)
    let scan: [UInt8] = [0xFF, 0xDA] + big(8, 2) + [1, 1, 0, 0, 63, 0] + [5, 6]
    let (bytes, strip) = try Cut(Self.jpeg(end: note + scan + [0xFF, 0xD9])).strip(.jpg)
    #expect(bytes == Self.jpeg(end: scan + [0xFF, 0xD9]))
    #expect(strip.removed == [.comment])
  }

  @Test func aMarkOfProvenanceStaysOverItsSegments() throws {
    func part(_ number: Int, _ body: [UInt8]) -> (UInt8, [UInt8]) {
      (0xEB, Array("JP".utf8) + [0, 7] + big(number, 4) + big(200, 4) + Array("jumb".utf8) + body)
    }
    let mark = [part(1, Array("....jumdc2pa".utf8)), part(2, Array("more of it".utf8))]
    let other = (
      UInt8(0xEB), Array("JP".utf8) + [0, 9] + big(1, 4) + Array("PRIVATE box 12345".utf8)
    )
    let (bytes, strip) = try Cut(Self.jpeg(mark + [other])).strip(.jpg)
    #expect(bytes == Self.jpeg(mark))
    #expect(strip.hasProvenance)
    #expect(strip.removed == [.other])
  }

  @Test(arguments: [true, false])
  func exifKeepsItsOrderOfBytesAndWhatIsNeeded(isLittle: Bool) throws {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
      isLittle ? little(value, count) : big(value, count)
    }
    func entry(_ tag: Int, _ type: Int, _ count: Int, _ value: [UInt8]) -> [UInt8] {
      number(tag, 2) + number(type, 2) + number(count, 4) + value
    }
    let place = 8 + 2 + 4 * 12 + 4
    let maker = Array("PRIVATE maker".utf8) + [0]
    let copyright = Array("KEPT".utf8) + [0, 0]
    let block =
      Array((isLittle ? "II" : "MM").utf8) + number(42, 2) + number(8, 4) + number(4, 2)
      + entry(0x010F, 2, maker.count, number(place, 4))
      + entry(0x0112, 3, 1, number(6, 2) + [0, 0])
      + entry(0x8298, 2, 5, number(place + maker.count, 4))
      + entry(0x8825, 4, 1, number(place + maker.count + copyright.count, 4)) + number(0, 4)
      + maker + copyright
      + number(1, 2) + entry(2, 5, 3, number(0, 4)) + number(0, 4)
    let file = Self.jpeg([(0xE1, Array("Exif\0\0".utf8) + block)])
    let (bytes, strip) = try Cut(file).strip(.jpg)
    #expect(!bytes.holds("PRIVATE") && bytes.holds("KEPT"))
    #expect(strip.removed == [.place, .device])
    #expect(Data(bytes).range(of: Data(entry(0x0112, 3, 1, number(6, 2) + [0, 0]))) != nil)
    #expect(try Cut(bytes).strip(.jpg).strip.isUnchanged)
  }

  @Test func rightsInAFormThatCannotBeKeptAreWrittenAnew() throws {
    let packet = Array("http://ns.adobe.com/xap/1.0/\0<not XML".utf8)
    let (bytes, _) = try Cut(Self.jpeg([(0xE1, packet)])).strip(
      .jpg, rights: Rights(copyright: "KEPT by the reader"))
    #expect(bytes.holds("KEPT by the reader") && !bytes.holds("not XML"))
  }

  // MARK: PNG

  @Test func aWrongChecksumOfWhatStaysIsPutRight() throws {
    let right = Self.chunk("tEXt", Array("Copyright\0KEPT".utf8))
    let wrong = Self.chunk("tEXt", Array("Copyright\0KEPT".utf8), crc: [1, 2, 3, 4])
    let (bytes, strip) = try Cut(Self.png([wrong])).strip(.png)
    #expect(bytes == Self.png([right]))
    #expect(strip.repairs == [.checksum("tEXt")])
    #expect(strip.removed == [])
    let gone = Self.chunk("tEXt", Array("Comment\0PRIVATE".utf8), crc: [1, 2, 3, 4])
    let (rest, other) = try Cut(Self.png([gone])).strip(.png)
    #expect(rest == Self.png([]))
    #expect(other.repairs == [.checksum("tEXt")])
  }

  @Test func chunksThatShowThePictureStay() throws {
    let kept = [
      Self.chunk("gAMA", big(45_455, 4)), Self.chunk("pHYs", big(1, 4) + big(1, 4) + [0]),
    ]
    let gone = [
      Self.chunk("tIME", [7, 0, 1, 1, 1, 1, 1]), Self.chunk("prVt", Array("PRIVATE".utf8)),
      Self.chunk("zTXt", Array("Comment\0\0PRIVATE".utf8)),
    ]
    let (bytes, strip) = try Cut(Self.png(kept + gone) + Array("PRIVATE".utf8)).strip(.png)
    #expect(bytes == Self.png(kept))
    #expect(strip.removed == [.time, .comment, .leftover, .other])
  }

  @Test func textsGoBeforeTheControlOfTheirFrame() throws {
    let control = Self.chunk("fcTL", [UInt8](repeating: 0, count: 26))
    let text = Self.chunk("tEXt", Array("Copyright\0KEPT".utf8))
    let note = Self.chunk("tEXt", Array("Comment\0PRIVATE".utf8))
    let (bytes, _) = try Cut(Self.png([control, note, text])).strip(.png)
    #expect(bytes == Self.png([text, control]))
  }

  @Test func anUnknownChunkThatIsNeededIsNotUnderstood() throws {
    let file = try Cut(Self.png([Self.chunk("CgBI", [0, 0, 0, 0])]))
    #expect(throws: StructureError.self) { try file.strip(.png) }
  }

  @Test(arguments: [0, 5, 11])
  func aMissingEndChunkIsAdded(left: Int) throws {
    let whole = Self.png([])
    let cut = try Cut(Array(whole.dropLast(12 - left)))
    for policy in MetadataPolicy.allCases {
      let (bytes, strip) = try cut.strip(.png, policy: policy)
      #expect(bytes.count >= whole.count && bytes.suffix(12) == whole.suffix(12))
      #expect(strip.repairs == [.endMarker] && strip.removed == [])
    }
  }

  // MARK: Kept as it is

  @Test func whatIsKeptIsPutRightToo() throws {
    let note = Array("Comment\0PRIVATE".utf8)
    let wrong = Self.png([Self.chunk("tEXt", note, crc: [1, 2, 3, 4])])
    let (png, picture) = try Cut(wrong).strip(.png, policy: .keep)
    #expect(png == Self.png([Self.chunk("tEXt", note)]))
    #expect(picture.repairs == [.checksum("tEXt")] && picture.removed == [.comment])
    let segment = (UInt8(0xFE), Array("PRIVATE".utf8))
    for end in [[], [0xFF]] as [[UInt8]] {
      let (jpg, photograph) = try Cut(Self.jpeg([segment], end: end)).strip(.jpg, policy: .keep)
      #expect(jpg == Self.jpeg([segment]))
      #expect(photograph.repairs == [.endMarker] && photograph.removed == [.comment])
    }
    let sound = Self.jpeg([segment]) + Self.jpeg()
    let (same, both) = try Cut(sound).strip(.jpg, policy: .keep)
    #expect(same == sound && both.isUnchanged && both.removed == [.comment, .secondPicture])
  }

  // MARK: BMP

  @Test func whatStandsBehindABitmapGoes() throws {
    let header =
      little(40, 4) + little(2, 4) + little(2, 4) + little(1, 2) + little(24, 2) + little(0, 24)
    let bitmap =
      Array("BM".utf8) + little(70, 4) + little(0, 4) + little(54, 4) + header
      + [UInt8](repeating: 9, count: 16)
    let (bytes, strip) = try Cut(bitmap + Array("PRIVATE".utf8)).strip(.bmp)
    #expect(bytes == bitmap)
    #expect(strip.removed == [.leftover])
    #expect(try Cut(bitmap).strip(.bmp).strip.isUnchanged)
  }

  // MARK: Boxes and elements

  @Test func boxesKeepTheirPlaces() throws {
    let header =
      [UInt8](repeating: 0, count: 4) + big(77, 4) + big(78, 4) + [UInt8](repeating: 1, count: 88)
    let place = Self.box("©xyz", Array("PRIVATE+48.2/".utf8))
    let owner = Self.box("©cpy", Array("\0\u{4}\0\0KEPT".utf8))
    let file =
      Self.box("ftyp", Array("isom\0\0\0\0isom".utf8))
      + Self.box("moov", Self.box("mvhd", header) + Self.box("udta", place + owner))
      + Self.box("prvt", Array("PRIVATE".utf8)) + Self.box("mdat", [1, 2, 3, 4])
      + Array("PRIVATE trailer of the maker".utf8)
    let (bytes, strip) = try Cut(file).strip(.mp4)
    #expect(bytes.count == file.count - 28)
    #expect(!bytes.holds("PRIVATE") && bytes.holds("KEPT") && bytes.holds("free"))
    #expect(strip.removed == [.place, .time, .leftover, .other])
    let data = try #require(Data(bytes).range(of: Data("mdat".utf8)))
    #expect(data == Data(file).range(of: Data("mdat".utf8)))
  }

  /// A video of one track, whose chunks lie at `chunks` with one sample of `length` bytes each.
  static func video(
    chunks: [Int], length: Int, handler: String = "vide", entry: [UInt8] = [], samples: Int = 1
  ) -> [UInt8] {
    let table = big(0, 4)
    let sizes = table + big(length, 4) + big(chunks.count * samples, 4)
    let places = table + big(chunks.count, 4) + chunks.flatMap { big($0, 4) }
    let runs = table + big(1, 4) + big(1, 4) + big(samples, 4) + big(1, 4)
    let kinds = table + big(1, 4) + entry
    let tables =
      box("stsd", kinds) + box("stsc", runs) + box("stsz", sizes) + box("stco", places)
    let name = big(0, 8) + Array(handler.utf8) + big(0, 12)
    return box(
      "moov",
      box(
        "trak", box("mdia", box("hdlr", name) + box("minf", box("stbl", tables)))))
  }

  /// Dashboard cameras write where they are between the samples, where no track refers to it.
  @Test func whatLiesBetweenTheSamplesGoes() throws {
    let type = Self.box("ftyp", Array("isom\0\0\0\0".utf8))
    let data = type.count + 8
    let samples = "pictures freeGPS PRIVATE pictures PRIVATE"
    let index = Self.video(chunks: [data, data + 25], length: 8)
    let file = try Cut(type + Self.box("mdat", Array(samples.utf8)) + index)
    let (bytes, strip) = try file.strip(.mp4)
    #expect(!bytes.holds("PRIVATE") && !bytes.holds("GPS"))
    #expect(Array(bytes[data..<data + 8]) == Array("pictures".utf8))
    #expect(Array(bytes[data + 25..<data + 33]) == Array("pictures".utf8))
    #expect(bytes.count == (type + Self.box("mdat", Array(samples.utf8)) + index).count)
    #expect(strip.removed == [.leftover])
    #expect(try Cut(bytes).strip(.mp4).strip.isUnchanged)
  }

  /// QuickTime says that a sample of sound takes one byte, whatever it takes.
  @Test(arguments: [0, 1, 2])
  func soundOfSeveralBytesASampleStaysWhole(version: Int) throws {
    let type = Self.box("ftyp", Array("qt  \0\0\0\0".utf8))
    let data = type.count + 8
    let (channels, bits) = version == 0 ? (2, 16) : (0, 0)
    let head = [UInt8](repeating: 0, count: 8) + big(version, 2) + big(0, 6)
    let common = head + big(channels, 2) + big(bits, 2) + big(0, 8)
    let more: [UInt8] =
      switch version {
      case 1: [1, 2, 4, 2].flatMap { big($0, 4) }
      case 2: [72, 0, 0, 2, 0, 16, 0, 4, 1].flatMap { big($0, 4) }
      default: []
      }
    let entry = Self.box("sowt", common + more + (version == 2 ? big(0, 8) : []))
    let index = Self.video(
      chunks: [data], length: 1, handler: "soun", entry: entry, samples: 4)
    let file = type + Self.box("mdat", Array("sixteen of soundPRIVATE".utf8)) + index
    let (bytes, _) = try Cut(file).strip(.mov)
    #expect(bytes.holds("sixteen of sound") && !bytes.holds("PRIVATE"))
  }

  @Test func whatIsSaidOfAnOwnerGoesAndTheOwnerStays() throws {
    func element(_ id: [UInt8], _ body: [UInt8]) -> [UInt8] {
      id + [0x40 | UInt8(body.count >> 8), UInt8(body.count & 255)] + body
    }
    func tag(_ name: String, _ text: String, _ inner: [UInt8] = []) -> [UInt8] {
      element(
        [0x67, 0xC8],
        element([0x45, 0xA3], Array(name.utf8)) + element([0x44, 0x87], Array(text.utf8)) + inner)
    }
    let owner = tag("COPYRIGHT", "KEPT", tag("EMAIL", "PRIVATE", tag("PHONE", "PRIVATE")))
    let tags = element([0x73, 0x73], element([0x63, 0xC0], []) + owner + tag("GPS", "PRIVATE"))
    let file =
      element([0x1A, 0x45, 0xDF, 0xA3], [])
      + element([0x18, 0x53, 0x80, 0x67], element([0x12, 0x54, 0xC3, 0x67], tags))
    let (bytes, strip) = try Cut(file).strip(.mkv)
    #expect(bytes.holds("COPYRIGHT") && bytes.holds("KEPT") && !bytes.holds("PRIVATE"))
    #expect(bytes.count == file.count)
    #expect(strip.removed == [.place, .other])
  }

  @Test(
    arguments: [
      [0, 0, 0, 4], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 1],
    ] as [[UInt8]])
  func boxesOfImpossibleLengthsAreNotFollowed(length: [UInt8]) throws {
    let inner = length + Array("trak".utf8) + [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
    let file = try Cut(
      Self.box("ftyp", Array("isom\0\0\0\0".utf8)) + Self.box("moov", inner)
        + Self.box("mdat", [1]))
    #expect(throws: StructureError.self) { try file.strip(.mp4) }
  }

  @Test func deepBoxesEnd() throws {
    var nested = Self.box("udta", Array("PRIVATE".utf8))
    for _ in 0..<3_000 { nested = Self.box("moov", nested) }
    let file = try Cut(Self.box("ftyp", Array("isom\0\0\0\0".utf8)) + nested)
    let result = try? file.strip(.mp4)
    #expect(result?.bytes.holds("PRIVATE") != true)
  }

  @Test func directoriesInACircleEnd() throws {
    let entries = [
      little(256, 2) + little(3, 2) + little(1, 4) + little(1, 4),
      little(257, 2) + little(3, 2) + little(1, 4) + little(1, 4),
      little(273, 2) + little(4, 2) + little(1, 4) + little(62, 4),
      little(279, 2) + little(4, 2) + little(1, 4) + little(1, 4),
    ]
    let file =
      Array("II*\0".utf8) + little(8, 4) + little(4, 2) + entries.flatMap { $0 } + little(8, 4) + [
        9
      ]
      + Array(" PRIVATE".utf8)
    let (bytes, strip) = try Cut(file).strip(.tiff)
    #expect(bytes.count == 63 && bytes.last == 9)
    #expect(!strip.isUnchanged)
  }

  /// Whatever happens to a file, it ends: with a copy, or with a reason.
  @Test(arguments: privateFiles.map(\.name))
  func damageNeverHarms(name: String) throws {
    let format = try #require(privateFiles.first { $0.name == name }?.format)
    let whole = try bytes("private/\(name)")
    var state: UInt64 = 42
    func random(_ most: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % max(1, most)
    }
    var (copies, reasons) = (0, 0)
    for round in 0..<150 {
      var damaged = whole
      if round % 3 == 0 { damaged.removeSubrange(random(whole.count)...) }
      for _ in 0..<(round % 3 == 0 ? 0 : 1 + random(8)) {
        // The head holds most of the structure.
        damaged[random(round % 2 == 0 ? whole.count : min(2_000, whole.count))] =
          [0, 1, 0x7F, 0x80, 0xFF, UInt8(random(256))][random(6)]
      }
      let cut = try Cut(damaged)
      do {
        let (bytes, _) = try cut.strip(format)
        #expect(bytes.count <= whole.count * 2 + 4_096)
        copies += 1
      } catch let error as StructureError {
        #expect(!error.reason.isEmpty)
        reasons += 1
      }
    }
    #expect(copies + reasons == 150)
  }
}
