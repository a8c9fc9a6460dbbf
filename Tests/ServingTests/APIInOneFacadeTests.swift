import Core
import Curl
import Providers
import Serving
import Testing

@Suite struct APIInOneFacadeTests {
  static let swapPath = "/api/v1/images/tools/face-swap"

  func call(
    _ bench: Bench, _ method: String, _ path: String, _ body: String? = nil,
    key: String? = Bench.key, headers: HTTPHeaders = [:]
  ) async throws -> (status: Int, json: JSONValue, headers: HTTPHeaders) {
    var headers = headers
    if let key { headers["Authorization"] = "Bearer \(key)" }
    let response = try await bench.http.send(
      HTTPRequest(
        method, bench.server.origin + path, headers: headers,
        body: body.map { .bytes(Array($0.utf8)) } ?? .none, addressPolicy: .any))
    return (response.status, try JSONValue(parsing: response.body), response.headers)
  }

  /// The vendor's example, with addresses that can be fetched here.
  func body(_ bench: Bench, _ more: String = #""target_index": 0, "output_format": "png""#)
    -> String
  {
    """
    {"model": "face-swap", "image": "\(bench.outside.url("scene.png"))",
     "face_image": "\(bench.outside.url("face.png"))", \(more)}
    """
  }

  func client(_ bench: Bench) throws -> any Provider {
    try ProviderDescriptor.apiInOne.make(
      ProviderSettings(
        name: "apiinone", values: ["base_url": bench.server.origin],
        environment: ["APIINONE_API_KEY": Bench.key], client: bench.http))
  }

  let waiter = Waiter(
    minimumDelay: TimeSpan(milliseconds: 5), maximumDelay: TimeSpan(milliseconds: 20),
    deadline: .seconds(60))

  @Test func theClientGetsItsResult() async throws {
    let bench = try await Bench(keys: "\(Bench.key) 1")
    let client = try client(bench)
    let swap = SwapSubmission(
      sceneURL: bench.outside.url("scene.png"), faceURL: bench.outside.url("face.png"))
    guard case .accepted(let id) = await client.submit(swap),
      case .succeeded(let result) = try await waiter.wait(for: id, with: client)
    else {
      Issue.record("a result was wanted")
      return
    }
    #expect(result.credits == 1)
    let file = try await bench.http.send(
      HTTPRequest("GET", try #require(result.urls.first), addressPolicy: .any))
    #expect(file.body == picture(640, 480) + picture(64, 64))
    #expect(try await bench.server.store.billable() == 1)
    guard case .refused(let error) = await client.submit(swap) else {
      Issue.record("no credits were left")
      return
    }
    #expect(error.code == .insufficientCredits)
  }

  @Test func answersAsTheVendorsPageShows() async throws {
    let bench = try await Bench { $0.delay = .seconds(30) }
    let answer = try await call(bench, "POST", Self.swapPath, body(bench))
    #expect(answer.status == 200)
    #expect(answer.json["code"] == 200)
    #expect(answer.json["message"] == "success")
    #expect(answer.json["data"]?["status"] == "IN_PROGRESS")
    let id = try #require(answer.json["data"]?["task_id"]?.string)
    let task = try await call(bench, "GET", "/api/v1/tasks/\(id)")
    #expect(task.json["data"]?["task_id"]?.string == id)
    #expect(["PENDING", "IN_PROGRESS"].contains(task.json["data"]?["status"]?.string))
    #expect(try await call(bench, "GET", "/api/v1/tasks/\(id)", key: "aio_other").status == 404)
    await bench.server.stop(within: .zero)
  }

  @Test(arguments: [
    ("", "not a JSON object"), ("{}", "model is missing; image is missing; face_image is missing"),
    (#"{"model":"other","image":"ftp://a","face_image":5}"#, "model is \"other\""),
  ])
  func wrongBodiesAreToldExactly(_ body: String, _ message: String) async throws {
    let bench = try await Bench()
    let answer = try await call(bench, "POST", Self.swapPath, body)
    #expect(answer.status == 400)
    #expect(answer.json["error"]?["code"] == 400)
    #expect(answer.json["error"]?["type"] == "invalid_request")
    #expect(answer.json["error"]?["message"]?.string?.contains(message) == true)
  }

  @Test(arguments: [
    (#""target_index": 11"#, "target_index is 11, and must be 0 to 10"),
    (#""target_index": "1""#, "target_index must be a whole number"),
    (#""output_format": "tiff""#, "output_format is \"tiff\""),
  ])
  func wrongValuesAreNamed(_ more: String, _ message: String) async throws {
    let bench = try await Bench()
    let answer = try await call(bench, "POST", Self.swapPath, body(bench, more))
    #expect(answer.status == 400)
    #expect(answer.json["error"]?["message"]?.string?.contains(message) == true)
    #expect(try await bench.server.store.billable() == 0)
  }

  @Test func everyRefusalHasItsCode() async throws {
    let bench = try await Bench(keys: "\(Bench.key) 0.5")
    #expect(try await call(bench, "POST", Self.swapPath, body(bench), key: nil).status == 401)
    let stranger = try await call(bench, "POST", Self.swapPath, body(bench), key: "aio_x")
    #expect(stranger.status == 401)
    #expect(stranger.json["error"]?["type"] == "authentication_error")
    #expect(try await call(bench, "POST", Self.swapPath, body(bench)).status == 402)
    #expect(try await call(bench, "GET", "/api/v1/tasks/nowhere").status == 404)
    let closed = try await Bench { $0.isInMaintenance = true }
    #expect(try await call(closed, "POST", Self.swapPath, body(closed)).status == 503)
    let disabled = try await Bench { $0.disabledModels = ["face-swap"] }
    #expect(try await call(disabled, "POST", Self.swapPath, body(disabled)).status == 403)
    let limited = try await Bench { $0.requestsPerMinute = 1 }
    _ = try await call(limited, "POST", Self.swapPath, body(limited))
    let late = try await call(limited, "POST", Self.swapPath, body(limited))
    #expect(late.status == 429)
    #expect(late.headers["Retry-After"] != nil)
  }

  @Test func faceAndFormatReachTheEngine() async throws {
    let engine = FakeEngine()
    let bench = try await Bench(engine: engine)
    let answer = try await call(
      bench, "POST", Self.swapPath, body(bench, #""output_format": "webp", "target_index": 2"#))
    let id = try #require(answer.json["data"]?["task_id"]?.string)
    _ = try await waiter.wait(for: id, with: client(bench))
    let request = engine.last.withLock { $0 }
    #expect(request?.format == .webp)
    #expect(request?.faces.first?.index == 2)
  }

  @Test func aRepeatedKeyIsOneTask() async throws {
    let bench = try await Bench { $0.delay = .seconds(30) }
    let headers: HTTPHeaders = ["Idempotency-Key": "one"]
    let first = try await call(bench, "POST", Self.swapPath, body(bench), headers: headers)
    let second = try await call(bench, "POST", Self.swapPath, body(bench), headers: headers)
    #expect(first.json["data"]?["task_id"] == second.json["data"]?["task_id"])
    #expect(second.headers["Idempotency-Replayed"] == "true")
    await bench.server.stop(within: .zero)
  }
}
