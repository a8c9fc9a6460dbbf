import HTTP
import Testing

@Suite struct HTTPTests {
  @Test func headersAreFoundInAnyCase() {
    var headers: HTTPHeaders = ["Content-Type": "a", "X": "1"]
    headers.add("x", "2")
    #expect(headers["content-TYPE"] == "a")
    #expect(headers.values(of: "X") == ["1", "2"])
    headers["x"] = "3"
    #expect(headers.values(of: "X") == ["3"])
    headers["X"] = nil
    #expect(headers["x"] == nil)
    #expect(headers["Content-Typ"] == nil)
  }

  @Test(
    arguments: [
      ("12", 12), ("0", 0), ("", nil), ("-1", nil), ("+1", nil), ("1a", nil),
      ("99999999999999999999", nil),
    ] as [(String, Int64?)])
  func contentLength(_ text: String, _ expected: Int64?) {
    #expect(HTTPHeaders([.init("content-length", text)]).contentLength == expected)
  }

  @Test(arguments: [
    ("X-Y", "v", true), ("", "v", false), ("X Y", "v", false), ("X:", "v", false),
    ("X", "a\nb", false), ("X", "a\rb", false), ("X", "a\0b", false), ("X", "ü", true),
  ]) func sendable(_ name: String, _ value: String, _ expected: Bool) {
    #expect(HTTPHeaders.Field(name, value).isSendable == expected)
  }

  @Test(arguments: ["", "abc", "a b&c=d/ü?#%", "~-._", "日本"])
  func percentCodingComesBack(_ text: String) {
    let encoded = PercentCoding.encode(text)
    #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x2F && $0 != 0x26 })
    #expect(PercentCoding.decode(encoded) == text)
  }

  @Test(arguments: ["%", "%4", "%zz", "%ff", "%00", "a%2"]) func refuses(_ text: String) {
    #expect(PercentCoding.decode(text) == nil)
  }

  @Test func plusIsASpaceInQueriesOnly() {
    #expect(PercentCoding.decode("a+b") == "a+b")
    #expect(PercentCoding.decode("a+b", inQuery: true) == "a b")
  }

  @Test func queries() {
    let query = Query(parsing: "a=1&b=x%20y+z&a=2&flag&bad=%zz&=v")
    #expect(query["a"] == "1")
    #expect(query["b"] == "x y z")
    #expect(query["flag"] == "")
    #expect(query["bad"] == nil)
    #expect(query.items.count == 5)
    let odd = Query([.init("a&b", "c=d ü")])
    #expect(Query(parsing: odd.encoded) == odd)
  }
}
