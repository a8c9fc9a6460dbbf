import Core
import Pipelines
import Testing

@testable import CLI

/// Pages of help: the same declaration on the screen, in the manual and in the documentation.
@Suite struct HelpTests {
  @Test func namesAreDistinctSoThatHelpFindsEveryPage() {
    let names = HelpPages.all.map(\.name)
    #expect(Set(names).count == names.count)
    for page in HelpPages.all { #expect(page.summary.hasSuffix("."), "\(page.name)") }
  }

  @Test func linesFitAndNothingIsLost() {
    for page in HelpPages.topics {
      let text = page.text(width: 80)
      for block in page.blocks {
        guard case .rows(let rows) = block else { continue }
        for row in rows {
          #expect(text.contains(row.term), "\(page.name): \(row.term)")
          #expect(!row.meaning.isEmpty, "\(page.name): \(row.term) says nothing")
        }
      }
      let code = page.blocks.flatMap { block -> [String] in
        if case .code(let lines) = block { lines.map { "  \($0)" } } else { [] }
      }
      for line in text.split(separator: "\n") where line.count > 80 {
        #expect(
          code.contains(String(line)) || !line.trimmingPrefix(" ").contains(" "),
          "\(page.name): \(line)")
      }
    }
  }

  @Test func theManualEscapesWhatGroffWouldTakeForItsOwn() {
    let page = HelpPage(
      "x", .topic, "About - and \\ signs.",
      [.text(".begins with a request"), .table([("--a \"b\"", "'c")])])
    #expect(page.manual.contains("swapline\\-x \\- about \\- and \\e signs\n"))
    #expect(page.manual.contains("\\&.begins") && page.manual.contains("\\&'c"))
    #expect(page.manual.contains(".B \"\\-\\-a \\(dqb\\(dq\""))
  }

  @Test func markdownKeepsSignsThatAreNoMarkup() {
    let page = HelpPage("x", .topic, "A * b < c.", [.table([("a|b", "one `<x>|` two_three")])])
    #expect(page.markdown.contains("A \\* b \\< c."))
    #expect(page.markdown.contains("| `a\\|b` | one `<x>\\|` two\\_three |"))
  }

  @Test(arguments: [
    ("FILE|URL|-", [], Completion.Files.files), ("DIR|URL", [], .folders),
    ("bash|zsh|fish", ["bash", "zsh", "fish"], .none), ("N", [], .none),
  ])
  func aPlaceholderSaysWhatMayStandThere(
    placeholder: String, words: [String], files: Completion.Files
  ) {
    let found = Completion(placeholder)
    #expect(found.words == words && found.files == files)
  }

  @Test func everyEventIsExplainedWithTheFieldsThatItHas() throws {
    let error = SwaplineError(.internal, "x")
    let kinds: [RunEvent.Kind] =
      [
        .itemStarted, .stageStarted, .progress("x"),
        .stageFinished(seconds: 1, note: "x", changes: [], bytes: 1, credits: 1),
        .stageReused(note: "x"), .itemFailed(error), .itemStopped, .recordKept(line: "x", error),
        .runStopping(waiting: [], reason: error),
      ] + RunEvent.TaskStep.allCases.map { .task("x", $0) }
    for kind in kinds {
      let event = RunEvent(run: "r", item: "i", stage: "s", kind: kind)
      let json = try JSONValue(parsing: Array(JSONText.line(event).utf8))
      guard case .object(let parts) = json, let name = json["event"]?.string else {
        Issue.record("no event")
        continue
      }
      let facts = try #require(RunEvent.facts.first { $0.name == name }, "\(name)")
      let common: Set = ["version", "run", "item", "stage", "event"]
      #expect(Set(parts.keys).subtracting(common) == Set(facts.fields), "\(name)")
    }
    // Two kinds need a whole run: an item that ended well, and the run's end.
    #expect(RunEvent.facts.count == kinds.count + 2)
  }
}
