import Core
import Foundation
import Pipelines
import Testing

@Suite struct FileSystemTests {
  @Test func aFileThatIsReplacedAllTheTimeCanBeLinked() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "swapline-link-\(UUID().uuidString)"
    ).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileSystem.makeFolder(folder)
    let source = folder + "/source"
    try FileSystem.write([1], to: source)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for _ in 0..<10_000 {
          try Data([1]).write(to: URL(filePath: source + ".new"))
          try FileSystem.move(source + ".new", to: source)
        }
      }
      for linker in 0..<3 {
        group.addTask {
          for _ in 0..<10_000 {
            try FileSystem.link(source, to: folder + "/target", via: "\(folder)/via-\(linker)")
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try FileSystem.read(folder + "/target") == [1])
    #expect(Set(FileSystem.names(in: folder)) == ["source", "target"])
  }

  @Test func anErrorSaysWhatToDo() {
    for path in ["/nowhere/x", "/dev/null/x", "/" + String(repeating: "x", count: 300), "/tmp"] {
      let error = #expect(throws: SwaplineError.self) { try FileSystem.read(path) }
      #expect(error?.hint != nil)
      #expect(error?.message.contains(path) == true)
    }
  }
}
