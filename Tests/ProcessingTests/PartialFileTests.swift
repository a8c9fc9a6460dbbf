import Core
import Foundation
import Processing
import Testing

@Suite struct PartialFileTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  private func write(_ text: String, to output: String) throws {
    try Array(text.utf8).withUnsafeBytes { try PartialFile.write($0, to: output) }
  }

  @Test func aFileReplacesTheOneBefore() throws {
    let output = bench.path("note.txt")
    try write("a longer text", to: output)
    try write("short", to: output)
    #expect(try String(contentsOfFile: output, encoding: .utf8) == "short")
    #expect(bench.names == ["note.txt"])
  }

  @Test func nothingIsLeftOfAWriteThatFails() throws {
    let folder = bench.path("folder")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let error = #expect(throws: SwaplineError.self) { try write("text", to: folder) }
    #expect(error?.code == .storage && error?.hint != nil)
    #expect(bench.names == ["folder"])
  }

  @Test func whatAnEndedProcessLeftIsCleared() throws {
    let output = bench.path("picture.png")
    let partial = PartialFile.path(for: output, process: 4242)
    try write("half", to: partial)
    #expect(bench.names.count == 1)
    PartialFile.discard(for: output, process: 4242)
    #expect(bench.names.isEmpty)
  }
}
