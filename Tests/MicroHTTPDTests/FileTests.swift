import Curl
import Glibc
import MicroHTTPD
import TestSupport
import Testing

@Suite final class FileTests {
  private let client = HTTPClient()
  private let path = TestFolder.unique("file")
  private let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) }
  private let server: HTTPServer

  init() throws {
    let path = path
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    _ = write(descriptor, content, content.count)
    close(descriptor)
    server = try HTTPServer { request in
      .file(
        request.path == "/gone" ? path + "-gone" : request.path == "/folder" ? "/tmp" : path,
        contentType: "image/png", entityTag: "tag")
    }
  }

  deinit {
    unlink(path)
  }

  private func send(
    _ headers: HTTPHeaders = [:], _ method: String = "GET", _ path: String = "/"
  ) async throws -> HTTPResponse {
    try await client.send(
      HTTPRequest(
        method, server.origin + path, headers: headers, addressPolicy: .publicAndLoopback))
  }

  @Test func whole() async throws {
    let response = try await send()
    #expect(response.status == 200)
    #expect(response.body == content)
    #expect(response.headers["Content-Type"] == "image/png")
    #expect(response.headers["ETag"] == "\"tag\"")
    #expect(response.headers["Accept-Ranges"] == "bytes")
    #expect(response.headers.values(of: "Content-Length") == ["100000"])
  }

  @Test func headHasTheLengthAndNoBytes() async throws {
    let response = try await send([:], "HEAD")
    #expect(response.status == 200)
    #expect(response.body.isEmpty)
    #expect(response.headers.contentLength == 100_000)
  }

  @Test(arguments: [
    ("bytes=0-0", 0..<1), ("bytes=10-19", 10..<20), ("bytes=99990-", 99_990..<100_000),
    ("bytes=-10", 99_990..<100_000), ("bytes=50000-999999", 50_000..<100_000),
    ("bytes=-999999", 0..<100_000), ("Bytes=1-2", 1..<3),
  ]) func parts(_ range: String, _ expected: Range<Int>) async throws {
    let response = try await send(["Range": range])
    #expect(response.status == 206)
    #expect(response.body == Array(content[expected]))
    #expect(
      response.headers["Content-Range"]
        == "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/100000")
  }

  @Test(arguments: [
    "bytes=1-2,4-5", "lines=1-2", "bytes=5-4", "bytes=a-b", "bytes=", "bytes=-", "bytes=1-x",
    "bytes=--5",
  ]) func rangesThatDoNotCount(_ range: String) async throws {
    #expect(try await send(["Range": range]).status == 200)
  }

  @Test(arguments: ["bytes=100000-", "bytes=200000-300000", "bytes=-0"])
  func rangesOutside(_ range: String) async throws {
    let response = try await send(["Range": range])
    #expect(response.status == 416)
    #expect(response.headers["Content-Range"] == "bytes */100000")
  }

  @Test(arguments: [("\"tag\"", 206), ("\"other\"", 200), ("W/\"tag\"", 200)])
  func ifRange(_ condition: String, _ status: Int) async throws {
    let response = try await send(["Range": "bytes=1-2", "If-Range": condition])
    #expect(response.status == status)
  }

  @Test(arguments: [
    ("\"tag\"", 304), ("W/\"tag\"", 304), ("\"a\", \"tag\"", 304), ("*", 304), ("\"a\"", 200),
    ("tag", 200),
  ]) func ifNoneMatch(_ condition: String, _ status: Int) async throws {
    for method in ["GET", "HEAD"] {
      let response = try await send(["If-None-Match": condition], method)
      #expect(response.status == status)
      #expect(response.headers["ETag"] == "\"tag\"")
      if status == 304 { #expect(response.body.isEmpty) }
    }
  }

  @Test(arguments: ["/gone", "/folder"]) func gone(_ path: String) async throws {
    let response = try await send([:], "GET", path)
    #expect(response.status == 404)
    #expect(response.headers["ETag"] == nil)
  }

  @Test func emptyFile() async throws {
    truncate(path, 0)
    let response = try await send()
    #expect(response.status == 200)
    #expect(response.headers.contentLength == 0)
    #expect(try await send(["Range": "bytes=0-"]).status == 416)
  }
}
