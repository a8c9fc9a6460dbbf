import Core
import Files
import Testing

@Suite struct FileSystemTests {
  @Test func anErrorSaysWhatToDo() {
    for path in ["/nowhere/x", "/dev/null/x", "/" + String(repeating: "x", count: 300), "/tmp"] {
      let error = #expect(throws: SwaplineError.self) { try FileSystem.read(path) }
      #expect(error?.hint != nil)
      #expect(error?.message.contains(path) == true)
    }
  }
}
