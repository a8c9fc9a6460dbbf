import Core
import TestSupport
import Testing

@testable import Files
@testable import Ledgers
@testable import Pipelines
@testable import Runs

@Suite struct FailureListTests {
  static let trouble = SwaplineError(.network, "It did not come.")

  /// The lines that failures leave.
  static func rows(_ failures: [(Item, SwaplineError)], in folder: RunFolder) throws -> [JSONValue]
  {
    let list = FailureList(folder)
    for (item, error) in failures { list.add(item, error) }
    #expect(list.problem == nil)
    return try FileSystem.read("\(folder.path)/\(FailureList.name)").split(separator: 10).map {
      try JSONValue(parsing: $0)
    }
  }

  /// Every entry of a list as the failure that it became.
  static func failing(_ path: String) throws -> [(Item, SwaplineError)] {
    try ItemsFile(path).map { entry in
      switch entry {
      case .success(let item): (item, trouble)
      case .failure(let failure): (failure.item, failure.error)
      }
    }
  }

  @Test func signaturesStayInTheListThatHasThem() throws {
    let folder = try TemporaryFolder()
    let list = try folder.write(
      "id,scene,face,thumbnails.quality,sku\na,https://x.test/a.jpg?sig=secret,f.jpg,60,7\n"
        + "b,plain.jpg,https://me:word@x.test/f.jpg?k=secret,,8\nc,,,,\nd,d.jpg,f.jpg,,9\n",
      to: "items.csv")
    let run = try RunFolder(folder.path + "/out")
    let rows = try Self.rows(try Self.failing(list), in: run)
    let text = String(
      decoding: try FileSystem.read("\(run.path)/\(FailureList.name)"), as: UTF8.self)
    #expect(!text.contains("secret") && !text.contains("word"))
    #expect(rows.map { $0["items"]?.string } == [list, list, list, nil])
    #expect(rows.map { $0["line"]?.int } == [2, 3, 4, nil])
    #expect(rows[0]["scene"] == "https://x.test/a.jpg?…")
    #expect(rows[3]["scene"]?.string == "\(folder.path)/d.jpg")
    // Fed back they are what they were.
    let again = try ItemsFile("\(run.path)/\(FailureList.name)").map { $0 }
    let items = again.compactMap { try? $0.get() }
    #expect(items.map(\.id) == ["a", "b", "d"])
    #expect(items[0].scene == "https://x.test/a.jpg?sig=secret")
    #expect(items[0].face == "\(folder.path)/f.jpg")
    #expect(items[0].overrides == ["thumbnails.quality": "60"])
    #expect(items[0].fields == ["sku": "7"])
    #expect(items[1].face == "https://me:word@x.test/f.jpg?k=secret")
    #expect(items[1].origin?.list == list && items[1].origin?.line == 3)
    guard case .failure(let failure)? = again.first(where: { (try? $0.get()) == nil }) else {
      Issue.record("the row without a scene was read")
      return
    }
    #expect(failure.error.message.contains("no scene"))
    // A bad row may be mended, another one must be what it was.
    _ = try folder.write(
      "id,scene,face,thumbnails.quality,sku\na,https://x.test/OTHER.jpg?sig=new,f.jpg,60,7\n"
        + "b,plain.jpg,https://me:word@x.test/f.jpg?k=secret,,8\nc,c.jpg,f.jpg,,\nd,d.jpg,f.jpg,,9\n",
      to: "items.csv")
    let mended = try ItemsFile("\(run.path)/\(FailureList.name)").map { $0 }
    #expect(mended.compactMap { try? $0.get() }.map(\.id) == ["b", "c", "d"])
    guard case .failure(let changed)? = mended.first else { return }
    #expect(changed.error.message.contains("Line 2 of \(list) has changed"), "\(changed.error)")
  }

  @Test func referencesGoBackAndForth() throws {
    let folder = try TemporaryFolder()
    let rows = (0..<500).map { "i\($0),https://x.test/\($0).jpg?s=\($0)\n" }.joined()
    let list = try folder.write("id,scene\n" + rows, to: "items.csv")
    let run = try RunFolder(folder.path + "/out")
    _ = try Self.rows(try Self.failing(list).shuffled(), in: run)
    let items = try ItemsFile.read("\(run.path)/\(FailureList.name)")
    #expect(items.count == 500)
    for item in items {
      let number = item.id.dropFirst()
      #expect(item.scene == "https://x.test/\(number).jpg?s=\(number)")
    }
  }

  @Test func whatNoListNamesIsAskedForAgain() throws {
    let folder = try TemporaryFolder()
    let run = try RunFolder(folder.path + "/out")
    _ = try Self.rows(
      [(Item(id: "a", scene: "https://x.test/a.jpg?sig=secret"), Self.trouble)], in: run)
    guard case .failure(let failure)? = try ItemsFile("\(run.path)/\(FailureList.name)").next()
    else {
      Issue.record("a shortened address was taken")
      return
    }
    #expect(failure.error.message.contains("keeps no signatures"))
    #expect(failure.error.item == "a")
  }

  @Test(arguments: [
    ("https://x.test/a.jpg?sig=1", "https://x.test/a.jpg?…"), ("https://x.test/a.jpg", nil),
    ("https://me:pw@x.test/a", "https://…@x.test/a"), ("/a?b.jpg", nil), ("-", nil),
    ("file:///a?b", "file:///a?…"),
  ])
  func addressesAreShownWithoutQueries(address: String, shown: String?) {
    #expect(address.shownAddress == shown ?? address)
    #expect(address.shownAddress.isShortenedAddress == (shown != nil))
  }

  @Test(arguments: [
    ("cannot fetch https://x.test/a.jpg?sig=secret.", "cannot fetch https://x.test/a.jpg?…."),
    ("(\"http://a/?k=1\", http://b/c?d)", "(\"http://a/?…\", http://b/c?…)"),
    ("what? yes", "what? yes"),
    ("https://x.test/ is fine", "https://x.test/ is fine"),
  ])
  func wordsHideQueries(text: String, shown: String) {
    #expect(text.hidingQueries == shown)
  }

  @Test func anItemIsEncodedWithoutSignatures() throws {
    let item = Item(
      id: "a", scene: "https://x.test/a.jpg?sig=secret", face: "https://x.test/f.jpg?k=secret",
      fields: ["link": "https://x.test/a.jpg?sig=secret", "text": "Size? See https://x.test/?a=b"])
    let text = try JSONText.line(Asset(item: item)) + AssetReport(Asset(item: item)).text
    #expect(!text.contains("secret"))
    #expect(text.contains("Size? See"))
    let report = try JSONValue(parsing: AssetReport(Asset(item: item)).text.utf8)
    #expect(report["fields"]?["link"] == "https://x.test/a.jpg?…")
    #expect(report["source"]?["scene"] == "https://x.test/a.jpg?…")
  }
}
