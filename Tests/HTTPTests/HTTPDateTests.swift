import HTTP
import Testing

@Suite struct HTTPDateTests {
  @Test(
    arguments: [
      ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
      ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
      ("Sun Nov  6 08:49:37 1994", 784_111_777), ("06 Nov 1994 08:49:37 GMT", 784_111_777),
      ("Sun, 06 Nov 1994 08:49:37 +0000", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
      ("Thu, 29 Feb 2024 23:59:60 GMT", 1_709_251_200),
      ("sat, 01 mar 2025 00:00:00 gmt", 1_740_787_200),
      ("Wednesday, 01-Jan-25 00:00:00 GMT", 1_735_689_600),
    ] as [(String, Int64)])
  func reads(text: String, seconds: Int64) {
    #expect(HTTPDate.parse(text, now: 1_700_000_000) == seconds)
  }

  @Test(arguments: [
    "", "soon", "12", "Sun, 06 Nov 1994", "Sun, 06 Now 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
    "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 19940 08:49:37 GMT",
  ])
  func refuses(text: String) {
    #expect(HTTPDate.parse(text) == nil)
  }

  static let now: Int64 = 784_111_777

  @Test(
    arguments: [
      ("120", nil, 120), ("0", nil, 0), ("-5", nil, 0), ("1.2", nil, 2), ("soon", nil, nil),
      ("inf", nil, nil), ("Sun, 06 Nov 1994 08:50:37 GMT", nil, 60),
      ("Sun, 06 Nov 1994 08:48:37 GMT", nil, 0),
      // A server whose clock is an hour ahead.
      ("Sun, 06 Nov 1994 09:50:37 GMT", "Sun, 06 Nov 1994 09:49:37 GMT", 60),
      ("Sun, 06 Nov 1994 08:50:37 GMT", "today", 60),
    ] as [(String, String?, Int64?)])
  func retryAfter(text: String, date: String?, seconds: Int64?) {
    var headers: HTTPHeaders = ["Retry-After": text]
    headers["Date"] = date
    #expect(headers.retryAfter(now: Self.now) == seconds)
  }

  @Test func noFieldIsNoPause() {
    #expect(HTTPHeaders().retryAfter(now: 0) == nil)
  }
}
