import Core
import Curl
import MicroHTTPD
import Serving
import TestSupport
import Testing

@testable import Serving

@Suite struct UploadLimitsTests {
  private func put(
    _ bench: Bench, _ url: String, _ bytes: [UInt8], headers: HTTPHeaders = [:]
  ) async throws -> HTTPResponse {
    var headers = headers
    headers["Content-Type"] = "image/png"
    return try await bench.http.send(
      HTTPRequest("PUT", url, headers: headers, body: .bytes(bytes), addressPolicy: .any))
  }

  private func place(
    _ bench: Bench, key: String = Bench.key, query: String = ""
  ) async throws -> Bench.Answer {
    try await bench.call(
      "GET", "files/upload-url?content_type=image%2Fpng" + query, headers: ["x-api-key": key])
  }

  @Test func aKeyKeepsNoMoreThanItMay() async throws {
    let clock = MovedClock()
    let bench = try await Bench {
      $0.uploads.bytesPerKey = .kilobytes(20)
      $0.now = clock.read
      $0.sweepInterval = TimeSpan(milliseconds: 10)
    }
    let large = picture(8, 8, extra: [UInt8](repeating: 1, count: 12_000))
    var places: [String] = []
    for _ in 0..<3 {
      places.append(try #require(try await place(bench).data["presigned_url"]?.string))
    }
    #expect(try await put(bench, places[0], large).status == 200)
    let refused = try await put(bench, places[1], large)
    #expect(refused.status == 429)
    #expect(
      refused.text
        == "This key keeps 12.0 kB of uploads, and may keep 20kB. Uploads are removed after 1h.\n")
    #expect(refused.headers["Retry-After"] == "60")
    // A refused upload takes nothing, and neither does one that is not what it should be.
    #expect(try await put(bench, places[1], [UInt8](repeating: 1, count: 4_000)).status == 422)
    #expect(try await put(bench, places[1], picture(8, 8)).status == 200)
    // Another key has its own room.
    let other = try await place(bench, key: "ak_other")
    #expect(
      try await put(bench, try #require(other.data["presigned_url"]?.string), large).status == 200)
    // With its end a file gives its room back.
    clock.move(by: 3_602)
    for _ in 0..<600 where try !bench.folder.names("files").isEmpty {
      try await Task.sleep(for: .milliseconds(10))
    }
    let late = try #require(try await place(bench).data["presigned_url"]?.string)
    #expect(try await put(bench, late, large).status == 200)
  }

  @Test func placesAreCountedToo() async throws {
    let folder = try TemporaryFolder()
    let bench = try await Bench(folder: folder) { $0.uploads.filesPerKey = 2 }
    for _ in 0..<2 { #expect(try await place(bench).status == 200) }
    let refused = try await place(bench)
    #expect(refused.status == 429 && refused.headers["Retry-After"] != nil)
    #expect(
      refused.message
        == "This key has 2 uploads, and may have 2 at a time. Uploads are removed after 1h.")
    #expect(try await place(bench, key: "ak_other").status == 200)
    await bench.server.stop()
    // A restart forgets none.
    let again = try await Bench(folder: folder) { $0.uploads.filesPerKey = 2 }
    #expect(try await place(again).status == 429)
  }

  @Test func theServerKeepsNoMoreThanItMay() async throws {
    let bench = try await Bench { $0.uploads.bytes = .kilobytes(20) }
    let large = picture(8, 8, extra: [UInt8](repeating: 1, count: 12_000))
    let urls = [
      try #require(try await place(bench).data["presigned_url"]?.string),
      try #require(try await place(bench, key: "ak_other").data["presigned_url"]?.string),
    ]
    #expect(try await put(bench, urls[0], large).status == 200)
    let refused = try await put(bench, urls[1], large)
    #expect(refused.status == 507)
    #expect(refused.text.contains("at most 20kB"))
  }

  @Test func uploadsUnderWayCount() throws {
    let book = UploadBook(UploadLimits(bytesPerKey: .kilobytes(1)), lifetime: .hours(1), kept: [])
    for name in ["a", "b"] { try book.open(name, "account", until: 9) }
    #expect(book.begin("a", size: 600) == nil)
    #expect(book.begin("a", size: 100)?.status == 409)
    #expect(book.begin("b", size: 600)?.status == 429)
    // Its client hung up.
    book.end("a")
    #expect(book.begin("b", size: 600) == nil)
    book.keep("b", size: 600)
    book.end("b")
    #expect(book.begin("b", size: 1)?.status == 409)
    #expect(book.begin("a", size: 600)?.status == 429)
    book.remove(["b"])
    #expect(book.begin("a", size: 600) == nil)
  }

  @Test func bodiesOfUnknownLengthAreNotTaken() async throws {
    let bench = try await Bench()
    let url = try #require(try await place(bench).data["presigned_url"]?.string)
    let raw = RawSocket(port: bench.server.port)
    raw.send(
      "PUT \(url.dropFirst(bench.server.origin.count)) HTTP/1.1\r\nHost: h\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    #expect(await raw.answer().hasPrefix("HTTP/1.1 411 "))
    #expect(try await put(bench, url, picture(1, 1)).status == 200)
  }

  /// Files keep the names that their senders gave them.
  @Test(
    arguments: [
      ("dress.png", "dress.png"), ("../../etc/pass wd.jpeg", "pass-wd.png"),
      ("Kleid größe 7.PNG", "Kleid-größe-7.png"), ("a\"b\r\nc.png", "a-b-c.png"),
      (".png", "png.png"),
      ("x.tar.gz", "x.tar.png"), ("0123456789abcdef0123.png", nil), ("---", nil), ("", nil),
    ] as [(String, String?)])
  func namesStay(_ sent: String, _ title: String?) async throws {
    let bench = try await Bench()
    let data = try await place(
      bench, query: "&filename=" + Query([.init("f", sent)]).encoded.dropFirst(2)
    ).data
    let put = try #require(data["presigned_url"]?.string)
    let get = try #require(data["file_url"]?.string)
    #expect(try await self.put(bench, put, picture(64, 48)).status == 200)
    let answer = try await bench.http.send(HTTPRequest("GET", get, addressPolicy: .any))
    #expect(answer.status == 200)
    #expect(answer.headers["Content-Disposition"] == title.map(FileName.disposition))
    let task = try await bench.end(
      of: try await bench.submit([
        "model": "image-face-swap", "input": ["image_url": .string(get), "new_face": .string(get)],
      ]))
    let url = try #require(task["result"]?["media_urls"]?.array?.first?.string)
    let result = try await bench.http.send(HTTPRequest("GET", url, addressPolicy: .any))
    #expect(result.status == 200)
    #expect(result.headers["Content-Disposition"] == title.map(FileName.disposition))
  }

  @Test(arguments: [
    ("dress.png", #"inline; filename="dress.png""#),
    ("größe.png", #"inline; filename="gr__e.png"; filename*=UTF-8''gr%C3%B6%C3%9Fe.png"#),
  ])
  func dispositions(_ title: String, _ field: String) {
    #expect(FileName.disposition(title) == field)
  }
}
