import Core
import Files
import Foundation
import Pipelines
import Runs
import TestSupport
import Testing

/// The page of a run's folder is made of what lies there, one item after the other.
@Suite struct RunPageTests {
  private let path = TestFolder.unique("page")

  private func put(_ text: String, as name: String) throws {
    let url = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// The items of the page: name, state and the error of those that failed.
  private func items() throws -> [String] {
    try RunPage(RunFolder(path)).write(title: "t", sums: "s")
    let page = String(decoding: try FileSystem.read("\(path)/report.html"), as: UTF8.self)
    let start = try #require(page.range(of: "\"items\":[\n"))
    let end = try #require(page.range(of: "\n]}", range: start.upperBound..<page.endIndex))
    let list = "[\(page[start.upperBound..<end.lowerBound])]"
    return try #require(try JSONValue(parsing: list.utf8, values: .max).array).map { item in
      [item["id"]?.string, item["state"]?.string, item["error"]?.string].compactMap(\.self)
        .joined(separator: " ")
    }
  }

  @Test func everyItemStandsOnceWithItsLastRow() throws {
    let long = String(repeating: "x", count: 200_000)
    try put("{}", as: "a/asset.json")
    try put("{}", as: "b/asset.json")
    try put("damaged", as: "c/asset.json")
    try put(
      """
      {"id":"d","error":"first"}
      {"id":"b","error":"\(long)","scene":"s.png"}
      this is no row
      {"id":"c","error":"of c"}

      {"id":"d","error":"last"}
      {"id":"e","error":"cut o
      """, as: "failed.jsonl")
    #expect(try items() == ["a done", "b failed \(long)", "c failed of c", "d failed last"])
    try FileManager.default.removeItem(atPath: "\(path)/failed.jsonl")
    #expect(try items() == ["a done", "b done"])
  }

  @Test func rowsAreFoundWhereverTheyLie() throws {
    var text = ""
    var wanted: [String] = []
    for number in 1_000..<4_000 {
      let error = String(repeating: "e", count: number % 97)
      text += "{\"id\":\"i\(number)\",\"error\":\"\(error)\"}\n"
      if number % 10 == 0 { try put("{}", as: "i\(number)/asset.json") }
      wanted.append("i\(number) failed \(error)")
    }
    try put(text, as: "failed.jsonl")
    let found = try items()
    #expect(found.prefix(300) == wanted.filter { $0.dropFirst(4).hasPrefix("0 ") }.prefix(300))
    #expect(found.sorted() == wanted.sorted())
  }
}
