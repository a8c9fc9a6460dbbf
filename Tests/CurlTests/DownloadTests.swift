import Glibc
import MicroHTTPD
import Synchronization
import TestSupport
import Testing

@testable import Curl

@Suite struct DownloadTests {
  let client = HTTPClient()
  let content = pattern(200_000)

  /// A server of `content` that cuts the first `cuts` answers off after 50 000 bytes more.
  private func flakyServer(cuts: Int, tag: @escaping @Sendable (Int) -> String?) -> ScriptedServer {
    let count = Mutex(0)
    let content = content
    return ScriptedServer { connection in
      let number = count.withLock { count in
        count += 1
        return count
      }
      let start = connection.request.split(separator: "\r\n")
        .first { $0.hasPrefix("Range: bytes=") }
        .flatMap { Int($0.dropFirst(13).dropLast()) }
      let offset = start ?? 0
      connection.send(
        (start == nil
          ? "HTTP/1.1 200 OK\r\n"
          : "HTTP/1.1 206 Partial\r\nContent-Range: bytes \(offset)-\(content.count - 1)/\(content.count)\r\n")
          + (tag(number).map { "ETag: \($0)\r\n" } ?? "")
          + "Content-Length: \(content.count - offset)\r\n\r\n")
      let end = number <= cuts ? min(content.count, offset + 50_000) : content.count
      connection.sendAll(content[offset..<end])
    }
  }

  @Test func writesTheFile() async throws {
    let server = flakyServer(cuts: 0) { _ in "\"a\"" }
    let file = ScratchFile(pattern(300_000).reversed())
    let seen = Mutex<[PartialDownload]>([])
    let download = try await client.download(local("GET", server.origin), to: file.path) { part in
      seen.withLock { $0.append(part) }
    }
    #expect(download.response.status == 200)
    #expect(download.size == 200_000)
    #expect(download.resumedFrom == 0)
    #expect(file.holds(content))
    let parts = seen.withLock { $0 }
    #expect(parts.allSatisfy { $0.total == 200_000 && $0.entityTag == "\"a\"" })
    #expect(parts.last?.received == 200_000)
  }

  @Test func goesOnAfterCuts() async throws {
    let server = flakyServer(cuts: 3) { _ in "\"a\"" }
    let file = ScratchFile()
    var partial: PartialDownload?
    for step in 1...3 {
      let error = await failure { [partial] in
        _ = try await client.download(
          local("GET", server.origin), to: file.path, resuming: partial)
      }
      #expect(error?.kind == .cutOff)
      partial = error?.partial
      #expect(partial?.received == Int64(step) * 50_000)
      #expect(partial?.total == 200_000)
    }
    let download = try await client.download(
      local("GET", server.origin), to: file.path, resuming: partial)
    #expect(download.resumedFrom == 150_000)
    #expect(file.holds(content))
    #expect(server.requests[1].contains("If-Range: \"a\""))
  }

  @Test func startsOverWithoutAValidator() async throws {
    let server = flakyServer(cuts: 1) { _ in nil }
    let file = ScratchFile()
    let error = await failure {
      _ = try await client.download(local("GET", server.origin), to: file.path)
    }
    let download = try await client.download(
      local("GET", server.origin), to: file.path, resuming: error?.partial)
    #expect(download.resumedFrom == 0)
    #expect(!server.requests[1].contains("Range"))
    #expect(file.holds(content))
  }

  @Test func startsOverWhenTheServerIgnoresRanges() async throws {
    let content = content
    let server = ScriptedServer { connection in
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(content.count)\r\n\r\n")
      connection.sendAll(content[...])
    }
    let file = ScratchFile([UInt8](repeating: 7, count: 1_000))
    let download = try await client.download(
      local("GET", server.origin), to: file.path,
      resuming: PartialDownload(received: 1_000, entityTag: "\"old\""))
    #expect(server.requests[0].contains("Range: bytes=1000-"))
    #expect(download.resumedFrom == 0)
    #expect(file.holds(content))
  }

  @Test(arguments: [
    (Int64(1_000), Int64(1_000), 1), (1_000, 400, 2),
  ]) func outOfRange(_ received: Int64, _ total: Int64, _ requests: Int) async throws {
    let server = ScriptedServer { connection in
      if connection.request.contains("Range:") {
        connection.send(
          "HTTP/1.1 416 No\r\nContent-Range: bytes */\(total)\r\nContent-Length: 0\r\n\r\n")
      } else {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
        connection.send(String(repeating: "n", count: Int(total)))
      }
    }
    let file = ScratchFile([UInt8](repeating: 0x6E, count: Int(received)))
    let download = try await client.download(
      local("GET", server.origin), to: file.path,
      resuming: PartialDownload(received: received, entityTag: "\"a\""))
    #expect(download.response.isSuccess)
    #expect(download.size == total)
    #expect(file.bytes == [UInt8](repeating: 0x6E, count: Int(total)))
    #expect(server.requests.count == requests)
  }

  @Test func refusesAPartWhenAllWasAskedFor() async {
    let server = ScriptedServer {
      $0.send(
        "HTTP/1.1 206 Partial\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\nxxxxx")
    }
    let file = ScratchFile([1, 2, 3])
    let error = await failure {
      _ = try await client.download(
        local("GET", server.origin), to: file.path,
        resuming: PartialDownload(received: 3, entityTag: "\"a\""))
    }
    #expect(error?.kind == .otherPart)
    #expect(error?.detail.contains("bytes 5 to 9") == true)
    #expect(server.requests.count == 2)
    #expect(!server.requests[1].contains("Range"))
    #expect(file.bytes == [1, 2, 3])
  }

  @Test func aServerThatGivesTheSamePartForEverIsLeft() async {
    let server = ScriptedServer {
      $0.send(
        "HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-4/10\r\nContent-Length: 5\r\n\r\nxxxxx")
    }
    let file = ScratchFile()
    let error = await failure {
      _ = try await client.download(local("GET", server.origin), to: file.path)
    }
    #expect(error?.kind == .otherPart)
    #expect(error?.detail.contains("only the first 5 bytes") == true)
    #expect(server.requests.count < 6)
  }

  @Test(
    arguments: [
      ("bytes 0-9/10", 0, 9, 10), ("Bytes 5-9/*", 5, 9, nil), ("bytes=5-9/10", 5, 9, 10),
      ("bytes */10", nil, nil, 10), ("bytes */*", nil, nil, nil), ("bytes 5 - 9 / 10", 5, 9, 10),
    ] as [(String, Int64?, Int64?, Int64?)])
  func contentRanges(_ text: String, _ first: Int64?, _ last: Int64?, _ total: Int64?) {
    let range = ContentRange(text)
    #expect(range != nil)
    #expect(range?.bytes?.lowerBound == first)
    #expect(range?.bytes?.upperBound == last)
    #expect(range?.total == total)
  }

  @Test(arguments: [
    "", "bytes", "bytes 5-9", "bytes 9-5/10", "bytes 5-10/10", "bytes -9/10", "bytes 5-/10",
    "items 0-9/10", "bytes a-b/c", "bytes 0-9/-1", "bytes 0-99999999999999999999/*",
  ]) func brokenContentRanges(_ text: String) {
    #expect(ContentRange(text) == nil)
  }

  @Test func keepsTheFileWhenTheAnswerIsAnError() async throws {
    let server = try HTTPServer { _ in .text(404, "gone") }
    let file = ScratchFile([1, 2, 3])
    let download = try await client.download(local("GET", server.origin), to: file.path)
    #expect(download.response.status == 404)
    #expect(download.response.text == "gone")
    #expect(file.bytes == [1, 2, 3])
    await server.stop()
  }

  @Test func followsRedirectsWithoutWritingThem() async throws {
    let content = content
    let server = try HTTPServer { request in
      request.path == "/end"
        ? ServerResponse(200, body: .bytes(content))
        : ServerResponse(302, headers: ["Location": "/end"], body: .bytes([9, 9, 9]))
    }
    let file = ScratchFile()
    let download = try await client.download(
      local("GET", server.origin, redirects: 2), to: file.path)
    #expect(download.response.url == server.origin + "/end")
    #expect(file.holds(content))
    await server.stop()
  }

  @Test(arguments: [true, false]) func limits(_ isAnnounced: Bool) async {
    let server = ScriptedServer { connection in
      connection.send(
        "HTTP/1.1 200 OK\r\n" + (isAnnounced ? "Content-Length: 5000\r\n" : "") + "\r\n")
      connection.send(String(repeating: "x", count: 5_000))
    }
    let file = ScratchFile()
    let error = await failure {
      _ = try await client.download(
        local("GET", server.origin, maximumBytes: 4_999), to: file.path)
    }
    #expect(error?.kind == .tooLarge)
    #expect(file.bytes.count <= 4_999)
    if isAnnounced { #expect(file.bytes.isEmpty) }
  }

  @Test func fullDisk() async {
    let server = flakyServer(cuts: 0) { _ in nil }
    let error = await failure {
      _ = try await client.download(local("GET", server.origin), to: "/dev/full")
    }
    #expect(error?.kind == .writeFailed)
  }

  @Test func unwritableFolder() async {
    let error = await failure {
      _ = try await client.download(local("GET", "http://127.0.0.1:1"), to: "/nowhere/file")
    }
    #expect(error?.kind == .writeFailed)
    #expect(error?.requestSent == false)
  }
}

extension ScriptedServer.Connection {
  func sendAll(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
