import Core
import Foundation
import MicroHTTPD
import Testing

/// Lists of items as people have them, through the built command.
@Suite struct ListTests {
  private static let prepare = """
    version: 1
    name: prepare
    stages:
      - fetch: { addresses: loopback, retries: 0 }
      - thumbnails: { sides: [32], format: jpg }
      - metadata
    """
  private static let picture = fixture("formats/orientation-1.jpg")

  @Test func aShopsExportIsRunAndEveryRowCounted() async throws {
    let workshop = try Workshop()
    let line = try workshop.write(Self.prepare, to: "line.yaml")
    try FileManager.default.createDirectory(
      atPath: workshop.path("shop"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: Self.picture, toPath: workshop.path("shop/café.jpg"))
    var bytes = Array("sep=;\r\nSKU; Scene ;Preis\r\n7; caf".utf8) + [0xE9]
    bytes += Array(".jpg;9,90\r\n;;\r\n8;\"caf".utf8) + [0xE9] + Array(".jpg;1\r\n9;".utf8)
    bytes += Array("missing.jpg;2\r\n".utf8)
    try Data(bytes).write(to: URL(filePath: workshop.path("shop/list.csv")))
    let end = try await swapline([
      "run", line, "--items", workshop.path("shop/list.csv"), "--name", "{sku}-{index}", "--out",
      workshop.path("out"),
    ])
    #expect(end.status == 4, "\(end.messages)")
    for text in [
      "list.csv:3 is not UTF-8", "1 empty row was skipped", "list.csv:5", "never closed",
      "missing.jpg", "1 of 3 items done", "out/failed.jsonl lists them for --items",
    ] {
      #expect(end.messages.contains(text), "\(text) in \(end.messages)")
    }
    let asset = try JSONValue(
      parsing: Data(contentsOf: URL(filePath: workshop.path("out/7-1/asset.json"))))
    #expect(asset["fields"] == ["SKU": "7", "Preis": "9,90"])
    // A changed price is written down, though nothing is done again, and so is the old one.
    for price in ["8,80", "9,90"] {
      let text = String(decoding: bytes, as: UTF8.self).replacing("\u{FFFD}", with: "é")
        .replacing("9,90", with: price)
      _ = try workshop.write(text, to: "shop/list.csv")
      let again = try await swapline([
        "run", line, "--items", workshop.path("shop/list.csv"), "--name", "{sku}-{index}", "--out",
        workshop.path("out"),
      ])
      #expect(again.messages.contains("1 of them done before"), "\(again.messages)")
      let changed = try JSONValue(
        parsing: Data(contentsOf: URL(filePath: workshop.path("out/7-1/asset.json"))))
      #expect(changed["fields"]?["Preis"]?.string == price)
    }
  }

  @Test func aListMayComeFromStandardInput() async throws {
    let workshop = try Workshop()
    let line = try workshop.write(Self.prepare, to: "line.yaml")
    let list = try workshop.write(
      "[{\"id\": \"a\", \"scene\": \"\(Self.picture)\"}, {\"id\": \"b\"}]", to: "list.json")
    let end = try await swapline(
      "run", line, "--items", "-", "--out", workshop.path("out"), input: list)
    #expect(end.status == 4, "\(end.messages)")
    #expect(end.messages.contains("1 of 2 items done"), "\(end.messages)")
    #expect(end.messages.contains("standard input:1"), "\(end.messages)")
  }

  @Test func aFolderIsReadByContentAndTheRestNamed() async throws {
    let workshop = try Workshop()
    let line = try workshop.write(Self.prepare, to: "line.yaml")
    try FileManager.default.createDirectory(
      atPath: workshop.path("photos"), withIntermediateDirectories: true)
    for name in ["a.jfif", "b", "c.JPE"] {
      try FileManager.default.copyItem(
        atPath: Self.picture, toPath: workshop.path("photos/\(name)"))
    }
    _ = try workshop.write("words", to: "photos/notes.jpg")
    let end = try await swapline([
      "run", line, "--scene", workshop.path("photos"), "--out", workshop.path("out"),
    ])
    #expect(end.status == 0, "\(end.messages)")
    #expect(workshop.items(in: "out") == ["a", "b", "c"])
    #expect(end.messages.contains("1 entry is not a picture"), "\(end.messages)")
    #expect(end.messages.contains("notes.jpg"), "\(end.messages)")
  }

  @Test func signaturesAreInNoFileOfARun() async throws {
    let workshop = try Workshop()
    let line = try workshop.write(Self.prepare, to: "line.yaml")
    let bytes = Array(try Data(contentsOf: URL(filePath: Self.picture)))
    let server = try HTTPServer { request in
      request.path == "/a.jpg" ? ServerResponse(200, body: .bytes(bytes)) : .text(404, "none")
    }
    let list = try workshop.write(
      "id,scene\na,\(server.origin)/a.jpg?signature=geheimnis\n"
        + "b,\(server.origin)/b.jpg?signature=geheimnis\n", to: "list.csv")
    let end = try await swapline([
      "run", line, "--items", list, "--out", workshop.path("out"), "--json",
    ])
    #expect(end.status == 4, "\(end.messages)")
    #expect(!end.messages.contains("geheimnis") && !end.output.contains("geheimnis"))
    let files = FileManager.default.enumerator(atPath: workshop.path("out"))
    var looked = 0
    while let name = files?.nextObject() as? String {
      guard let data = try? Data(contentsOf: URL(filePath: workshop.path("out/\(name)"))) else {
        continue
      }
      looked += 1
      #expect(data.firstRange(of: Data("geheimnis".utf8)) == nil, "\(name)")
    }
    #expect(looked > 5)
    // What failed is still taken up again, by way of the list.
    let again = try await swapline([
      "run", line, "--items", workshop.path("out/failed.jsonl"), "--out", workshop.path("out"),
    ])
    #expect(again.messages.contains("b.jpg?… is not there"), "\(again.messages)")
    await server.stop()
  }
}
