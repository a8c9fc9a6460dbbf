import Curl
import Glibc
import MicroHTTPD
import Synchronization
import Testing

@Suite struct ServerTests {
  let client = HTTPClient()

  private func send(
    _ server: HTTPServer, _ method: String = "GET", _ path: String = "/",
    headers: HTTPHeaders = [:], body: HTTPRequest.Body = .none
  ) async throws -> HTTPResponse {
    try await client.send(
      HTTPRequest(
        method, server.origin + path, headers: headers, body: body, timeout: .seconds(10),
        addressPolicy: .publicAndLoopback))
  }

  @Test(arguments: [200, 204, 299, 402, 404, 422, 429, 455, 500, 505, 599, 999])
  func statuses(_ status: Int) async throws {
    let server = try HTTPServer { _ in ServerResponse(status, body: .bytes([0x21])) }
    let response = try await send(server)
    #expect(response.status == status)
    if status != 204 { #expect(response.text == "!") }
    await server.stop()
  }

  @Test func impossibleAnswersBecome500() async throws {
    let server = try HTTPServer { request in
      request.path == "/status"
        ? ServerResponse(42) : ServerResponse(200, headers: ["X": "a\r\nInjected: b"])
    }
    for path in ["/status", "/header"] {
      let response = try await send(server, "GET", path)
      #expect(response.status == 500)
      #expect(response.headers["Injected"] == nil)
    }
    await server.stop()
  }

  @Test(
    arguments: [
      ("/a%2Fb/c?x=%26+1&y", "/a%2Fb/c", "& 1", ""), ("/?", "/", nil, nil),
      ("http://host:1/abs?x=1", "/abs", "1", nil), ("/%zz", "/%zz", nil, nil),
      ("/a?x=1?2", "/a", "1?2", nil),
    ] as [(String, String, String?, String?)])
  func targets(_ target: String, _ path: String, _ x: String?, _ y: String?) async throws {
    let server = try HTTPServer { request in
      .text(200, "\(request.path)|\(request.query["x"] ?? "nil")|\(request.query["y"] ?? "nil")|")
    }
    let raw = RawClient(port: server.port)
    raw.send("GET \(target) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    let expected = "\(path)|\(x ?? "nil")|\(y ?? "nil")|"
    #expect(await raw.receive().hasSuffix("\r\n\r\n\(expected)"))
    await server.stop()
  }

  @Test(arguments: [0, 1, 999, 1_000, 1_001, 300_000])
  func bodies(_ count: Int) async throws {
    let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let inFile = Mutex<String?>(nil)
    let server = try HTTPServer(
      .init(memoryThreshold: 1_000), bodyLimit: { _ in 300_000 }
    ) { request in
      inFile.withLock { $0 = request.body.file?.path }
      return .text(
        200, "\(request.body.count) \(request.body.read(limit: 300_000) == content)")
    }
    let response = try await send(server, "POST", body: .bytes(content))
    #expect(response.text == "\(count) true")
    let path = inFile.withLock { $0 }
    #expect((path != nil) == (count > 1_000))
    await server.stop()
    guard let path else { return }
    // The file goes with the handler's task, which may end a moment after its answer.
    for _ in 0..<1_000 where access(path, F_OK) == 0 {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(access(path, F_OK) != 0)
  }

  @Test func bodiesInChunks() async throws {
    let server = try HTTPServer(bodyLimit: { _ in 10 }) { request in
      .text(200, String(decoding: request.body.bytes ?? [], as: UTF8.self))
    }
    let first = RawClient(port: server.port)
    first.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
    first.send("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    let answer = await first.receive(until: "abcde")
    #expect(answer.contains("200 OK") && answer.contains("Connection: close"))
    let raw = RawClient(port: server.port)
    raw.send(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n"
    )
    #expect(await raw.receive(until: "here.\n").contains(" 413 "))
    // Far more than is taken is read to its end, or the answer would be lost on its way.
    let much = RawClient(port: server.port)
    much.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
    let chunk = "100000\r\n" + String(repeating: "x", count: 1 << 20) + "\r\n"
    for _ in 0..<10 { much.send(chunk) }
    much.send("0\r\n\r\n")
    #expect(await much.receive(until: "here.\n").contains(" 413 "))
    await server.stop()
  }

  @Test(arguments: [101, 500_000, 5_000_000])
  func tooLong(_ count: Int) async throws {
    let wasCalled = Mutex(false)
    let server = try HTTPServer(
      bodyLimit: { $0.path == "/small" && $0.method == "PUT" ? 100 : 9_000_000 }
    ) { _ in
      wasCalled.withLock { $0 = true }
      return .text(200, "")
    }
    let body = HTTPRequest.Body.bytes([UInt8](repeating: 0, count: count))
    #expect(try await send(server, "PUT", "/small", body: body).status == 413)
    #expect(!wasCalled.withLock { $0 })
    #expect(try await send(server, "PUT", "/large", body: body).status == 200)
    await server.stop()
  }

  @Test(arguments: [(100, "100 Continue"), (101, "413")])
  func continueComesBeforeTheBody(_ count: Int, _ expected: String) async throws {
    let server = try HTTPServer(bodyLimit: { _ in 100 }) { _ in .text(200, "done") }
    let raw = RawClient(port: server.port)
    raw.send(
      "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: \(count)\r\nExpect: 100-continue\r\n\r\n")
    #expect(await raw.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 \(expected)"))
    if count == 100 {
      raw.send(String(repeating: "x", count: 100))
      #expect(await raw.receive(until: "done").contains("200 OK"))
    }
    await server.stop()
  }

  @Test func endlessChunksAreEnded() async throws {
    let server = try HTTPServer(bodyLimit: { _ in 10 }) { _ in .text(200, "") }
    let raw = RawClient(port: server.port)
    raw.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in 0..<80 {
      raw.send("8000\r\n" + String(repeating: "x", count: 0x8000) + "\r\n")
    }
    // The answer comes before the body's end, which never does.
    #expect(await raw.receive().hasPrefix("HTTP/1.1 413 "))
    await server.stop()
  }

  @Test func hangingUpCancels() async throws {
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let (ended, end) = AsyncStream.makeStream(of: Bool.self)
    let server = try HTTPServer { _ in
      begin.yield()
      try? await Task.sleep(for: .seconds(60))
      end.yield(Task.isCancelled)
      return .text(200, "late")
    }
    let raw = RawClient(port: server.port)
    raw.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    for await _ in begun { break }
    raw.hangUp()
    for await wasCancelled in ended {
      #expect(wasCancelled)
      break
    }
    await server.stop()
  }

  @Test func slowClientsKeepNobodyWaiting() async throws {
    let server = try HTTPServer(bodyLimit: { _ in 100 }) { _ in .text(200, "quick") }
    let slow = (0..<20).map { number in
      let raw = RawClient(port: server.port)
      raw.send(
        number.isMultiple(of: 2)
          ? "GET / HT" : "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx")
      return raw
    }
    // A server that waited for them would wait until they are idle for too long: 30 s.
    let start = ContinuousClock.now
    #expect(try await send(server).text == "quick")
    #expect(ContinuousClock.now - start < .seconds(25))
    await server.stop(within: .zero)
    withExtendedLifetime(slow) {}
  }

  @Test func idleConnectionsAreEnded() async throws {
    let server = try HTTPServer(.init(limits: .init(idleSeconds: 1))) { _ in .text(200, "") }
    let raw = RawClient(port: server.port)
    raw.send("GET / HT")
    let start = ContinuousClock.now
    _ = await raw.receive()
    #expect(ContinuousClock.now - start < .seconds(25))
    await server.stop()
  }

  @Test func handlersMayTakeLongerThanIdleConnections() async throws {
    let server = try HTTPServer(.init(limits: .init(idleSeconds: 1))) { _ in
      try? await Task.sleep(for: .milliseconds(1_600))
      return .text(200, "late")
    }
    #expect(try await send(server).text == "late")
    await server.stop()
  }

  @Test func connectionsAreKept() async throws {
    let server = try HTTPServer { .text(200, $0.path) }
    let raw = RawClient(port: server.port)
    for path in ["/a", "/b", "/c"] {
      raw.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
      #expect(await raw.receive(until: "\r\n\r\n\(path)").contains("200"))
    }
    raw.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n")
    #expect(await raw.receive(until: "/2").contains("/1"))
    await server.stop()
  }

  @Test func portsThatAreTakenAreSaidSo() async throws {
    let server = try HTTPServer { _ in .text(200, "") }
    let error = #expect(throws: ServerError.self) {
      try HTTPServer(.init(port: server.port)) { _ in .text(200, "") }
    }
    #expect(error?.kind == .portTaken)
    #expect(error?.detail.contains("\(server.port)") == true)
    _ = try await send(server)
    await server.stop()
    let again = try HTTPServer(.init(port: server.port)) { _ in .text(200, "again") }
    #expect(try await send(again).text == "again")
    await again.stop()
  }

  @Test(arguments: [
    ("localhost", 0, ServerError.Kind.badAddress), ("192.0.2.1", 0, .badAddress),
    ("127.0.0.1", 65_536, .badAddress), ("127.0.0.1", -1, .badAddress),
  ]) func badAddresses(_ address: String, _ port: Int, _ kind: ServerError.Kind) {
    let error = #expect(throws: ServerError.self) {
      try HTTPServer(.init(address: address, port: port)) { _ in .text(200, "") }
    }
    #expect(error?.kind == kind)
  }

  @Test func stoppingLetsRequestsEnd() async throws {
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let server = try HTTPServer { _ in
      begin.yield()
      try? await Task.sleep(for: .milliseconds(200))
      return .text(200, Task.isCancelled ? "cancelled" : "whole")
    }
    async let response = send(server)
    for await _ in begun { break }
    await server.stop()
    let answer = try await response
    #expect(answer.text == "whole")
    #expect(answer.headers["Connection"] == "close")
    let error = await #expect(throws: CurlError.self) { try await send(server) }
    #expect(error?.kind == .connect)
  }

  @Test func stoppingIsBounded() async throws {
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let (ended, end) = AsyncStream.makeStream(of: Void.self)
    let server = try HTTPServer { _ in
      begin.yield()
      // Deaf to cancellation.
      await withCheckedContinuation { continuation in
        Task.detached {
          try? await Task.sleep(for: .seconds(7))
          continuation.resume()
        }
      }
      end.yield()
      return .text(200, "late")
    }
    async let response = send(server)
    for await _ in begun { break }
    let start = ContinuousClock.now
    await server.stop(within: .milliseconds(50))
    #expect(ContinuousClock.now - start < .seconds(6))
    let answer = try? await response
    #expect(answer == nil || answer?.status == 503)
    for await _ in ended { break }
  }

  @Test func serversMayBeDropped() async throws {
    let origin: String
    do {
      let server = try HTTPServer { _ in .text(200, "there") }
      origin = server.origin
      #expect(try await send(server).text == "there")
    }
    let error = await #expect(throws: CurlError.self) {
      try await client.send(HTTPRequest("GET", origin, addressPolicy: .publicAndLoopback))
    }
    #expect(error?.kind == .connect)
  }

  @Test func fullSpoolIsSaidSo() async throws {
    let server = try HTTPServer(
      .init(memoryThreshold: 0, spoolFolder: "/nowhere"), bodyLimit: { _ in 100 }
    ) { _ in .text(200, "") }
    #expect(try await send(server, "PUT", body: .bytes([1])).status == 507)
    await server.stop()
  }
}
