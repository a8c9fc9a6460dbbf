import Core
import Curl
import Hosting
import Processing
import Providers
import TestSupport
import Testing

@Suite struct CRUNClientTests {
  static let key = "ak_0123456789abcdef0123456789abcdef"
  let http = HTTPClient()

  func client(_ url: String, timeout: TimeSpan = .seconds(5)) throws -> CRUNClient {
    let made = try ProviderDescriptor.crun.make(
      ProviderSettings(
        name: "crun", values: ["base_url": url + "/"], environment: ["CRUN_API_KEY": Self.key],
        client: http, timeout: timeout))
    return try #require(made as? CRUNClient)
  }

  let swap = SwapSubmission(
    sceneURL: "https://example.org/scene.jpg", faceURL: "https://example.org/face.jpg",
    callbackURL: "https://example.org/done")

  /// The kinds of outcome, for tables.
  enum Kind: String { case accepted, refused, busy, notSent, ambiguous }

  func kind(_ outcome: SubmissionOutcome) -> (Kind, SwaplineError?) {
    switch outcome {
    case .accepted, .finished: (.accepted, nil)
    case .refused(let error): (.refused, error)
    case .busy(let error, _): (.busy, error)
    case .notSent(let error): (.notSent, error)
    case .ambiguous(let error): (.ambiguous, error)
    }
  }

  @Test func submitsFieldForField() async throws {
    let server = ScriptedServer([
      .reply(200, #"{"code":200,"message":"success","data":{"task_id":"task_12345678"}}"#)
    ])
    defer { server.stop() }
    let outcome = try await client(server.origin).submit(swap)
    #expect(outcome == .accepted(taskID: "task_12345678"))
    let request = try #require(server.requests.first)
    let lines = request.split(separator: "\r\n").map(String.init)
    #expect(lines[0] == "POST /api/v1/client/job/CreateTask HTTP/1.1")
    #expect(lines.contains("x-api-key: \(Self.key)"))
    #expect(lines.contains("Content-Type: application/json"))
    let wanted: JSONValue = [
      "model": "image-face-swap", "callback_url": "https://example.org/done",
      "input": [
        "image_url": "https://example.org/scene.jpg", "new_face": "https://example.org/face.jpg",
      ],
    ]
    #expect(try JSONValue(parsing: Array(#require(lines.last).utf8)) == wanted)
  }

  typealias Fault = (ScriptedServer.Move, Kind, SwaplineError.Code)

  static let faults: [Fault] = [
    (.reply(401, #"{"code":401,"message":"bad key"}"#), .refused, .unauthorized),
    (.reply(402, #"{"code":402,"message":"no credits"}"#), .refused, .insufficientCredits),
    (.reply(404, #"{"code":404,"message":"gone"}"#), .refused, .notFound),
    (.reply(422, #"{"code":422,"message":"model missing"}"#), .refused, .refusedByProvider),
    (.reply(429, #"{"code":429,"message":"slow down"}"#), .busy, .rateLimited),
    (.reply(455, #"{"code":455,"message":"maintenance"}"#), .busy, .unavailable),
    (.reply(500, #"{"code":500,"message":"oops"}"#), .ambiguous, .ambiguous),
    (.reply(501, #"{"code":501,"message":"failed"}"#), .ambiguous, .ambiguous),
    (.reply(505, #"{"code":505,"message":"off"}"#), .refused, .unsupported),
    // The body's code counts as much as the status.
    (.reply(200, #"{"code":401,"message":"bad key"}"#), .refused, .unauthorized),
    (.reply(200, #"{"code":402,"message":"no credits"}"#), .refused, .insufficientCredits),
    (.reply(200, #"{"code":"422","message":"as a text"}"#), .refused, .refusedByProvider),
    (.reply(200, #"{"code":429,"message":"slow down"}"#), .busy, .rateLimited),
    (.reply(200, #"{"code":455,"message":"maintenance"}"#), .busy, .unavailable),
    (.reply(200, #"{"code":505,"message":"off"}"#), .refused, .unsupported),
    (.reply(200, #"{"code":500,"message":"oops"}"#), .ambiguous, .ambiguous),
    // Taken, perhaps, but nobody says under which name.
    (.reply(200, #"{"code":200,"message":"success","data":{}}"#), .ambiguous, .ambiguous),
    (.reply(200, #"{"code":200,"message":"success","data":null}"#), .ambiguous, .ambiguous),
    (.reply(200, #"{"code":200,"data":{"task_id":["x"]}}"#), .ambiguous, .ambiguous),
    (.reply(200, #"["no","envelope"]"#), .ambiguous, .ambiguous),
    (.reply(200, "<html>hello</html>"), .ambiguous, .ambiguous),
    (.reply(204, ""), .ambiguous, .ambiguous),
    // Gateways.
    (.reply(502, "<html>bad gateway</html>"), .ambiguous, .ambiguous),
    (.reply(503, ""), .ambiguous, .ambiguous),
    (.reply(504, ""), .ambiguous, .ambiguous),
    (.reply(502, #"{"code":404,"message":"which one is right?"}"#), .ambiguous, .ambiguous),
    (.reply(408, ""), .ambiguous, .ambiguous),
    (.reply(403, "<html>no</html>"), .refused, .refusedByProvider),
    (.reply(302, "", ["Location": "https://example.org/"]), .refused, .refusedByProvider),
    // The answer got lost on its way.
    (
      .raw("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"code\":200,\"da"), .ambiguous,
      .ambiguous
    ),
    (.raw("HTTP/1.1 200 OK\r\nCont"), .ambiguous, .ambiguous),
    (.raw("this is not HTTP at all\r\n\r\n"), .ambiguous, .ambiguous),
    (.hangUp, .ambiguous, .ambiguous),
  ]

  @Test(arguments: faults)
  func saysWhatIsCertain(_ fault: Fault) async throws {
    let server = ScriptedServer([fault.0])
    defer { server.stop() }
    let (kind, error) = kind(try await client(server.origin).submit(swap))
    #expect(kind == fault.1)
    #expect(error?.code == fault.2)
    #expect(error?.hint?.isEmpty == false)
    #expect(server.requests.count == 1, "a submission is sent once")
  }

  @Test func silenceAfterTheRequestIsAmbiguous() async throws {
    let server = ScriptedServer([.silence])
    defer { server.stop() }
    let outcome = try await client(server.origin, timeout: TimeSpan(milliseconds: 200)).submit(swap)
    #expect(kind(outcome).0 == .ambiguous)
    #expect(server.requests.count == 1)
  }

  @Test func nothingIsSentWhereNobodyListens() async throws {
    let outcome = try await client("http://127.0.0.1:\(closedPort())").submit(swap)
    let (kind, error) = kind(outcome)
    #expect(kind == .notSent)
    #expect(error?.code == .unavailable)
  }

  @Test func aStoppedRunKeepsTheTaskItPaidFor() async throws {
    let server = ScriptedServer([
      .late(60, #"{"code":200,"message":"success","data":{"task_id":"task_1"}}"#)
    ])
    defer { server.stop() }
    let client = try client(server.origin)
    let running = Task { await client.submit(swap) }
    while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
    running.cancel()
    #expect(await running.value == .accepted(taskID: "task_1"))
    let stopped = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await client.submit(swap)
    }
    #expect(kind(await stopped.value).0 == .notSent)
    #expect(server.requests.count == 1)
  }

  @Test(arguments: [
    ["Retry-After": "17"],
    [
      "Retry-After": "Sun, 06 Nov 1994 08:49:54 GMT", "Date": "Sun, 06 Nov 1994 08:49:37 GMT",
    ],
  ])
  func retryAfterIsHandedOn(fields: [String: String]) async throws {
    let server = ScriptedServer([.reply(429, "{}", fields)])
    defer { server.stop() }
    guard case .busy(_, let after) = try await client(server.origin).submit(swap) else {
      Issue.record("busy was wanted")
      return
    }
    #expect(after == .seconds(17))
    let later = await #expect(throws: RetryLater.self) {
      try await client(server.origin).status(of: "task_1")
    }
    #expect(later?.after == .seconds(17))
  }

  @Test func aFaceThatCannotBeChosenIsRefusedUnsent() async throws {
    var other = swap
    other.faceIndex = 1
    let (kind, error) = kind(
      try await client("http://127.0.0.1:\(closedPort())").submit(other))
    #expect(kind == .refused)
    #expect(error?.code == .unsupported)
  }

  static let statuses: [(String, TaskStatus)] = [
    (#""status":"pending","result":null"#, .waiting("pending")),
    (#""status":"running""#, .waiting("running")),
    (#""status":"dreaming""#, .waiting("dreaming")),
    (
      #""status":"success","credits":1.5,"duration_s":"3.25","result":{"code":200,"media_urls":["u","v"]}"#,
      .succeeded(SwapResult(urls: ["u", "v"], credits: 1.5, seconds: 3.25))
    ),
    (
      #""status":"SUCCESS","credits":"2","result":{"code":"200","media_urls":"u"}"#,
      .succeeded(SwapResult(urls: ["u"], credits: 2))
    ),
  ]

  @Test(arguments: statuses)
  func readsATaskLeniently(_ text: String, _ wanted: TaskStatus) async throws {
    let server = ScriptedServer([
      .reply(200, #"{"code":200,"message":"success","data":{"task_id":"a b&c",\#(text)}}"#)
    ])
    defer { server.stop() }
    #expect(try await client(server.origin).status(of: "a b&c") == wanted)
    #expect(server.requests[0].hasPrefix("GET /api/v1/client/job/TaskInfo?task_id=a%20b%26c "))
  }

  @Test(arguments: [
    (#"{"code":501,"message":"no face"}"#, SwaplineError.Code.generationFailed),
    (#"{"code":422,"message":"too large"}"#, .refusedByProvider),
    (#"{"message":"no code"}"#, .generationFailed), ("null", .generationFailed),
  ])
  func aFailedTaskSaysWhy(_ result: String, _ code: SwaplineError.Code) async throws {
    let server = ScriptedServer([
      .reply(
        200,
        #"{"code":200,"data":{"task_id":"t","status":"failed","credits":0,"result":\#(result)}}"#)
    ])
    defer { server.stop() }
    guard case .failed(let error, let credits) = try await client(server.origin).status(of: "t")
    else {
      Issue.record("a failure was wanted")
      return
    }
    #expect(error.code == code)
    #expect(credits == 0)
    if result.contains("no face") { #expect(error.message.contains("no face")) }
  }

  @Test func asksForBalanceEstimateAndUpload() async throws {
    let server = ScriptedServer([
      .reply(200, #"{"code":200,"data":{"balance":"12.5"}}"#),
      .reply(
        200, #"{"code":200,"data":{"estimated_credits":2,"balance":12.5,"affordable":true}}"#),
      .reply(
        200, #"{"code":200,"data":{"presigned_url":"https://a/put","file_url":"https://a/get"}}"#),
      .reply(401, #"{"code":401,"message":"the key \#(Self.key) is not known"}"#),
    ])
    defer { server.stop() }
    let client = try client(server.origin)
    #expect(try await client.balance() == 12.5)
    #expect(
      try await client.estimate(swap)
        == SwapEstimate(credits: 2, balance: 12.5, isAffordable: true))
    let file = HostedFile(path: "/x", format: .png, size: 1, digest: Digest(of: "x"))
    #expect(
      try await client.uploads?.slot(for: file)
        == UploadSlot(uploadURL: "https://a/put", fileURL: "https://a/get"))
    #expect(
      server.requests[2].hasPrefix(
        "GET /api/v1/client/files/upload-url?content_type=image%2Fpng&ext=.png "))
    let error = await #expect(throws: SwaplineError.self) { try await client.balance() }
    #expect(error?.code == .unauthorized)
    #expect(error?.description.contains(Self.key) == false)
    #expect(error?.hint?.contains("CRUN_API_KEY") == true)
  }
}
