import Core
import Foundation
import Pipelines
import TestSupport
import Testing

@Suite struct ItemsFileReadingTests {
  private func read(_ bytes: [UInt8]) throws -> [Item] {
    let path = URL(filePath: TestFolder.unique("items"))
    defer { try? FileManager.default.removeItem(at: path) }
    try Data(bytes).write(to: path)
    return try ItemsFile.read(path.path)
  }

  @Test func quotesCommasAndAByteOrderMarkAreRead() throws {
    let items = try read(Array("\u{FEFF}id,scene\r\na,\"b,\"\"c\"\".jpg\"\r\n".utf8))
    #expect(items.map(\.id) == ["a"])
    #expect(items.map(\.scene.lastPart) == ["b,\"c\".jpg"])
  }

  @Test(arguments: [
    ("", "holds no items"), ("id,scene\n", "holds no items"), ("id,picture\n", "no column 'scene'"),
    ("id,scene\na,b,c\n", "3 fields"),
    ("id,scene\na,\"b\n", "never closed"), ("id,scene\na,\"b\"c\n", "follows a closed"),
    ("id,scene\na,\n", "no scene"), ("id,scene\na,b\na,c\n", "lines 2 and 3"),
    ("id,scene,scene\na,b,c\n", "'scene' is named twice"),
    ("{\"scene\": 7}\n", "'scene' must be a string"),
    ("{\"scene\": \"a\"}\n[]\n", "not a JSON object"),
  ])
  func whatMakesNoSenseIsNamed(_ text: String, _ words: String) throws {
    let error = #expect(throws: SwaplineError.self) { try read(Array(text.utf8)) }
    #expect(error?.code == .usage)
    #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    #expect(error?.hint != nil)
  }

  @Test func bytesThatAreNoTextAreRefused() throws {
    let error = #expect(throws: SwaplineError.self) {
      try read(Array("id,scene\na,b".utf8) + [0x81])
    }
    #expect(error?.code == .usage)
  }

  @Test(arguments: [("run.json", "itemrun.json"), ("../../x", "-..-x"), (".hidden", "hidden")])
  func namesStayBesideTheRunsOwnFiles(_ id: String, _ folder: String) {
    #expect(Item(id: id, scene: "a.jpg").id == folder)
  }

  @Test func longNamesFitIntoAFileSystem() {
    #expect(Item(id: String(repeating: "顔", count: 300), scene: "a").id.utf8.count <= 255)
  }
}

extension String {
  fileprivate var lastPart: Substring { split(separator: "/").last ?? "" }
}
