import Core
import Testing

@testable import CLI

@Suite struct ArgumentsTests {
  private static let facts = CommandFacts(
    "line", "Draws lines.",
    options: [
      .value("concurrency", of: "N", formerly: "in-hand", "How many at once."),
      .value("set", of: "KEY=VALUE", repeats: true, "Sets a value."),
    ])

  @Test(arguments: [["--in-hand", "3"], ["--in-hand=3"]])
  func aFormerNameIsReadAndTold(words: [String]) throws {
    let arguments = try Arguments(words, of: Self.facts)
    #expect(try arguments.int("concurrency", in: 1...9) == 3)
    #expect(arguments.notes == ["--in-hand is now called --concurrency."])
  }

  @Test func theNewNameIsNotTold() throws {
    #expect(try Arguments(["--concurrency=3", "--set", "a=b"], of: Self.facts).notes.isEmpty)
    #expect(!Self.facts.help.contains("in-hand"))
  }

  @Test func bothNamesAreOneOption() {
    let error = #expect(throws: SwaplineError.self) {
      try Arguments(["--in-hand", "3", "--concurrency", "4"], of: Self.facts)
    }
    #expect(error?.message == "--concurrency is given twice.")
  }
}
