import Curl
import MicroHTTPD
import Synchronization
import TestSupport
import Testing

@Suite struct SendTests {
  let client = HTTPClient()

  @Test func carriesEverythingThereAndBack() async throws {
    let server = try HTTPServer { request in
      ServerResponse(
        201,
        headers: [
          "X-Echo": request.headers["x-ask"] ?? "none",
          "X-Type": request.headers["content-type"] ?? "none",
        ],
        body: .bytes(
          Array("\(request.method) \(request.query["a b"] ?? "") ".utf8)
            + (request.body.bytes ?? [])))
    }
    let response = try await client.send(
      local(
        "POST", server.origin + "/p?a%20b=%C3%BC", headers: ["X-Ask": "yes"], body: .bytes([33])))
    #expect(response.status == 201)
    #expect(response.headers["x-eCHO"] == "yes")
    #expect(response.headers["x-type"] == "none")
    #expect(response.text == "POST ü !")
    #expect(response.url == server.origin + "/p?a%20b=%C3%BC")
    #expect(response.seconds > 0)
    await server.stop()
  }

  @Test(arguments: ["GET", "DELETE", "PUT", "PATCH", "POST", "OPTIONS", "HEAD"])
  func methods(_ method: String) async throws {
    let server = try HTTPServer { .text(200, $0.method) }
    let response = try await client.send(local(method, server.origin))
    #expect(response.text == (method == "HEAD" ? "" : method))
    #expect(response.headers.contentLength == Int64(method.utf8.count))
    await server.stop()
  }

  @Test(arguments: [
    "http://127.0.0.1", "http://[::1]", "http://[::ffff:127.0.0.1]", "http://2130706433",
    "http://0177.0.0.1", "http://localhost", "http://0.0.0.0", "http://[::]",
    "http://169.254.169.254", "http://10.0.0.1", "http://[fe80::1]", "http://[64:ff9b::7f00:1]",
    "http://[2002:7f00:1::]",
  ]) func onlyPublicAddresses(_ origin: String) async throws {
    let server = try HTTPServer { _ in .text(200, "inside") }
    let error = await failure {
      _ = try await client.send(HTTPRequest("GET", "\(origin):\(server.port)/"))
    }
    #expect(error?.kind == .forbiddenAddress)
    #expect(error?.requestSent == false)
    await server.stop()
  }

  @Test func keptConnectionsAreCheckedAgain() async throws {
    let server = try HTTPServer { _ in .text(200, "inside") }
    let url = "http://localhost:\(server.port)/"
    _ = try await client.send(local("GET", url))
    let error = await failure { _ = try await client.send(HTTPRequest("GET", url)) }
    #expect(error?.kind == .forbiddenAddress)
    #expect(error?.requestSent == false)
    await server.stop()
  }

  @Test(arguments: [true, false]) func limitsTheBody(_ isAnnounced: Bool) async {
    let server = ScriptedServer { connection in
      connection.send(
        "HTTP/1.1 200 OK\r\n" + (isAnnounced ? "Content-Length: 101\r\n" : "") + "\r\n")
      connection.send(String(repeating: "x", count: isAnnounced ? 0 : 101))
      if isAnnounced { connection.waitForHangup() }
    }
    let error = await failure {
      _ = try await client.send(local("GET", server.origin, maximumBytes: 100))
    }
    #expect(error?.kind == .tooLarge)
    #expect(error?.requestSent == true)
  }

  @Test func limitsTheHeader() async {
    let server = ScriptedServer { connection in
      connection.send("HTTP/1.1 200 OK\r\n")
      for _ in 0..<400 { connection.send("X: \(String(repeating: "y", count: 1_000))\r\n") }
      connection.send("\r\n")
    }
    let error = await failure { _ = try await client.send(local("GET", server.origin)) }
    #expect(error?.kind == .tooLarge)
  }

  @Test(arguments: [
    ("", CurlError.Kind.cutOff), ("HTTP/1.1 200 OK\r\nContent-", .cutOff),
    ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .cutOff),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", .cutOff),
  ]) func cutOff(_ answer: String, _ kind: CurlError.Kind) async {
    let server = ScriptedServer { $0.send(answer) }
    let error = await failure {
      _ = try await client.send(local("POST", server.origin, body: .bytes([1])))
    }
    #expect(error?.kind == kind)
    #expect(error?.requestSent == true)
    #expect(server.requests.count == 1)
  }

  /// libcurl repeats a request whose kept connection turns out dead, even a POST.
  @Test func postsAreNeverRepeated() async throws {
    let onKept = Mutex(0)
    let server = ScriptedServer { connection in
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      // What comes over a kept connection is a second request, which gets no answer.
      let count = connection.receive(1)
      onKept.withLock { $0 += count }
      connection.reset()
    }
    _ = try await client.send(local("GET", server.origin))
    _ = await failure { _ = try await client.send(local("POST", server.origin)) }
    let onFresh = server.requests.filter { $0.hasPrefix("POST") }.count
    #expect(onKept.withLock { $0 } + onFresh == 1)
  }

  @Test func refusedConnection() async throws {
    let server = try HTTPServer { _ in .text(200, "") }
    let url = server.origin
    await server.stop()
    let error = await failure { _ = try await client.send(local("POST", url)) }
    #expect(error?.kind == .connect)
    #expect(error?.requestSent == false)
  }

  @Test func unknownHost() async {
    let error = await failure {
      _ = try await client.send(local("POST", "http://nowhere.invalid/"))
    }
    #expect(error?.kind == .resolve)
    #expect(error?.requestSent == false)
  }

  @Test func plainServerSpokenToWithTLS() async {
    let server = ScriptedServer { $0.send("HTTP/1.1 200 OK\r\n\r\n") }
    let error = await failure {
      _ = try await client.send(
        local("POST", "https://127.0.0.1:\(server.port)/", timeout: .milliseconds(500)))
    }
    #expect(error?.requestSent == false)
  }

  @Test func timeoutWhileWaiting() async {
    let server = ScriptedServer { $0.waitForHangup() }
    let error = await failure {
      _ = try await client.send(local("POST", server.origin, timeout: .milliseconds(150)))
    }
    #expect(error?.kind == .timeout)
    #expect(error?.requestSent == true)
  }

  /// A listener whose queue is full answers no connection.
  @Test func timeoutWhileConnecting() async {
    let listener = DeafListener()
    var request = local("POST", "http://127.0.0.1:\(listener.port)/")
    request.connectTimeout = .milliseconds(150)
    let error = await failure { [request] in _ = try await client.send(request) }
    #expect(error?.kind == .timeout)
    #expect(error?.requestSent == false)
  }

  @Test func stall() async {
    let server = ScriptedServer { connection in
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx")
      connection.waitForHangup()
    }
    var request = local("GET", server.origin)
    request.stallLimit = HTTPRequest.StallLimit(bytesPerSecond: 10, seconds: 1)
    let error = await failure { [request] in _ = try await client.send(request) }
    #expect(error?.kind == .stalled)
  }

  @Test func cancellationIsPrompt() async throws {
    let (ended, end) = AsyncStream.makeStream(of: ContinuousClock.Instant.self)
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let server = ScriptedServer { connection in
      begin.yield()
      connection.waitForHangup()
      end.yield(ContinuousClock.now)
    }
    let task = Task { try await client.send(local("GET", server.origin)) }
    for await _ in begun { break }
    let start = ContinuousClock.now
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    for await time in ended {
      // It takes about a millisecond; the rest is room for other tests on a busy machine.
      #expect(time - start < .seconds(1))
      break
    }
  }

  @Test func cancelledBeforeItBegins() async {
    let server = ScriptedServer { $0.waitForHangup() }
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await client.send(local("GET", server.origin))
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(server.requests.isEmpty)
  }

  @Test func shutdownEndsWhatIsUnderWay() async {
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let server = ScriptedServer { connection in
      begin.yield()
      connection.waitForHangup()
    }
    let task = Task { try await client.send(local("GET", server.origin)) }
    for await _ in begun { break }
    client.shutdown()
    await #expect(throws: CancellationError.self) { try await task.value }
    let error = await failure { _ = try await client.send(local("GET", server.origin)) }
    #expect(error?.kind == .other)
    #expect(error?.requestSent == false)
  }

  @Test func aClientThatWasShutDownBeforeItsFirstRequestSaysSo() async {
    let client = HTTPClient()
    client.shutdown()
    let error = await failure { _ = try await client.send(local("GET", "http://127.0.0.1:9")) }
    #expect(error?.kind == .other && error?.requestSent == false)
    #expect(error?.detail.contains("shut down") == true, "\(String(describing: error))")
  }

  @Test func sendsABigFile() async throws {
    let content = pattern(3_000_000)
    let file = ScratchFile(content)
    let server = try HTTPServer(bodyLimit: { _ in 10_000_000 }) { request in
      .text(200, request.body.read(limit: 10_000_000) == content ? "same" : "other")
    }
    for method in ["PUT", "POST"] {
      let response = try await client.send(
        local(method, server.origin, body: .file(path: file.path)))
      #expect(response.text == "same")
    }
    withExtendedLifetime(file) {}
    await server.stop()
  }

  @Test(arguments: ["/nowhere/file", "/"]) func unreadableFile(_ path: String) async {
    let error = await failure {
      _ = try await client.send(local("PUT", "http://127.0.0.1:1", body: .file(path: path)))
    }
    #expect(error?.kind == .readFailed)
    #expect(error?.requestSent == false)
  }

  @Test(arguments: [("X", "a\r\nInjected: b"), ("X\r\nY", "a"), ("", "a"), ("X Y", "a")])
  func refusesHeaders(_ name: String, _ value: String) async {
    let error = await failure {
      _ = try await client.send(
        local("GET", "http://127.0.0.1:1", headers: HTTPHeaders([.init(name, value)])))
    }
    #expect(error?.kind == .badRequest)
  }

  @Test func twoHundredAtOnce() async throws {
    let server = try HTTPServer { .text(200, $0.query["n"] ?? "") }
    let sum = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<200 {
        group.addTask {
          let response = try await client.send(local("GET", server.origin + "/?n=\(number)"))
          return Int(response.text) ?? -1
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(sum == 199 * 200 / 2)
    await server.stop()
  }
}
