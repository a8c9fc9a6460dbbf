import Core
import Testing

@Suite struct TimeSpanTests {
  @Test(
    arguments: [
      ("500ms", 500), ("30s", 30_000), ("1.5m", 90_000), ("1h", 3_600_000), ("7d", 604_800_000),
    ] as [(String, Int64)])
  func reads(text: String, milliseconds: Int64) {
    #expect(TimeSpan(parsing: text)?.milliseconds == milliseconds)
  }

  @Test(arguments: ["", "30", "30 parsecs", "-1s", "s"])
  func refuses(text: String) {
    #expect(TimeSpan(parsing: text) == nil)
  }

  @Test(arguments: [0, 1, 1_000, 1_500, 60_000, 90_000, 86_400_000])
  func printsWhatReadsBack(milliseconds: Int64) {
    let span = TimeSpan(milliseconds: milliseconds)
    #expect(TimeSpan(parsing: span.description) == span)
  }
}
