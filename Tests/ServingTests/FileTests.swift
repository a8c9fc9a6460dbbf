import Core
import Curl
import Providers
import Serving
import Synchronization
import Testing

@Suite struct FileTests {
  func upload(_ bench: Bench) async throws -> (put: String, get: String) {
    let data = try await bench.call(
      "GET", "files/upload-url?content_type=image%2Fpng&ext=.png"
    ).data
    return (
      try #require(data["presigned_url"]?.string), try #require(data["file_url"]?.string)
    )
  }

  func put(_ bench: Bench, _ url: String, _ bytes: [UInt8], type: String = "image/png")
    async throws -> Int
  {
    try await bench.http.send(
      HTTPRequest(
        "PUT", url, headers: ["Content-Type": type], body: .bytes(bytes), addressPolicy: .any)
    ).status
  }

  func status(_ bench: Bench, _ url: String, _ method: String = "GET") async throws -> Int {
    try await bench.http.send(HTTPRequest(method, url, addressPolicy: .any)).status
  }

  @Test(arguments: [0, 400_000])
  func uploadedFilesAreInputsEvenWithoutLoopback(_ extra: Int) async throws {
    let bench = try await Bench { $0.allowsLoopback = false }
    let scene = picture(30, 20, extra: [UInt8](repeating: 7, count: extra))
    let (put, get) = try await upload(bench)
    #expect(try await status(bench, get) == 404)
    #expect(try await self.put(bench, put, scene) == 200)
    #expect(try await self.put(bench, put, picture(1, 1)) == 409)
    #expect(try await bench.http.send(HTTPRequest("GET", get, addressPolicy: .any)).body == scene)
    let id = try await bench.submit([
      "model": "image-face-swap", "input": ["image_url": .string(get), "new_face": .string(get)],
    ])
    let task = try await bench.end(of: id)
    #expect(task["status"] == "success")
    #expect(task["result"]?["media_info"]?["width"] == 30)
    let forged = get.dropLast() + (get.hasSuffix("0") ? "1" : "0")
    let other = try await bench.submit([
      "model": "image-face-swap",
      "input": ["image_url": .string(String(forged)), "new_face": .string(get)],
    ])
    let message = try await bench.end(of: other)["result"]?["message"]?.string
    #expect(
      message
        == "input.image_url cannot be fetched: its address was not made here.")
  }

  static let types = [MediaFormat.jpg, .png, .webp, .gif, .mp4, .mov, .webm, .mkv]
    .map(\.mimeType).joined(separator: ", ")

  @Test func uploadsAreWhatTheySay() async throws {
    let bench = try await Bench { $0.inputs.maximumSize = .kilobytes(2) }
    let (put, get) = try await upload(bench)
    #expect(try await self.put(bench, put, picture(1, 1), type: "image/jpeg") == 422)
    #expect(try await self.put(bench, get, []) == 405)
    #expect(try await self.put(bench, put, Array("<html></html>".utf8)) == 422)
    #expect(try await self.put(bench, put, []) == 422)
    #expect(
      try await self.put(bench, put, picture(1, 1, extra: [UInt8](repeating: 0, count: 3_000)))
        == 413)
    #expect(try await self.put(bench, put, picture(1, 1)) == 200)
    for (query, message) in [
      ("", "content_type is missing; it must be one of \(Self.types)."),
      (
        "?content_type=text/html",
        #"content_type is "text/html", and must be one of \#(Self.types)."#
      ),
      (
        "?content_type=image/png&ext=.jpg",
        #"ext is ".jpg", which is not an extension of image/png."#
      ),
    ] {
      let answer = try await bench.call("GET", "files/upload-url" + query)
      #expect(answer.status == 422 && answer.message == message)
    }
  }

  @Test func addressesEndAndCannotBeForged() async throws {
    let clock = MovedClock()
    let bench = try await Bench {
      $0.now = clock.read
      $0.resultLifetime = .hours(1)
      $0.sweepInterval = TimeSpan(milliseconds: 10)
    }
    let task = try await bench.end(of: try await bench.submit())
    let url = try #require(task["result"]?["media_urls"]?.array?.first?.string)
    #expect(try await status(bench, url) == 200)
    #expect(try await status(bench, url, "HEAD") == 200)
    #expect(try await status(bench, url.replacing("expires=1", with: "expires=2")) == 403)
    #expect(try await status(bench, url.replacing(".png", with: ".jpg")) == 403)
    #expect(try await status(bench, String(url.prefix { $0 != "?" })) == 403)
    #expect(try await status(bench, url, "PUT") == 405)
    #expect(try bench.folder.names("files").count == 1)
    clock.move(by: 3_599)
    #expect(try await status(bench, url) == 200)
    clock.move(by: 1)
    #expect(try await status(bench, url) == 410)
    clock.move(by: 1)
    for _ in 0..<600 where try !bench.folder.names("files").isEmpty {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try bench.folder.names("files").isEmpty)
    #expect(try bench.folder.names("work").isEmpty)
  }
}

/// A clock that a test moves.
final class MovedClock: Sendable {
  private let seconds = Mutex<Int64>(1_000_000)

  var read: @Sendable () -> Int64 { { self.seconds.withLock { $0 } } }

  func move(by count: Int64) { seconds.withLock { $0 += count } }
}
