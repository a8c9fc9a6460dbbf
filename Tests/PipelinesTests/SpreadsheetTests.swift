import Core
import Foundation
import TestSupport
import Testing

@testable import Files
@testable import Pipelines

/// Lists as Excel, LibreOffice and Google Sheets write them in several countries.
@Suite struct SpreadsheetTests {
  /// What came of a list: items, failures by line, and what was said.
  struct Reading {
    var items: [Item] = []
    var failures: [(line: Int, error: SwaplineError)] = []
    var notes: [String] = []
  }

  static func read(
    _ bytes: [UInt8], face: String? = nil, stages: Set<String>? = nil, naming: NamePattern? = nil
  ) throws -> Reading {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/items.csv"
    try FileSystem.write(bytes, to: path)
    let said = Notes()
    let file = try ItemsFile(path, face: face, stages: stages, naming: naming) {
      said.texts.append($0.replacing(folder.path + "/", with: ""))
    }
    var reading = Reading()
    for entry in file {
      switch entry {
      case .success(var item):
        item.scene = item.scene.replacing(folder.path + "/", with: "")
        item.face = item.face?.replacing(folder.path + "/", with: "")
        reading.items.append(item)
      case .failure(let failure):
        reading.failures.append((failure.item.origin?.line ?? 0, failure.error))
      }
    }
    reading.notes = said.texts
    return reading
  }

  final class Notes {
    var texts: [String] = []
  }

  static func utf16(_ text: String, isLittle: Bool, mark: Bool = true) -> [UInt8] {
    ((mark ? [0xFEFF] : []) + Array(text.utf16)).flatMap { unit -> [UInt8] in
      let bytes = [UInt8(unit & 255), UInt8(unit >> 8)]
      return isLittle ? bytes : bytes.reversed()
    }
  }

  static func windows(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { $0 == "€" ? 0x80 : UInt8($0.value) }
  }

  static let forms: [(String, [UInt8])] = [
    ("comma", Array("id,scene,face\na,ä 1.jpg,f.jpg\nb,€.jpg,f.jpg\n".utf8)),
    ("mark", Array("\u{FEFF}id,scene,face\r\na,ä 1.jpg,f.jpg\r\nb,€.jpg,f.jpg".utf8)),
    ("semicolon", Array("id;scene;face\r\na;ä 1.jpg;f.jpg\r\nb;€.jpg;f.jpg\r\n".utf8)),
    ("tab", Array("id\tscene\tface\r\na\tä 1.jpg\tf.jpg\r\nb\t€.jpg\tf.jpg\r\n".utf8)),
    ("bar", Array("id|scene|face\na|ä 1.jpg|f.jpg\nb|€.jpg|f.jpg\n".utf8)),
    ("sep", Array("sep=;\r\nid;scene;face\r\na;ä 1.jpg;f.jpg\r\nb;€.jpg;f.jpg\r\n".utf8)),
    ("quoted sep", Array("\"sep=:\"\nid:scene:face\na:ä 1.jpg:f.jpg\nb:€.jpg:f.jpg\n".utf8)),
    (
      "sep tab", Array("\u{FEFF}SEP=\t\nid\tscene\tface\na\tä 1.jpg\tf.jpg\nb\t€.jpg\tf.jpg\n".utf8)
    ),
    ("returns", Array("id,scene,face\ra,ä 1.jpg,f.jpg\rb,€.jpg,f.jpg\r".utf8)),
    (
      "unicode text",
      utf16("id\tscene\tface\r\na\tä 1.jpg\tf.jpg\r\nb\t€.jpg\tf.jpg", isLittle: true)
    ),
    ("big endian", utf16("id;scene;face\na;ä 1.jpg;f.jpg\nb;€.jpg;f.jpg\n", isLittle: false)),
    (
      "unmarked",
      utf16("id,scene,face\na,ä 1.jpg,f.jpg\nb,€.jpg,f.jpg\n", isLittle: true, mark: false)
    ),
    ("windows", windows("id;scene;face\r\na;ä 1.jpg;f.jpg\r\nb;€.jpg;f.jpg\r\n")),
    ("capitals", Array("ID, Scene ,FACE\na,ä 1.jpg,f.jpg\nb,€.jpg,f.jpg\n".utf8)),
    (
      "quoted",
      Array(
        "\"id\",\"scene\",\"face\"\n\"a\",\"ä 1.jpg\",\"f.jpg\"\n\"b\",\"€.jpg\",\"f.jpg\"\n".utf8)
    ),
    (
      "blanks",
      Array(" id ,\tscene, face\n a,  ä 1.jpg ,f.jpg\t\n b , \"€.jpg\" ,\u{A0}f.jpg\n".utf8)
    ),
    ("ragged", Array("id,scene,face,,\na,ä 1.jpg,f.jpg,,\nb,€.jpg,f.jpg,,,,\n".utf8)),
    (
      "empty rows",
      Array("id;scene;face\n;;\na;ä 1.jpg;f.jpg\n\n;;\n\"\";;\nb;€.jpg;f.jpg\n;;\n".utf8)
    ),
    (
      "JSON lines",
      Array(
        "\u{FEFF}{\"id\":\"a\",\"scene\":\"ä 1.jpg\",\"face\":\"f.jpg\"}\r\n\r\n{\"id\":\"b\",\"Scene\":\"€.jpg\",\"FACE\":\"f.jpg\"}"
          .utf8)
    ),
    (
      "JSON lines, UTF-16",
      utf16(
        "{\"id\":\"a\",\"scene\":\"ä 1.jpg\",\"face\":\"f.jpg\"}\n{\"id\":\"b\",\"scene\":\"€.jpg\",\"face\":\"f.jpg\"}",
        isLittle: true)
    ),
    (
      "JSON list",
      Array(
        "[\n  {\"id\": \"a\",\n   \"scene\": \"ä 1.jpg\", \"face\": \"f.jpg\"},\n  {\"id\": \"b\", \"scene\": \"€.jpg\", \"face\": \"f.jpg\"}\n]\n"
          .utf8)
    ),
  ]

  @Test(arguments: forms) func everyFormIsRead(name: String, bytes: [UInt8]) throws {
    let reading = try Self.read(bytes)
    #expect(reading.failures.isEmpty, "\(reading.failures)")
    #expect(
      reading.items == [
        Item(id: "a", scene: "ä 1.jpg", face: "f.jpg"),
        Item(id: "b", scene: "€.jpg", face: "f.jpg"),
      ], "\(reading.items)")
    switch name {
    case "windows":
      #expect(reading.notes.count == 1)
      #expect(reading.notes.first?.contains("items.csv:2 is not UTF-8") == true)
      #expect(reading.notes.first?.contains("Windows-1252") == true)
    case "empty rows": #expect(reading.notes == ["items.csv: 4 empty rows were skipped"])
    default: #expect(reading.notes.isEmpty)
    }
  }

  typealias Bad = (text: String, ids: [String], lines: [Int], says: String)

  static let bad: [Bad] = [
    ("id,scene\na,a.jpg\nb,b.jpg,c\nc,c.jpg\n", ["a", "c"], [3], "3 fields for 2 columns"),
    ("id,scene\na,a.jpg\nb\nc,c.jpg\n", ["a", "c"], [3], "no scene"),
    ("id,scene\na,a.jpg\nb,\nc,c.jpg\n", ["a", "c"], [3], "no scene"),
    ("id,scene\na,a.jpg\nb,\"b.jpg\nc,c.jpg\nd,d.jpg\n", ["a", "c", "d"], [3], "never closed"),
    ("id,scene\na,\"a.jpg\nb,\"b.jpg\nc,c.jpg\n", ["c"], [2, 3], "never closed"),
    ("id,scene\na,\"a\" x.jpg\nb,b.jpg\n", ["b"], [2], "follows a closed"),
    ("id,scene\na,a \"big\" 5\".jpg\nb,b.jpg\n", ["a", "b"], [], ""),
    ("id,scene\n\"a\nb\",\"x\r\ny.jpg\"\nb,b.jpg\nb,c.jpg\n", ["a-b", "b"], [6], "lines 5 and 6"),
    ("id,scene\r\"a\rb\",a.jpg\rb\rc,c.jpg\r", ["a-b", "c"], [4], "no scene"),
    ("id,scene\na,a\u{0}.jpg\nb,b.jpg\n", ["b"], [2], "zero byte"),
    (
      "{\"scene\":\"a.jpg\"}\n{\"scene\":\n[1]\n{\"scene\":\"d.jpg\"}\n", ["a", "d"], [2, 3],
      "not a JSON object"
    ),
    (
      "{\"scene\":\"a.jpg\"}\n\n{\"scene\":\"b.jpg\",\"scene\":\"c.jpg\"}\n", ["a"], [3],
      "appears twice"
    ),
    ("{\"scene\":7}\n{\"scene\":\"b.jpg\"}\n", ["b"], [1], "must be a string"),
    (
      "[{\"scene\":\"a.jpg\"},\n5,\n{\"scene\":\"]},\\\"[\"},{\"scene\":}\n,{\"scene\":\"e.jpg\"}]",
      ["a", "]},\"[", "e"], [2, 3], "not a JSON object"
    ),
    ("[{\"scene\":\"a.jpg\"},\n{\"scene\":\"b.jpg\"", ["a"], [2], "never closed"),
  ]

  @Test(arguments: bad) func aBadRowFailsAloneWithItsLine(_ bad: Bad) throws {
    let reading = try Self.read(Array(bad.text.utf8))
    #expect(reading.items.map(\.id) == bad.ids.map { Item.safeName($0) })
    #expect(reading.failures.map(\.line) == bad.lines, "\(reading.failures)")
    for failure in reading.failures {
      #expect(failure.error.message.contains(bad.says), "\(failure.error)")
      #expect(
        failure.error.place?.hasSuffix("items.csv:\(failure.line)") == true, "\(failure.error)")
      #expect(failure.error.hint != nil)
      #expect(failure.error.item != nil)
    }
  }

  @Test func bytesOfNoEncodingFailAlone() throws {
    let reading = try Self.read(
      Array("id,scene\na,a.jpg\nb,".utf8) + [0x81, 0x8D] + Array(".jpg\nc,c.jpg\n".utf8))
    #expect(reading.items.map(\.id) == ["a", "c"])
    #expect(reading.failures.map(\.line) == [3])
    #expect(
      reading.failures.first?.error.message.contains("neither UTF-8 nor Windows-1252") == true)
  }

  @Test(arguments: ["", "\""]) func longRowsAreBounded(quote: String) throws {
    let long = quote + String(repeating: "x", count: 3 << 20)
    let reading = try Self.read(Array("id,scene\na,a.jpg\nb,\(long)\nc,c.jpg\n".utf8))
    #expect(reading.items.map(\.id) == ["a", "c"])
    #expect(reading.failures.map(\.line) == [3])
    #expect(reading.failures.first?.error.message.contains("longer than 1 MiB") == true)
    let lines = try Self.read(
      Array("{\"scene\":\"a.jpg\"}\n{\"scene\":\"\(long)\"}\n{\"scene\":\"c.jpg\"}\n".utf8))
    #expect(lines.items.map(\.id) == ["a", "c"])
    #expect(lines.failures.map(\.line) == [2])
  }

  @Test func utf32IsNamed() async throws {
    let error = try await error {
      _ = try Self.read([0xFF, 0xFE, 0, 0, 0x69, 0, 0, 0])
    }
    #expect(error.message.contains("UTF-32"))
  }

  @Test func pathsCountFromTheListsOwnFolder() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "scene,face\na.jpg,sub/f.jpg\n/b.jpg,https://x.test/f.jpg\nfile:///c.jpg,-\n", to: "items.csv"
    )
    let items = try ItemsFile.read(path, face: "own.jpg")
    #expect(items.map(\.scene) == ["\(folder.path)/a.jpg", "/b.jpg", "file:///c.jpg"])
    #expect(items.map(\.face) == ["\(folder.path)/sub/f.jpg", "https://x.test/f.jpg", "-"])
    // One that the command names counts from where the command runs.
    let plain = try folder.write("scene\na.jpg\n", to: "plain.csv")
    #expect(try ItemsFile.read(plain, face: "own.jpg").first?.face == "own.jpg")
  }

  @Test func otherColumnsAreCarried() throws {
    let reading = try Self.read(
      Array(
        "SKU;scene;Preis inkl. MwSt.;swap.face_index;variant.sku;SKU\n7;a.jpg;9,90 €;1;v7;8\n".utf8),
      stages: ["fetch", "swap"], naming: try NamePattern("{sku}-{index}", hasFields: true))
    let item = try #require(reading.items.first)
    #expect(item.id == "7-1")
    #expect(item.overrides == ["swap.face_index": "1"])
    #expect(
      item.fields == [
        "SKU": "7", "Preis inkl. MwSt.": "9,90 €", "variant.sku": "v7", "SKU (2)": "8",
      ])
    let json = try Self.read(
      Array("{\"scene\":\"a.jpg\",\"sku\":7,\"tags\":[\"x\"],\"swap.face_index\":2}".utf8),
      stages: ["fetch", "swap"])
    #expect(json.items.first?.fields == ["sku": "7", "tags": "[\"x\"]"])
    #expect(json.items.first?.overrides == ["swap.face_index": "2"])
  }

  @Test(
    arguments: [
      ("id,scene,fase\n", nil, "one called 'fase'", "'face'"),
      ("id;Scenes;face\n", nil, "no column 'scene'; it names 'id', 'Scenes', 'face'", "'Scenes'"),
      ("scene,swpa.face_index\n", nil, "no stage 'swpa'", "'swap.face_index'"),
      ("scene,scene\n", nil, "'scene' is named twice", "Keep one"),
      ("id,Bild\n", nil, "it names 'id', 'Bild'", "id,scene,face"),
      ("sku,scene\n", "{colour}", "'{colour}'", "sku"),
    ] as [(String, String?, String, String)])
  func whatLooksMisspeltIsAskedAbout(
    text: String, pattern: String?, says: String, hints: String
  ) async throws {
    let naming = try pattern.map { try NamePattern($0, hasFields: true) }
    let error = try await error {
      _ = try Self.read(Array(text.utf8), stages: ["fetch", "swap"], naming: naming)
    }
    #expect(error.message.contains(says), "\(error)")
    #expect(error.hint?.contains(hints) == true, "\(error)")
    #expect(error.place?.hasSuffix("items.csv:1") == true)
  }

  @Test func aNameThatIsOursIsNotMisspeltWhereOursIsThere() throws {
    let reading = try Self.read(Array("scene,face,faces,scent\na.jpg,f.jpg,2,rose\n".utf8))
    #expect(reading.items.first?.fields == ["faces": "2", "scent": "rose"])
    let given = try Self.read(Array("scene,faces\na.jpg,2\n".utf8), face: "own.jpg")
    #expect(given.items.first?.face == "own.jpg")
  }

  @Test func namesOfAPatternThatMeetAreFoundToo() throws {
    let reading = try Self.read(
      Array("sku,scene\n7,a.jpg\n7,b.jpg\n8,c.jpg\n".utf8),
      naming: try NamePattern("{SKU}", hasFields: true))
    #expect(reading.items.map(\.id) == ["7", "8"])
    #expect(reading.failures.map(\.line) == [3])
  }
}
