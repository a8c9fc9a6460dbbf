import Core
import Serving
import Testing

@Suite struct KeyRingTests {
  @Test(arguments: [
    ("0", 0), ("20", 20_000), ("0.125", 125), ("7.5", 7_500), ("999999999999", 999_999_999_999_000),
  ])
  func creditsAreExact(_ text: String, _ thousandths: Int64) throws {
    let credits = try #require(Credits(parsing: text))
    #expect(credits.thousandths == thousandths)
    #expect(credits.description == text)
  }

  @Test(arguments: ["", ".", "1.", ".5", "-1", "+1", "1e3", "0.1234", "1,5", "1000000000000", "x"])
  func otherCreditsAreRefused(_ text: String) {
    #expect(Credits(parsing: text) == nil)
  }

  @Test func linesAreKeysWithCredits() throws {
    let ring = try KeyRing.parse(
      "# mine\n\nak_0123456789abcdef0123456789abcdef 20\r\n  other\t0.5  \n", file: "keys")
    guard case .listed(let entries) = ring else {
      Issue.record("a list was wanted")
      return
    }
    #expect(entries.map(\.credits) == [.whole(20), Credits(thousandths: 500)])
    #expect(entries.map { $0.key.expose { $0 } }.last == "other")
    #expect(ring.unusualKeys == 1)
  }

  @Test func everyFaultyLineIsNamedAndNoKeyShown() {
    let error = #expect(throws: SwaplineError.self) {
      try KeyRing.parse("ak_a 1\nak_b\nak_c many\nak_a 2\nak_é 1\nak_d 1 2\n", file: "my.keys")
    }
    let message = error?.message ?? ""
    for part in [
      "my.keys", "line 2 has 1 words", "line 3: many is not a number",
      "line 4 repeats the key of "
        + "line 1", "line 5: the key contains", "line 6 has 3 words",
    ] {
      #expect(message.contains(part), "\(part) in \(message)")
    }
    #expect(!message.contains("ak_"))
    #expect(throws: SwaplineError.self) { try KeyRing.parse("# nothing\n", file: "k") }
    #expect(throws: SwaplineError.self) { try KeyRing.load("/nowhere/keys") }
  }
}
