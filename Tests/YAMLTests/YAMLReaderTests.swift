import Testing
import YAML

@Suite struct YAMLReaderTests {
  @Test func placesCountFromOneInCharacters() throws {
    let root = try #require(try YAMLReader.read("größe: 1\nliste:\n  - ä: x\n"))
    guard case .mapping(let pairs) = root.content else {
      Issue.record("no mapping")
      return
    }
    #expect(pairs[0].key.text == "größe")
    #expect(pairs[0].value.start == YAMLMark(line: 1, column: 8))
    guard case .sequence(let items) = pairs[1].value.content,
      case .mapping(let inner) = items[0].content
    else {
      Issue.record("no list of mappings")
      return
    }
    #expect(inner[0].value.start == YAMLMark(line: 3, column: 8))
  }

  @Test func aByteOrderMarkIsNoText() throws {
    let root = try #require(try YAMLReader.read("\u{FEFF}a: 1\nb: 2\n"))
    guard case .mapping(let pairs) = root.content else {
      Issue.record("no mapping")
      return
    }
    #expect(pairs.map(\.key.text) == ["a", "b"])
  }

  @Test func aliasesStandForTheirAnchors() throws {
    let root = try #require(try YAMLReader.read("a: &x [1, 2]\nb: *x\n"))
    guard case .mapping(let pairs) = root.content else { return }
    #expect(pairs[0].value.content == pairs[1].value.content)
  }

  @Test(arguments: [
    ("a: [1, 2", 1), ("a: 'open", 1), ("a: 1\n b: 2", 2), ("a: *nothing", 1), ("\t- x", 1),
    ("--- 1\n--- 2\n", 2), ("a: \"\\q\"", 1),
  ])
  func refusesWithALine(text: String, line: Int) throws {
    let error = #expect(throws: YAMLError.self) { try YAMLReader.read(text) }
    #expect(try #require(error).mark.line >= line)
  }

  @Test func refusesDeepNesting() {
    let text = String(repeating: "[", count: 5_000)
    #expect(throws: YAMLError.self) { try YAMLReader.read(text) }
  }

  @Test func refusesAliasBombs() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...8 {
      let uses = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(uses)]\n"
    }
    #expect(throws: YAMLError.self) { try YAMLReader.read(text) }
  }

  @Test(arguments: ["", "# only a comment\n", "---\n"])
  func emptyDocumentsHaveNoValue(text: String) throws {
    let node = try YAMLReader.read(text)
    #expect(node == nil || node?.text == "")
  }
}
