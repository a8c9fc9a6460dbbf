import Core
import Files
import Foundation
import Testing

/// Shards of a run as one account.
@Suite struct MergeTests {
  /// Runs shards of six items, of which two have no scene.
  private static func run(_ workshop: borrowing Workshop, _ numbers: [Int]) async throws {
    let line = try workshop.write(
      """
      version: 1
      name: prepare
      stages: [fetch, { thumbnails: { sides: [32], format: jpg } }, metadata]
      """, to: "line.yaml")
    let scene = fixture("formats/orientation-1.jpg")
    let rows = (0..<6).map { "i\($0),\($0 < 4 ? scene : "nothing-\($0).jpg")\n" }
    let items = try workshop.write("id,scene\n" + rows.joined(), to: "items.csv")
    for number in numbers {
      let end = try await swapline([
        "run", line, "--items", items, "--out", workshop.path("out"), "--run", "spring", "--shard",
        "\(number)/3",
      ])
      #expect([0, 4].contains(end.status), "\(end.messages)")
    }
  }

  private static func report(_ workshop: borrowing Workshop) throws -> JSONValue {
    try JSONValue(parsing: FileSystem.read(workshop.path("out/run.json")))
  }

  @Test func everythingIsInOneAccount() async throws {
    let workshop = try Workshop()
    try await Self.run(workshop, [1, 2, 3])
    let end = try await swapline("merge", workshop.path("out"))
    #expect(end.status == 4, "\(end.messages)")
    #expect(end.messages.contains("3 of 3 shards done: 4 items done, 2 failed"), "\(end.messages)")
    let report = try Self.report(workshop)
    #expect(report["done"] == 4 && report["failed"] == 2 && report["run"] == "spring")
    #expect(report["shards"]?["done"] == 3 && report["plan"]?["name"] == "prepare")
    #expect(report["failures"]?.array?.count == 2)
    let failed = workshop.path("out/failed.jsonl")
    let ids = try String(contentsOfFile: failed, encoding: .utf8).split(separator: "\n")
      .map { try JSONValue(parsing: $0.utf8)["id"]?.string }
    #expect(Set(ids) == ["i4", "i5"])
    // It is a list of items as any other.
    let again = try await swapline([
      "plan", workshop.path("line.yaml"), "--items", failed, "--out", workshop.path("again"),
    ])
    #expect(again.messages.contains("nothing-4.jpg") || again.output.contains("nothing-4.jpg"))
    let page = try String(contentsOfFile: workshop.path("out/report.html"), encoding: .utf8)
    for number in 0..<6 { #expect(page.contains("\"id\":\"i\(number)\"")) }
    // What the page names is there, seen from it.
    let addresses = page.matches(of: /"address":"([^"]+)"/).map { String($0.1) }
    #expect(addresses.count >= 4)
    for address in addresses where !address.hasPrefix("/") {
      #expect(FileSystem.exists(workshop.path("out/\(address)")), "\(address)")
    }
  }

  @Test func shardsThatAreNotDoneAreNamed() async throws {
    let workshop = try Workshop()
    let none = try await swapline("merge", workshop.path("out"))
    #expect(none.status == 2 && none.messages.contains("holds no shards"), "\(none.messages)")
    try await Self.run(workshop, [2, 3])
    FileSystem.remove(workshop.path("out/3-of-3/done.json"))
    let end = try await swapline("merge", "--out", workshop.path("out"))
    #expect(end.status == 75, "\(end.messages)")
    #expect(end.messages.contains("Never begun: 1.\nNot done: 3.\n"), "\(end.messages)")
    let report = try Self.report(workshop)
    #expect(report["shards"]?["missing"] == "1" && report["shards"]?["unfinished"] == "3")
    let page = try String(contentsOfFile: workshop.path("out/report.html"), encoding: .utf8)
    #expect(page.contains("1 of 3 shards are done."))
    try await Self.run(workshop, [1, 3])
    let later = try await swapline("merge", "--out", workshop.path("out"))
    #expect(later.status == 4, "\(later.messages)")
    #expect(try Self.report(workshop)["done"] == 4)
  }

  @Test func aShardWithoutItemsIsDoneLikeAnyOther() async throws {
    let workshop = try Workshop()
    try await Self.run(workshop, [1, 2, 3])
    let empty = try workshop.write("id,scene\n", to: "empty.csv")
    try FileManager.default.removeItem(atPath: workshop.path("out/2-of-3"))
    let end = try await swapline([
      "run", workshop.path("line.yaml"), "--items", empty, "--out", workshop.path("out"), "--run",
      "spring", "--shard", "2/3",
    ])
    #expect(end.status == 0, "\(end.messages)")
    let merged = try await swapline("merge", "--out", workshop.path("out"))
    #expect([0, 4].contains(merged.status), "\(merged.messages)")
    #expect(merged.messages.contains("3 of 3 shards done"), "\(merged.messages)")
  }

  @Test func itemsOfSeveralShardsAreTold() async throws {
    let workshop = try Workshop()
    try await Self.run(workshop, [1, 2, 3])
    let shards = (1...3).map { "out/\($0)-of-3" }
    let first = try #require(shards.first { !workshop.items(in: $0).isDisjoint(with: ["i0"]) })
    let second = try #require(shards.first { $0 != first })
    try FileManager.default.copyItem(
      atPath: workshop.path(first + "/i0"), toPath: workshop.path(second + "/i0"))
    let end = try await swapline("merge", "--out", workshop.path("out"))
    #expect(end.messages.contains("In more than one shard: i0 ("), "\(end.messages)")
    // Those of another division are no part of the run.
    try FileManager.default.copyItem(
      atPath: workshop.path(first), toPath: workshop.path("out/1-of-2"))
    let mixed = try await swapline("merge", "--out", workshop.path("out"))
    #expect(mixed.status == 2 && mixed.messages.contains("of 2 and of 3"), "\(mixed.messages)")
  }
}
