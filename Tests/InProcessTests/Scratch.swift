import Core
import FoundationEssentials
import TestSupport

/// The path of a fixture.
func fixture(_ file: String) -> String {
  #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/fixtures/" + file
}

/// A folder of its own for one test, removed with it.
final class Scratch {
  let path: String

  init() throws {
    path = TestFolder.unique("in-process")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func file(_ name: String) -> String { path + "/" + name }

  /// The names in the folder.
  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}
