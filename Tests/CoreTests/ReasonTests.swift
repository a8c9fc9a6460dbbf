import Testing

@testable import Core

@Suite struct ReasonTests {
  @Test(arguments: [
    ("", "fallback"), ("  \n", "fallback"), (".", "fallback"),
    ("Operation not permitted", "fallback"), ("Invalid argument", "fallback"),
    ("Invalid data found when processing input", "fallback"),
    ("Generic error in an external library", "fallback"), ("unable to read pixels", "fallback"),
    ("unexpected end of data.", "unexpected end of data"),
    ("cannot open /tmp/work/.swapline/files/ab.png for reading", "cannot open for reading"),
    ("two\nlines", "two lines"),
  ])
  func wordsBecomeAReason(_ detail: String, _ wanted: String) {
    #expect(Reason.text(detail, or: "fallback") == wanted)
  }

  @Test func lengthsAreBounded() {
    let long = Reason.text(String(repeating: "many words ", count: 1_000), or: "")
    #expect(long.count <= Reason.length && long.hasSuffix("…"))
    #expect(Reason.name(String(repeating: "n", count: 255)).count <= 100)
    #expect(Reason.name("short.png") == "short.png")
  }
}
