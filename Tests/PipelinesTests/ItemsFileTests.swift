import Core
import Pipelines
import TestSupport
import Testing

@Suite struct ItemsFileTests {
  func read(_ text: String, face: String? = nil) throws -> [Item] {
    let folder = try TemporaryFolder()
    return try ItemsFile.read(try folder.write(text, to: "items.csv"), face: face).map { item in
      // Paths count from the list's folder.
      var item = item
      item.scene = item.scene.replacing(folder.path + "/", with: "")
      item.face = item.face?.replacing(folder.path + "/", with: "")
      return item
    }
  }

  static let two = [
    Item(id: "a", scene: "a.png", face: "f.png", overrides: ["swap.face_index": "2"]),
    Item(id: "b", scene: "b, \"c\".png", face: "f.png"),
  ]

  @Test(arguments: [
    "id,scene,face,swap.face_index\na,a.png,f.png,2\nb,\"b, \"\"c\"\".png\",f.png,\n",
    "id,scene,face,swap.face_index\r\na,a.png,f.png,2\r\nb,\"b, \"\"c\"\".png\",f.png,\r\n",
    "\u{FEFF}id,scene,face,swap.face_index\r\na,a.png,f.png,2\r\nb,\"b, \"\"c\"\".png\",f.png",
    " scene , face,id,swap.face_index\n\na.png,f.png,a,2\n\n\n\"b, \"\"c\"\".png\",\"f.png\",b\n\n",
    """
    {"id": "a", "scene": "a.png", "face": "f.png", "swap.face_index": 2}
    {"id": "b", "scene": "b, \\"c\\".png", "face": "f.png", "swap.face_index": null}
    """,
    "{\"id\": \"a\", \"scene\": \"a.png\", \"face\": \"f.png\", \"swap.face_index\": 2}\r\n\r\n"
      + "{\"id\": \"b\", \"scene\": \"b, \\\"c\\\".png\", \"face\": \"f.png\"}\r\n",
    "\u{FEFF}{\"id\": \"a\", \"scene\": \"a.png\", \"face\": \"f.png\", \"swap.face_index\": 2}\n"
      + "{\"id\": \"b\", \"scene\": \"b, \\\"c\\\".png\", \"face\": \"f.png\"}",
  ])
  func readsEveryForm(text: String) throws {
    #expect(try read(text) == Self.two)
  }

  @Test func whatARowLeavesOutComesFromTheCommandOrTheName() throws {
    let items = try read(
      "scene,face\n/pictures/one.final.jpg,\nhttps://x.test/two.png?a=1,own.png", face: "all.png")
    #expect(items.map(\.id) == ["one.final", "two"])
    #expect(items.map(\.face) == ["all.png", "own.png"])
    #expect(try read("scene\nx.png").first?.face == nil)
  }

  @Test func aQuotedFieldMayHoldLines() throws {
    let items = try read("id,scene\n\"a\",\"x\ny.png\"\nb,z.png\n")
    #expect(items.map(\.scene) == ["x\ny.png", "z.png"])
  }

  @Test func aListIsOneOverride() throws {
    let items = try read("{\"scene\": \"x.png\", \"thumbnails.sides\": [64, 32]}")
    #expect(items.first?.overrides == ["thumbnails.sides": "[64,32]"])
  }

  @Test(arguments: [
    ("", 0, "holds no items", "one item on each row"), ("\n\n", 0, "holds no items", ""),
    ("id,scene\n", 0, "holds no items", ""),
    ("id,picture\na,b.png\n", 1, "no column 'scene'", "id,scene,face"),
    ("id,scene\na,b.png\n\nc,\n", 4, "no scene", "scene"),
    ("id,scene\na,b.png,c\n", 2, "3 fields for 2 columns", "double quotes"),
    ("id,scene\na,b.png\nc,d.png\na,e.png\n", 4, "called 'a', in lines 2 and 4", "its own"),
    ("id,scene\nx y,b.png\nx-y,d.png\n", 3, "called 'x-y', in lines 2 and 3", ""),
    ("id,scene\n\"a\nb\",b.png\nc,d.png\nc,e.png\n", 5, "in lines 4 and 5", ""),
    ("id,scene\na,\"b.png\nc,d.png\n", 2, "never closed", "Close it"),
    ("id,scene,fase\na,b.png,c.png\n", 1, "called 'fase'", "'face'"),
    ("{\"scene\": \"a.png\"}\n[1]\n", 2, "not a JSON object", "scene"),
    ("{\"scene\": \"a.png\"}\n\n{\"scene\": \n", 3, "not a JSON object", ""),
    ("{\"scene\": \"a.png\"}\n{\"face\": \"b.png\"}\n", 2, "no scene", ""),
    ("{\"scene\": \"a.png\"}\r\n{\"id\": \"a\", \"scene\": \"c.png\"}\r\n", 2, "lines 1 and 2", ""),
  ])
  func saysWhatIsWrongAndWhere(text: String, line: Int, says: String, hints: String) async throws {
    let error = try await error { _ = try read(text) }
    #expect(error.code == .usage)
    #expect(error.message.contains(says), "\(error)")
    if line > 0 { #expect(error.place?.hasSuffix("items.csv:\(line)") == true, "\(error)") }
    if !hints.isEmpty { #expect(error.hint?.contains(hints) == true, "\(error)") }
  }

  @Test func aFileThatIsNotThereIsNamed() async throws {
    let error = try await error { _ = try ItemsFile.read("/nowhere/items.csv") }
    #expect(error.code == .usage)
    #expect(error.message.contains("/nowhere/items.csv"))
  }

  @Test(arguments: [
    ("..", "item"), ("../../etc", "-..-etc"), (".hidden", "hidden"), ("a/b c", "a-b-c"),
    ("ünï-1_2.x", "ünï-1_2.x"), ("", "item"), ("a\u{0}b\n", "a-b-"), ("run.json", "itemrun.json"),
    (String(repeating: "商", count: 300), String(repeating: "商", count: 80)),
    (String(repeating: "a", count: 300), String(repeating: "a", count: 120)),
  ])
  func namesAreSafeForFolders(name: String, safe: String) {
    #expect(Item(id: name, scene: "x.png").id == safe)
  }

  @Test(arguments: [
    ("/a/b.c.png", "b.c"), ("https://x.test/a/b.png?c=d.e#f", "b"), ("-", "stdin"),
    (".png", "png"), ("https://x.test/", "x"), ("", "item"),
  ])
  func itemsAreNamedAfterTheirScenes(scene: String, id: String) {
    #expect(Item(scene: scene).id == id)
  }
}
