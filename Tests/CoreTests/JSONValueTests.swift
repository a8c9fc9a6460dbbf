import Core
import FoundationEssentials
import Testing

@Suite struct JSONValueTests {
  @Test(
    arguments: [
      ("null", .null), (" true ", true), ("false", false), ("\u{FEFF}[]", []), ("{}", [:]),
      ("[1,\n2,\t[3]\r]", [1, 2, [3]]),
      (#"{"a":{"b":[null]},"":0}"#, ["a": ["b": [.null]], "": 0]),
      (#""a\"\\\/\b\f\n\r\t\u0041\u00e9""#, "a\"\\/\u{8}\u{C}\n\r\tAé"), ("\"日本 ü 😀\"", "日本 ü 😀"),
      (#""\ud83d\ude00\u0000""#, "😀\u{0}"), ("0", 0), ("-0", 0), ("-12", -12),
      ("9007199254740993", .int(9_007_199_254_740_993)),
      ("9223372036854775807", .int(.max)), ("-9223372036854775808", .int(.min)),
      ("9223372036854775808", .double(9_223_372_036_854_775_808)),
      ("0.1", .double(0.1)), ("-0.0", .double(-0.0)), ("1.0", .double(1)), ("2.50", .double(2.5)),
      ("1e3", .double(1000)), ("1E-7", .double(1e-7)), ("0e0", .double(0)),
      ("123456789012345.6789", .double(123_456_789_012_345.6789)),
      ("0.30000000000000004", .double(0.1 + 0.2)), ("5e-324", .double(.leastNonzeroMagnitude)),
      ("1.7976931348623157e308", .double(.greatestFiniteMagnitude)),
      ("0.000000000000000000000001", .double(1e-24)), ("1e-400", .double(0)),
    ] as [(String, JSONValue)])
  func reads(text: String, value: JSONValue) throws {
    #expect(try JSONValue(parsing: text.utf8) == value)
    #expect(try JSONValue(parsing: Array(text.utf8), lenient: true) == value)
  }

  @Test(
    arguments: [
      ("", "it is empty"), (" \n", "it is empty"), ("nul", "a value is expected at byte 0"),
      ("tru", "a value is expected at byte 0"), ("[1,]", "a value is expected at byte 3"),
      ("[,1]", "a value is expected at byte 1"), ("[1 2]", "a comma or ] is expected at byte 3"),
      ("[1", "a comma or ] is expected at byte 2"), ("[", "a value is expected at byte 1"),
      (#"{"a":1,}"#, "a name in double quotes is expected at byte 7"),
      ("{a:1}", "a name in double quotes is expected at byte 1"),
      (#"{"a" 1}"#, "a colon is expected at byte 5"), (#"{"a":}"#, "a value is expected at byte 5"),
      (#"{"a":1 "b":2}"#, "a comma or } is expected at byte 7"),
      (#"{"a":1,"a":2}"#, "'a' appears twice in one object at byte 7"),
      ("{} x", "something follows the document's end at byte 3"),
      ("1 2", "something follows the document's end at byte 2"),
      ("\"a", "a string is never closed at byte 0"), ("\"\\", "unknown escape at byte 1"),
      ("\"a\nb\"", "a control character at byte 2"), (#""\x""#, "unknown escape at byte 1"),
      (#""\u12g4""#, "unknown escape at byte 1"), (#""\u12"#, "unknown escape at byte 1"),
      (#""\ud83d""#, "half of a surrogate pair at byte 1"),
      (#""\ude00\ud83d""#, "half of a surrogate pair at byte 1"),
      (#""\ud83d\u0041""#, "half of a surrogate pair at byte 1"),
      ("01", "a number is malformed at byte 0"), ("-", "a number is malformed at byte 0"),
      ("[-a]", "a number is malformed at byte 1"), ("1.", "a number is malformed at byte 0"),
      ("1e", "a number is malformed at byte 0"), ("1e+", "a number is malformed at byte 0"),
      (".5", "a value is expected at byte 0"), ("+1", "a value is expected at byte 0"),
      ("1e400", "a number is too large at byte 0"), ("NaN", "a value is expected at byte 0"),
      ("'a'", "a value is expected at byte 0"), ("[1]//", "follows the document's end at byte 3"),
    ])
  func refuses(text: String, reason: String) {
    let error = #expect(throws: SwaplineError.self) { try JSONValue(parsing: text.utf8) }
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    #expect(error?.code == .damaged)
  }

  @Test(
    arguments: [
      ([0x22, 0xFF, 0x22], "\u{FFFD}"), ([0x22, 0xC3, 0x5C, 0x6E, 0x22], "\u{FFFD}\n"),
      (Array(#""a\ud83d\n""#.utf8), "a\u{FFFD}\n"), (Array(#"{"a":1,"a":2}"#.utf8), ["a": 2]),
    ] as [([UInt8], JSONValue)])
  func lenientReadingsTakeWhatStrictOnesRefuse(bytes: [UInt8], value: JSONValue) throws {
    #expect(throws: SwaplineError.self) { try JSONValue(parsing: bytes) }
    #expect(try JSONValue(parsing: bytes, lenient: true) == value)
  }

  static let open: [(String, String)] = [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":[ "#, "]}]")]

  @Test(arguments: open)
  func depthIsBounded(opening: String, closing: String) throws {
    let levels = opening.count { "[{".contains($0) }
    func nested(_ times: Int) -> [UInt8] {
      Array(
        (String(repeating: opening, count: times) + "1" + String(repeating: closing, count: times))
          .utf8)
    }
    let most = JSONValue.maximumDepth / levels
    _ = try JSONValue(parsing: nested(most))
    for times in [most + 1, 511, 100_000] {
      let error = #expect(throws: SwaplineError.self) { try JSONValue(parsing: nested(times)) }
      #expect(error?.code == .limit)
      #expect(error?.message.contains("more than 64 levels deep") == true)
      let typed = #expect(throws: SwaplineError.self) {
        try JSONText.decode(JSONValue.self, from: nested(times))
      }
      #expect(typed?.code == .limit)
      // Never closed, as a stranger's kilobyte may be.
      #expect(throws: SwaplineError.self) {
        try JSONValue(parsing: String(repeating: opening, count: times).utf8)
      }
    }
  }

  /// What costs much for each byte: memory of its own, or a name to be hashed.
  static let costly: [(String, Int)] = [
    ("[[]],", 2), (#"[{"":[1]}],"#, 4), (#"{"ä":1},"#, 2), ("1,", 1), (#""\n","#, 1),
  ]

  @Test(arguments: costly)
  func valuesAreBounded(part: String, values: Int) throws {
    func list(_ count: Int) -> [UInt8] {
      Array("[\(String(repeating: part, count: count).dropLast())]".utf8)
    }
    let most = (JSONValue.maximumValues - 1) / values
    #expect(try JSONValue(parsing: list(most)).array?.count == most)
    for lenient in [false, true] {
      let error = #expect(throws: SwaplineError.self) {
        try JSONValue(parsing: list(most + 1), lenient: lenient)
      }
      #expect(error?.code == .limit)
      #expect(error?.message.contains("more than 20000 values") == true)
    }
    // What is encoded here is no stranger's.
    let own = Array(repeating: 1, count: JSONValue.maximumValues + 1)
    #expect(try JSONValue(encoding: own).array?.count == own.count)
  }

  /// Texts that Swift would compare and hash in quadratic time: minutes for a megabyte.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      #""e\#(marks(250_000))""#, #"{"e\#(marks(250_000))":1}"#, #"{"e\#(marks(31))":1}"#,
      #""e\u0301\#(marks(30))""#, #"["\#(String(repeating: "a", count: 500))\#(marks(31))"]"#,
    ])
  func marksInARowAreBounded(text: String) throws {
    let error = #expect(throws: SwaplineError.self) { try JSONValue(parsing: text.utf8) }
    #expect(error?.message.contains("more than 30 combining marks in a row") == true)
    let read = try JSONValue(parsing: text.utf8, lenient: true)
    guard case .object(let parts) = read else { return }
    #expect(parts.count == 1)
  }

  private static func marks(_ count: Int) -> String {
    String((0..<count).map { $0 % 2 == 0 ? "\u{301}" : "\u{316}" }.joined())
  }

  @Test func languagesNeedFewMarks() throws {
    let words = ["Việt Nam", "שָׁלוֹם", "ภาษาไทย", "e" + Self.marks(30), "한국어", "👩‍👩‍👧‍👦"]
    let text = words.map { #""\#(String(repeating: $0, count: 200))""# }.joined(separator: ",")
    #expect(try JSONValue(parsing: "[\(text)]".utf8).array?.count == words.count)
  }

  @Test func bracketsInTextsAreNoDepth() throws {
    let text = String(repeating: #"[\"{"#, count: 100)
    let json = #"{"a":"\#(text)","b":"\\"}"#
    #expect(try JSONText.decode([String: String].self, from: json.utf8).count == 2)
    #expect(try JSONValue(parsing: json.utf8)["a"]?.string?.count == 300)
  }

  @Test func everyPartIsTriedOnce() throws {
    struct Tries: Decodable {
      var value: JSONValue
    }
    let deep = String(repeating: #"[{"a":"#, count: 30) + "1" + String(repeating: "}]", count: 30)
    let decoded = try JSONText.decode(Tries.self, from: #"{"value":\#(deep)}"#.utf8)
    #expect(decoded.value == (try JSONValue(parsing: deep.utf8)))
  }

  @Test func whatIsPrintedReadsBack() throws {
    let value: JSONValue = [
      "a": [1, .double(0.1), .double(-2.5e-9), .null, true, "ü\"\\\n/\u{1}😀"],
      "b": ["": .int(.min), "c": [[:]]],
    ]
    #expect(try JSONValue(parsing: JSONText.bytes(value)) == value)
    #expect(try JSONValue(parsing: JSONText.pretty(value).utf8) == value)
    #expect(try JSONValue(encoding: value) == value)
    #expect(try JSONText.decode(JSONValue.self, from: JSONText.bytes(value)) == value)
  }
}
