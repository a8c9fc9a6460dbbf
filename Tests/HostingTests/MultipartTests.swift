import Core
import Curl
import Files
import Ledgers
import MicroHTTPD
import Synchronization
import TestSupport
import Testing

@testable import Hosting

/// A bucket `b` on loopback that takes objects in parts, and tells of each request before it answers.
private final class PartServer: Sendable {
  private struct State {
    var objects: [String: [UInt8]] = [:]
    var uploads: [String: (key: String, parts: [Int: [UInt8]])] = [:]
    var requests: [String] = []
    var next = 0
  }

  private final class Content: Sendable {
    let state = Mutex(State())
    let hook = Mutex<@Sendable (Int, String) -> ServerResponse?>({ _, _ in nil })

    func answer(_ request: ServerRequest) -> ServerResponse {
      let body = request.body.read(limit: 10_000_000) ?? []
      let key = String(request.path.dropFirst("/b/".count))
      let what =
        "\(request.method) \(request.query.items.map(\.name).sorted().joined(separator: " "))"
      let number = state.withLock { state in
        state.requests.append(what)
        return state.requests.count
      }
      if let answer = hook.withLock({ $0 })(number, what) { return answer }
      let id = request.query["uploadId"] ?? ""
      return state.withLock { state in
        switch what {
        case "POST uploads":
          state.next += 1
          state.uploads["u\(state.next)"] = (key, [:])
          return .text(200, "<R><UploadId>u\(state.next)</UploadId></R>")
        case "PUT partNumber uploadId":
          guard state.uploads[id] != nil, let part = request.query["partNumber"].flatMap(Int.init)
          else { return Self.lost }
          state.uploads[id]?.parts[part] = body
          return ServerResponse(200, headers: ["ETag": "\"t\(part)\""], body: .bytes([]))
        case "POST uploadId":
          guard let upload = state.uploads.removeValue(forKey: id) else { return Self.lost }
          state.objects[key] = upload.parts.sorted { $0.key < $1.key }.flatMap(\.value)
          return .text(200, "<CompleteMultipartUploadResult/>")
        case "DELETE uploadId":
          return state.uploads.removeValue(forKey: id) == nil ? Self.lost : .text(204, "")
        case "GET prefix uploads":
          let all = state.uploads.filter { $0.value.key == request.query["prefix"] }
            .map { "<Upload><Key>\($0.value.key)</Key><UploadId>\($0.key)</UploadId></Upload>" }
          return .text(200, "<R>\(all.joined())</R>")
        case "POST delete":
          for part in String(decoding: body, as: UTF8.self).split(separator: "<Key>").dropFirst() {
            state.objects[String(part.prefix { $0 != "<" })] = nil
          }
          return .text(200, "<DeleteResult/>")
        case "HEAD ", "GET ":
          guard let object = state.objects[key] else { return .text(404, "") }
          return ServerResponse(200, body: .bytes(object))
        default:
          state.objects[key] = body
          return .text(200, "")
        }
      }
    }

    private static let lost = ServerResponse.text(404, "<Error><Code>NoSuchUpload</Code></Error>")
  }

  let server: HTTPServer
  private let content = Content()

  init() throws {
    var router = Router()
    let content = content
    for method in ["GET", "PUT", "POST", "DELETE"] {
      for pattern in ["/b", "/b/swapline/{name}"] {
        router.on(method, pattern, bodyLimit: 10_000_000) { content.answer($0) }
      }
    }
    server = try HTTPServer(router: router)
  }

  var objects: [[UInt8]] { content.state.withLock { Array($0.objects.values) } }
  var uploads: Int { content.state.withLock { $0.uploads.count } }
  var requests: [String] { content.state.withLock { $0.requests } }

  /// Has `hook` asked before each request: its number, its method and the names of its query.
  func before(_ hook: @escaping @Sendable (Int, String) -> ServerResponse?) {
    content.hook.withLock { $0 = hook }
  }
}

@Suite struct MultipartTests {
  let client = HTTPClient()
  /// Three parts of eight thousand bytes.
  let sample = Sample(20_000)

  private func host(_ server: PartServer, _ record: HostingRecord?) async throws -> S3Host {
    var settings = HostSettings(
      name: "photos", values: ["bucket": "b", "endpoint": server.server.origin],
      environment: ["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"], client: client)
    if let record {
      settings.share = HostingShare(
        of: "photos", HostRoute("s3", settings.values), in: record, try await record.entries())
    }
    var host = try #require(try HostDescriptor.s3.make(settings) as? S3Host)
    host.pause = .milliseconds(1)
    host.parts.threshold = 10_000
    host.parts.least = 8_000
    return host
  }

  @Test func aLargeFileIsPutInParts() async throws {
    let server = try PartServer()
    let host = try await host(server, nil)
    _ = try await host.publish(sample.file())
    #expect(server.objects == [sample.bytes] && server.uploads == 0)
    #expect(server.requests.filter { $0 == "PUT partNumber uploadId" }.count == 3)
    try await host.stop()
    #expect(server.objects.isEmpty)
    await server.server.stop()
  }

  /// Each connection in turn is cut in the middle of what it sends: the file is there all the same, once.
  @Test func aConnectionCutInEachPartIsMadeUpFor() async throws {
    let server = try PartServer()
    let proxy = CuttingProxy(to: server.server.port)
    var number = 0
    repeat {
      number += 1
      // A client of its own, so that no connection is kept from before.
      let client = HTTPClient()
      var host = try #require(
        try HostDescriptor.s3.make(
          HostSettings(
            name: "photos", values: ["bucket": "b", "endpoint": "http://127.0.0.1:\(proxy.port)"],
            environment: ["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"],
            client: client)) as? S3Host)
      host.pause = .milliseconds(1)
      host.parts.threshold = 10_000
      host.parts.least = 8_000
      proxy.cut(number, after: 700)
      _ = try await host.publish(sample.file())
      #expect(server.objects == [sample.bytes], "\(number)")
      #expect(server.uploads == 0, "\(number)")
      try await host.stop()
      #expect(server.objects.isEmpty, "\(number)")
      client.shutdown()
    } while number <= proxy.connections && number < 30
    #expect(number > 3)
    proxy.stop()
    await server.server.stop()
  }

  /// Stopped at each request in turn: the next run goes on, and in the end nothing is left behind.
  @Test(arguments: [true, false])
  func aStopInEachStepIsGoneOnWithOrGivenUp(goesOn: Bool) async throws {
    var steps = 0
    for step in 1... {
      let server = try PartServer()
      let record = try HostingRecord(.memory)
      let first = try await host(server, record)
      let (reached, tell) = AsyncStream.makeStream(of: Void.self)
      server.before { number, _ in
        if number == step { tell.yield() }
        return nil
      }
      let file = sample.file()
      let work = Task {
        defer { tell.finish() }
        return try await first.publish(file)
      }
      var wasReached = false
      for await _ in reached {
        wasReached = true
        work.cancel()
      }
      _ = try? await work.value
      guard wasReached else {
        await server.server.stop()
        break
      }
      steps += 1
      server.before { _, _ in nil }
      // What was under way at the stop may arrive a moment later.
      var known = -1
      while known != server.requests.count {
        known = server.requests.count
        try await Task.sleep(for: .milliseconds(100))
      }
      let before = server.requests.filter { $0.hasPrefix("PUT") }.count
      let noted = try await record.entries().first?.upload.map {
        try JSONText.decode(MultipartUpload.self, from: $0.utf8).parts.count
      }
      let next = try await host(server, record)
      if goesOn {
        _ = try await next.publish(file)
        #expect(server.objects == [sample.bytes], "after a stop at request \(step)")
        if let noted, server.requests.filter({ $0 == "POST uploads" }).count == 1 {
          let parts = server.requests.filter { $0.hasPrefix("PUT") }.count - before
          #expect(parts <= 3 - noted, "what was there was not put again")
        }
      }
      try await next.stop()
      #expect(server.uploads == 0 && server.objects.isEmpty, "after a stop at request \(step)")
      #expect(try await record.entries().isEmpty)
      await server.server.stop()
    }
    #expect(steps >= 5)
  }

  @Test func aBusyStorageIsAskedAgainInEachStep() async throws {
    for step in 1...5 {
      let server = try PartServer()
      server.before { number, _ in
        number == step
          ? .text(503, "<Error><Code>SlowDown</Code><Message>m</Message></Error>") : nil
      }
      let host = try await host(server, nil)
      _ = try await host.publish(sample.file())
      #expect(server.objects == [sample.bytes] && server.uploads == 0)
      await server.server.stop()
    }
  }

  @Test func whatIsRefusedIsGivenUp() async throws {
    let server = try PartServer()
    server.before { _, what in
      what == "PUT partNumber uploadId"
        ? .text(403, "<Error><Code>AccessDenied</Code></Error>") : nil
    }
    let record = try HostingRecord(.memory)
    let host = try await host(server, record)
    let error = await #expect(throws: SwaplineError.self) { try await host.publish(sample.file()) }
    #expect(error?.code == .unauthorized)
    #expect(server.uploads == 0)
    #expect(try await record.entries().isEmpty)
    await server.server.stop()
  }

  @Test(
    arguments: [(17 << 20, 8 << 20), (200 << 30, (200 << 30) / 10_000 + 1)] as [(Int64, Int64)])
  func noFileHasMoreThanTenThousandParts(size: Int64, part: Int64) {
    #expect(PartLimits().partSize(of: size) == part)
    #expect((size + part - 1) / part <= 10_000)
  }
}
