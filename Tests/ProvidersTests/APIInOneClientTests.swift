import Core
import Curl
import Providers
import TestSupport
import Testing

@Suite struct APIInOneClientTests {
  static let key = "aio_0123456789abcdef"
  let http = HTTPClient()

  func client(_ url: String, _ values: [String: String] = [:]) throws -> any Provider {
    try ProviderDescriptor.apiInOne.make(
      ProviderSettings(
        name: "apiinone", values: values.merging(["base_url": url]) { $1 },
        environment: ["APIINONE_API_KEY": Self.key], client: http, timeout: .seconds(5)))
  }

  let swap = SwapSubmission(
    sceneURL: "https://example.com/target-photo.jpg",
    faceURL: "https://example.com/source-face.jpg", faceIndex: 3)

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

  @Test(arguments: [
    (#"{"code":200,"message":"success","data":{"task_id":"n33_faceswap","status":"IN_PROGRESS"}}"#),
    (#"{"id":"n33_faceswap","status":"pending"}"#),
  ])
  func submitsFieldForField(_ answer: String) async throws {
    let server = ScriptedServer([.reply(200, answer)])
    defer { server.stop() }
    let outcome = try await client(server.origin, ["output_format": "webp"]).submit(swap)
    #expect(outcome == .accepted(taskID: "n33_faceswap"))
    let lines = try #require(server.requests.first).split(separator: "\r\n").map(String.init)
    #expect(lines[0] == "POST /api/v1/images/tools/face-swap HTTP/1.1")
    #expect(lines.contains("Authorization: Bearer \(Self.key)"))
    let wanted: JSONValue = [
      "model": "face-swap", "image": "https://example.com/target-photo.jpg",
      "face_image": "https://example.com/source-face.jpg", "target_index": 3,
      "output_format": "webp",
    ]
    #expect(try JSONValue(parsing: Array(#require(lines.last).utf8)) == wanted)
  }

  typealias Fault = (ScriptedServer.Move, Kind, SwaplineError.Code)

  static let faults: [Fault] = [
    (
      .reply(
        400, #"{"error":{"code":400,"message":"Invalid parameters","type":"invalid_request"}}"#),
      .refused, .refusedByProvider
    ),
    (.reply(401, #"{"error":{"code":401,"message":"Invalid API key"}}"#), .refused, .unauthorized),
    (.reply(402, "{}"), .refused, .insufficientCredits),
    (.reply(403, "<html>no</html>"), .refused, .unauthorized),
    (.reply(403, #"{"error":{"type":"feature_disabled"}}"#), .refused, .unsupported),
    (.reply(404, ""), .refused, .notFound),
    (.reply(408, ""), .ambiguous, .ambiguous),
    (.reply(429, #"{"error":{"message":"slow"}}"#), .busy, .rateLimited),
    (.reply(500, #"{"error":{"message":"oops"}}"#), .ambiguous, .ambiguous),
    (.reply(503, ""), .ambiguous, .ambiguous),
    (.reply(503, #"{"error":{"code":503,"type":"maintenance"}}"#), .busy, .unavailable),
    (.reply(502, #"{"error":{"code":404}}"#), .ambiguous, .ambiguous),
    // An error inside an answer that says success.
    (.reply(200, #"{"error":{"code":400,"message":"no"}}"#), .refused, .refusedByProvider),
    (.reply(200, #"{"error":"something"}"#), .ambiguous, .ambiguous),
    (.reply(200, #"{"code":402,"message":"no credits"}"#), .refused, .insufficientCredits),
    (.reply(200, #"{"code":200,"data":{}}"#), .ambiguous, .ambiguous),
    (.reply(200, "<html>hello</html>"), .ambiguous, .ambiguous),
    (.raw("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"code\":2"), .ambiguous, .ambiguous),
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

  @Test(arguments: [(11, SubmissionRange.outside), (-1, .outside), (10, .within)])
  func facesAreChosenByIndex(_ index: Int, _ range: SubmissionRange) async throws {
    let server = ScriptedServer([.reply(200, #"{"data":{"task_id":"t"}}"#)])
    defer { server.stop() }
    var other = swap
    other.faceIndex = index
    let (kind, error) = kind(try await client(server.origin).submit(other))
    #expect(kind == (range == .within ? .accepted : .refused))
    #expect(error?.code == (range == .within ? nil : .unsupported))
    #expect(server.requests.count == (range == .within ? 1 : 0))
  }

  enum SubmissionRange { case within, outside }

  static let places = [
    #"{"data":{"task_id":"t","status":"completed","output":{"image_url":"https://r/1"}}}"#,
    #"{"data":{"task_id":"t","status":"COMPLETED","output":"https://r/1"}}"#,
    #"{"data":{"task_id":"t","status":"Completed","output":["https://r/1"]}}"#,
    #"{"data":{"task_id":"t","status":"completed","image_url":"https://r/1"}}"#,
    #"{"id":"t","status":"completed","output":{"image_url":"https://r/1"}}"#,
    #"{"id":"t","status":"completed","result":{"images":[{"url":"https://r/1"}]}}"#,
    #"{"data":{"task_id":"t","status":"completed","image":"https://in/scene","url":"https://r/1"}}"#,
  ]

  @Test(arguments: places)
  func findsTheResultWhereClientsLook(_ body: String) async throws {
    let server = ScriptedServer([.reply(200, body)])
    defer { server.stop() }
    let status = try await client(server.origin).status(of: "t/1")
    #expect(status == .succeeded(SwapResult(urls: ["https://r/1"])))
    #expect(server.requests[0].hasPrefix("GET /api/v1/tasks/t%2F1 "))
  }

  @Test(arguments: ["IN_PROGRESS", "pending", "dreaming"])
  func unknownWordsMeanWaiting(_ word: String) async throws {
    let server = ScriptedServer([.reply(200, #"{"data":{"task_id":"t","status":"\#(word)"}}"#)])
    defer { server.stop() }
    #expect(try await client(server.origin).status(of: "t") == .waiting(word))
  }

  @Test(arguments: [
    (#"{"data":{"task_id":"t","status":"FAILED","error":{"message":"no face"}}}"#, "no face"),
    (#"{"id":"t","status":"failed","error":"bad \#(key)"}"#, "bad"),
    (#"{"data":{"task_id":"t","status":"completed","image":"https://in/scene"}}"#, "no result"),
  ])
  func aFailedTaskSaysWhy(_ body: String, _ word: String) async throws {
    let server = ScriptedServer([.reply(200, body)])
    defer { server.stop() }
    guard case .failed(let error, _) = try await client(server.origin).status(of: "t") else {
      Issue.record("a failure was wanted")
      return
    }
    #expect(error.code == .generationFailed)
    #expect(error.message.contains(word))
    #expect(!"\(error)".contains(Self.key), "keys are never printed")
  }

  @Test(arguments: [404, 429, 503])
  func questionsThatFailSayWhetherAskingAgainHelps(_ status: Int) async throws {
    let server = ScriptedServer([.reply(status, "{}", ["Retry-After": "9"])])
    defer { server.stop() }
    do {
      _ = try await client(server.origin).status(of: "t")
      Issue.record("an error was wanted")
    } catch let later as RetryLater {
      #expect(status != 404)
      #expect(later.after == .seconds(9))
    } catch let error as SwaplineError {
      #expect(status == 404)
      #expect(error.code == .notFound)
    }
  }

  @Test func aFormatThatIsNoneIsNamed() throws {
    let error = #expect(throws: SwaplineError.self) {
      try client("https://apiin.one", ["output_format": "tiff"])
    }
    #expect(error?.code == .usage)
    #expect(error?.message.contains("tiff") == true)
  }
}
