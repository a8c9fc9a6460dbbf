import HTTP
import Testing

@Suite struct CombiningMarksTests {
  /// Marks of two, three and four bytes.
  static let marks = ["\u{301}", "\u{1DC4}", "\u{1E8D0}"]

  @Test(arguments: marks, [0, 1, 29, 30, 31, 32, 33, 61, 62, 63, 64, 65, 66, 100])
  func aRunIsFoundWhereverItBegins(mark: String, before: Int) {
    for count in [29, 30, 31, 32, 64, 1_000] {
      for after in ["", "b", "中文"] {
        let text =
          String(repeating: "a", count: before) + String(repeating: mark, count: count) + after
        #expect(CombiningMarks.areFew(in: text) == (count <= 30), "\(count) after \(before)")
      }
    }
  }

  @Test(arguments: marks)
  func partingKeepsEveryMark(mark: String) {
    for count in [30, 31, 60, 61, 1_000] {
      let text = "e" + String(repeating: mark, count: count) + "f"
      let parted = CombiningMarks.parted(text)
      #expect(CombiningMarks.areFew(in: parted))
      #expect(
        String(String.UnicodeScalarView(parted.unicodeScalars.filter { $0 != "\u{34F}" })) == text)
      #expect(parted.unicodeScalars.count == text.unicodeScalars.count + (count - 1) / 30)
    }
  }

  @Test func encodedRunsAreNotDecoded() {
    let run = String(repeating: "%CC%81", count: 31)
    #expect(PercentCoding.decode("e" + run) == nil)
    #expect(PercentCoding.decode("e" + run.dropLast(6)) != nil)
    #expect(PercentCoding.decode("e" + String(repeating: "\u{301}", count: 31)) == nil)
    #expect(Query(parsing: "a=1&b=\(run)")["b"] == nil)
    #expect(Query(parsing: "a=1&b=\(run)")["a"] == "1")
  }
}
