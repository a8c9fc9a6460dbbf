import Core
import Foundation
import TestSupport
import Testing

@testable import Files
@testable import Pipelines

/// Lists in parts: every row once, where its name says, as it stood.
@Suite struct SplitTests {
  /// What the rows of a list come to: the items by id, and how many are none.
  struct Reading: Equatable {
    var scenes: [String: String] = [:]
    var failures = 0

    mutating func add(_ file: ItemsFile) {
      for entry in file {
        switch entry {
        case .success(let item):
          #expect(
            scenes.updateValue(item.scene, forKey: item.id) == nil, "\(item.id) is there twice")
        case .failure: failures += 1
        }
      }
    }
  }

  private static func write(_ bytes: [UInt8], _ name: String = "list") throws -> (
    TemporaryFolder, String
  ) {
    let folder = try TemporaryFolder()
    try FileSystem.write(bytes, to: "\(folder.path)/\(name)")
    return (folder, "\(folder.path)/\(name)")
  }

  private static func parts(_ folder: String) -> [String] {
    FileSystem.names(in: folder).filter { Shard(name: $0) != nil }.map { "\(folder)/\($0)" }
  }

  static let manyRows = (0..<60).map { "row-\($0),photos/\($0).jpg" }.joined(separator: "\n")

  static let lists: [(String, [UInt8])] = [
    ("plain", Array("id,scene\n\(manyRows)\n".utf8)),
    ("no last end", Array("id,scene\n\(manyRows)".utf8)),
    ("windows ends", Array("id,scene\r\n\(manyRows.replacing("\n", with: "\r\n"))\r\n".utf8)),
    ("returns", Array("id,scene\r\(manyRows.replacing("\n", with: "\r"))\r".utf8)),
    (
      "no ids",
      Array("scene\nphotos/a.jpg\nb.png\n/c/d.e.jpg\nhttps://x.y/z/f.webp?s=1#2\n../g/\n".utf8)
    ),
    (
      "odd ids",
      Array("id;scene\n a b ;1\nä;2\nrun.json;3\n.x;4\n\"q\";5\n\" r\";6\nv.w;7\n\tt;8\n".utf8)
    ),
    ("sep", Array("sep=|\nid|scene\na|1\nb|2\n".utf8)),
    ("empty rows", Array("id,scene\n,\na,1\n\n , \nb,2\n".utf8)),
    ("utf16", SpreadsheetTests.utf16("id\tscene\na\tä\nb\t€\n", isLittle: true)),
    ("windows text", Array("id,scene\na,1\n".utf8) + SpreadsheetTests.windows("ä,€\n")),
    ("standard input's", Array("scene\n-\n".utf8)),
    ("lines", Array((0..<40).map { "{\"id\":\"i\($0)\",\"scene\":\"\($0)\"}\n" }.joined().utf8)),
    ("lines without ids", Array("{\"scene\":\"a/b.jpg\"}\r\n\n {\"Scene\":\"ä.jpg\"}".utf8)),
    ("numbers", Array("{\"id\":17,\"scene\":\"a\"}\n{\"id\":18.5,\"scene\":\"a\"}\n".utf8)),
    (
      "a list",
      Array(
        "[{\"id\":\"a\",\n \"scene\":\"1\\n\"},\r\n\n{\"scene\":\"}\\\"\",\"id\":\"b\"}, {\"scene\":\"[\"}]"
          .utf8)
    ),
    (
      "quotes",
      Array("id,scene,note\na,1,\"two\nlines, \"\"x\"\"\"\nb,\"2\r\n3\",\n\"c\nd\",4,plain\n".utf8)
    ),
    // Each of these has rows that are wrong, between good ones.
    ("open quote", Array("id,scene,n\na,1,x\nb,\"2,x\nc,3,\"y\"\nd,4,\"z\"\ne,5,\n".utf8)),
    ("open at the end", Array("id,scene,n\na,1,x\nb,2,\"x\n".utf8)),
    ("text behind a quote", Array("id,scene\na,1\nb,\"2\"x\nc,3\n".utf8)),
    ("open over lines", Array("id,scene\na,\"1\n2\n3\"4\nb,2\n".utf8)),
    ("zero bytes", Array("id,scene\na,1\nb,\0\nc,\"d\n\0\"\ne,5\n".utf8)),
    ("no text", Array("id,scene\na,1\nb,".utf8) + [0x81] + Array("\nc,3\n".utf8)),
    ("too many cells", Array("id,scene\na,1,2\n,,3\nb,2\n".utf8)),
    ("no scene", Array("id,scene\na,\n,\"\"x\nb,2\n".utf8)),
    (
      "too long",
      Array("id,scene\na,1\nb,".utf8) + Array(repeating: 0x78, count: 1 << 20)
        + Array("\nc,3\n".utf8)
    ),
    ("twice", Array("id,scene\na,1\nb,2\na,3\n".utf8)),
    (
      "no objects",
      Array(
        "{\"id\":\"a\",\"scene\":\"1\"}\nnothing\n[]\n{\"scene\":\n\"id\":\"x\",\"scene\":\"y\"}\n{\"scene\":\"2\"}\n"
          .utf8)
    ),
    ("names twice", Array("{\"id\":\"a\",\"ID\":\"b\",\"scene\":\"1\"}\n{\"scene\":\"2\"}\n".utf8)),
    (
      "a line too long",
      Array("{\"scene\":\"1\"}\n{\"scene\":\"".utf8) + Array(repeating: 0x78, count: 1 << 20)
        + Array("\"}\n{\"scene\":\"2\"}\n".utf8)
    ),
    (
      "a list with wrong ones",
      Array("[{\"scene\":\"1\"},{\"scene\":\"a\nb\"},7,{\"scene\":\"2\"}]".utf8)
    ),
    ("a list cut off", Array("[{\"scene\":\"1\"},{\"scene\":\"2\"},{\"scene".utf8)),
  ]

  /// The whole list, its parts, and its shards have the same items and as many rows that are none; each
  /// part is what its shard takes of the whole list.
  @Test(arguments: lists, [1, 3])
  func everyRowIsInOnePartAndInThatShard(_ list: (name: String, bytes: [UInt8]), count: Int) throws
  {
    let (folder, path) = try Self.write(list.bytes)
    var whole = Reading()
    whole.add(try ItemsFile(path, wantsFace: false))
    #expect(whole.scenes.count + whole.failures > 0)
    _ = try ListSplitter(path, shards: count, into: folder.path + "/parts").split()
    let parts = Self.parts(folder.path + "/parts")
    #expect(parts.count == count)
    var (inParts, inShards) = (Reading(), Reading())
    for (shard, part) in zip(Shard.all(of: count), parts) {
      var one = Reading()
      one.add(try ItemsFile(path, wantsFace: false, shard: shard))
      var other = Reading()
      other.add(try ItemsFile(part, wantsFace: false, shard: shard))
      #expect(one == other, "\(list.name): \(shard.text)")
      inShards.add(try ItemsFile(path, wantsFace: false, shard: shard))
      if FileSystem.stamp(of: part)?.size ?? 0 > 0 {
        inParts.add(try ItemsFile(part, wantsFace: false, shard: shard))
      }
      #expect(one.scenes.keys.allSatisfy { count > 1 || shard.takes($0) })
    }
    #expect(inParts == whole, "\(list.name)")
    #expect(inShards == whole, "\(list.name)")
    #expect(FileSystem.exists(folder.path + "/parts/split.json"))
    #expect(!FileSystem.exists(folder.path + "/parts/.swapline-split"))
  }

  @Test func theShardOfANameIsWhatIsWritten() throws {
    // printf item-1 | sha256sum, its first 16 digits modulo 1000, and 1.
    for (id, number) in [("item-1", 413), ("Bär 7", 468)] {
      #expect(Shard.all(of: 1_000).filter { $0.takes(id) }.map(\.number) == [number])
    }
  }

  @Test func rowsStayAsTheyStood() throws {
    let rows = ["a,1,\"x\r\ny, \"\"z\"\"\"\r\n", "b , 2,\t\n", "\"c\",\"3\",''\r\n"]
    let (folder, path) = try Self.write(Array(("ID, scene,note\r\n" + rows.joined()).utf8))
    _ = try ListSplitter(path, shards: 5, into: folder.path + "/parts").split()
    var found: [String] = []
    for part in Self.parts(folder.path + "/parts") {
      let text = String(decoding: try FileSystem.read(part), as: UTF8.self)
      #expect(text.hasPrefix("ID, scene,note\r\n"))
      found.append(String(text.dropFirst("ID, scene,note\r\n".count)))
    }
    #expect(rows.allSatisfy { row in found.contains { $0.contains(row) } })
    #expect(found.joined().utf8.count == rows.joined().utf8.count)
  }

  @Test func otherRowsAndTheirOrderChangeNothing() throws {
    let (folder, first) = try Self.write(Array("id,scene\n\(Self.manyRows)\n".utf8))
    let rows = Self.manyRows.split(separator: "\n").reversed().map { "\($0),x" }
    let second = folder.path + "/other.csv"
    try FileSystem.write(
      Array(("id,scene,more\nnew,1,x\n" + rows.joined(separator: "\n")).utf8), to: second)
    for shard in Shard.all(of: 4) {
      let ids = [first, second].map { list in
        Set(
          (try? ItemsFile(list, wantsFace: false, shard: shard).compactMap { try? $0.get().id })
            ?? []
        )
        .subtracting(["new"])
      }
      #expect(ids[0] == ids[1] && ids[0].count > 3)
    }
  }

  @Test func pathsCountFromTheListsFolder() throws {
    let (folder, path) = try Self.write(Array("id,scene\na,x/1.jpg\n".utf8))
    for parts in ["parts", "deep/er", "../beside-\(UUID())"] {
      let place = "\(folder.path)/\(parts)"
      defer { if parts.hasPrefix("..") { try? FileManager.default.removeItem(atPath: place) } }
      _ = try ListSplitter(path, shards: 1, into: place).split()
      let items = try ItemsFile.read(place + "/1-of-1.csv")
      #expect(FileSystem.absolute(items[0].scene) == folder.path + "/x/1.jpg")
    }
  }

  @Test(arguments: [
    ("1/4", "2-of-4.csv", "is part 2/4"), ("2/4", "2-of-4.csv", nil), ("1/3", "2-of-4.csv", nil),
  ])
  func aPartOfAnotherShardIsRefused(_ text: String, _ name: String, _ says: String?) throws {
    let (folder, path) = try Self.write(Array("id,scene\na,1\n".utf8), name)
    defer { withExtendedLifetime(folder) {} }
    let shard = try Shard(parsing: text)
    do {
      _ = try ItemsFile(path, shard: shard)
      #expect(says == nil)
    } catch {
      #expect(error.message.contains(says ?? "nothing"), "\(error.message)")
    }
  }

  @Test(arguments: ["0/3", "4/3", "1", "1/0", "a/b", "1/2/3", "-1/3", "1/100001", ""])
  func shardsThatMakeNoSenseAreTold(_ text: String) {
    let error = #expect(throws: SwaplineError.self) { try Shard(parsing: text) }
    #expect(error?.code == .usage)
  }

  @Test func partsOfAnotherSplitAreInTheWayAndThoseOfTheSameAreReplaced() throws {
    let (folder, path) = try Self.write(Array("id,scene\na,1\nb,2\n".utf8))
    let parts = folder.path + "/parts"
    _ = try ListSplitter(path, shards: 2, into: parts).split()
    let error = #expect(throws: SwaplineError.self) {
      try ListSplitter(path, shards: 3, into: parts).split()
    }
    #expect(error?.message.contains("parts of another split, such as 1-of-2.csv") == true)
    try FileSystem.write(Array("id,scene\nc,1\n".utf8), to: path)
    _ = try ListSplitter(path, shards: 2, into: parts).split()
    let ids = try Self.parts(parts).flatMap {
      try ItemsFile($0, wantsFace: false).map { try $0.get().id }
    }
    #expect(ids == ["c"])
    try FileSystem.write(Array("{\"scene\":\"c\"}\n".utf8), to: path)
    #expect(throws: SwaplineError.self) { try ListSplitter(path, shards: 2, into: parts).split() }
    #expect(Self.parts(parts).allSatisfy { $0.hasSuffix(".csv") })
  }

  /// What a killed split left is nothing to anybody, and one that fails leaves nothing.
  @Test func thereAreAllPartsOrNone() throws {
    let (folder, path) = try Self.write(Array("id,scene\na,1\n".utf8))
    let parts = folder.path + "/parts"
    try FileSystem.makeFolder(parts + "/.swapline-split")
    try FileSystem.write(Array("half".utf8), to: parts + "/.swapline-split/1-of-2.csv")
    // In the way of the second part.
    try FileSystem.makeFolder(parts + "/.swapline-split/2-of-2.csv")
    #expect(throws: SwaplineError.self) { try ListSplitter(path, shards: 2, into: parts).split() }
    #expect(Self.parts(parts).isEmpty && !FileSystem.exists(parts + "/split.json"))
    rmdir(parts + "/.swapline-split/2-of-2.csv")
    let outcome = try ListSplitter(path, shards: 2, into: parts).split()
    #expect(outcome.rows.reduce(0, +) == 1 && outcome.facts.rows == 1)
    let text = try Self.parts(parts).map {
      String(decoding: try FileSystem.read($0), as: UTF8.self)
    }
    #expect(
      text.joined() == "id,scene\na,1\nid,scene\n" || text.joined() == "id,scene\nid,scene\na,1\n")
  }

  /// A row that is wrong is told with its line in the list, and stands in its part with it.
  @Test func whatCannotBeReadIsTold() throws {
    let (folder, path) = try Self.write(Array("id,scene\na,1\nb,\"2\nc,3\n".utf8))
    let outcome = try ListSplitter(path, shards: 1, into: folder.path + "/parts").split()
    #expect(outcome.problems.map(\.place) == ["\(path):3"])
    #expect(outcome.facts.unreadable == 1 && outcome.facts.rows == 3)
    let part = String(
      decoding: try FileSystem.read(folder.path + "/parts/1-of-1.csv"), as: UTF8.self)
    #expect(part.contains("b,\"2,\"broken row\" line 3 of \(path): A double quote is opened"))
  }
}
