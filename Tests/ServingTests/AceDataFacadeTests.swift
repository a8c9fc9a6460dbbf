import Core
import Curl
import Providers
import Serving
import Testing

@Suite struct AceDataFacadeTests {
  func call(
    _ bench: Bench, _ body: String, key: String? = Bench.key
  ) async throws -> (status: Int, json: JSONValue) {
    var headers: HTTPHeaders = ["accept": "application/json"]
    if let key { headers["authorization"] = "Bearer \(key)" }
    let response = try await bench.http.send(
      HTTPRequest(
        "POST", bench.own + "/face/swap", headers: headers,
        body: .bytes(Array(body.utf8)), addressPolicy: .any))
    return (response.status, try JSONValue(parsing: response.body))
  }

  func body(_ bench: Bench, _ more: String = "") -> String {
    """
    {"source_image_url": "\(bench.outside.url("face.png"))",
     "target_image_url": "\(bench.outside.url("scene.png"))"\(more)}
    """
  }

  @Test func theClientGetsItsResult() async throws {
    let bench = try await Bench(keys: "\(Bench.key) 1")
    let client = try ProviderDescriptor.aceData.make(
      ProviderSettings(
        name: "acedata", values: ["base_url": bench.server.origin],
        environment: ["ACEDATA_API_KEY": Bench.key], client: bench.http))
    let swap = SwapSubmission(
      sceneURL: bench.outside.url("scene.png"), faceURL: bench.outside.url("face.png"))
    guard case .finished(_, let result) = await client.submit(swap) else {
      Issue.record("a result was wanted")
      return
    }
    let file = try await bench.http.send(
      HTTPRequest("GET", try #require(result.urls.first), addressPolicy: .any))
    #expect(file.body == picture(640, 480) + picture(64, 64), "scene first, then the face")
    guard case .refused(let error) = await client.submit(swap) else {
      Issue.record("no credits were left")
      return
    }
    #expect(error.code == .insufficientCredits)
  }

  @Test func waitsForTheSwapAndDescribesIt() async throws {
    let bench = try await Bench { $0.delay = TimeSpan(milliseconds: 100) }
    let (status, json) = try await call(bench, body(bench))
    #expect(status == 200)
    #expect(json["success"] == true)
    #expect(json["image_width"] == 640)
    #expect(json["image_height"] == 480)
    #expect(json["image_size"]?.int == Int64(picture(640, 480).count + picture(64, 64).count))
    #expect(json["image_url"]?.string?.hasPrefix(bench.server.origin) == true)
    #expect(json["task_id"]?.string?.isEmpty == false)
  }

  @Test func theTimeOutIsTheClients() async throws {
    let bench = try await Bench { $0.delay = .minutes(2) }
    let (status, json) = try await call(bench, body(bench, #", "timeout": 1"#))
    #expect(status == 504)
    #expect(json["error"]?["code"] == "timeout")
    #expect(json["trace_id"]?.string?.isEmpty == false)
    await bench.server.stop(within: .zero)
  }

  @Test(arguments: [#", "async": true"#, #", "callback_url": "DONE""#])
  func whoeverDoesNotWaitGetsTheTask(_ more: String) async throws {
    let bench = try await Bench()
    let text = more.replacing("DONE", with: bench.outside.url("done"))
    let (status, json) = try await call(bench, body(bench, text))
    #expect(status == 200)
    #expect(json["image_url"] == nil)
    let id = try #require(json["task_id"]?.string)
    guard more.contains("callback") else { return }
    for _ in 0..<2_000 where bench.outside.callbacks.isEmpty {
      try await Task.sleep(for: .milliseconds(5))
    }
    let told = try JSONValue(parsing: try #require(bench.outside.callbacks.first).body)
    #expect(told["success"] == true)
    #expect(told["task_id"]?.string == id)
    #expect(told["image_width"] == 640)
  }

  @Test func aFailedSwapSaysWhy() async throws {
    let bench = try await Bench(
      engine: FakeEngine(failing: SwaplineError(.noFace, "There is no face in SCENE.")))
    let (status, json) = try await call(bench, body(bench))
    #expect(status == 400)
    #expect(json["success"] == false)
    #expect(json["error"]?["message"]?.string?.contains("target_image_url") == true)
    #expect(try await bench.server.store.billable() == 0)
  }

  @Test(arguments: [
    ("", 400, "token_mismatched", "not a JSON object"),
    ("{}", 400, "token_mismatched", "source_image_url is missing; target_image_url is missing"),
  ])
  func wrongBodiesAreToldExactly(
    _ body: String, _ status: Int, _ code: String, _ message: String
  ) async throws {
    let bench = try await Bench()
    let answer = try await call(bench, body)
    #expect(answer.status == status)
    #expect(answer.json["error"]?["code"]?.string == code)
    #expect(answer.json["error"]?["message"]?.string?.contains(message) == true)
  }

  @Test func everyRefusalHasItsWord() async throws {
    let bench = try await Bench(keys: "\(Bench.key) 0.5")
    #expect(try await call(bench, body(bench), key: nil).status == 401)
    #expect(try await call(bench, body(bench), key: "x").json["error"]?["code"] == "invalid_token")
    #expect(try await call(bench, body(bench)).json["error"]?["code"] == "used_up")
    let disabled = try await Bench { $0.disabledModels = ["face/swap"] }
    let answer = try await call(disabled, body(disabled))
    #expect(answer.json["error"]?["code"] == "api_not_implemented")
    let closed = try await Bench { $0.isInMaintenance = true }
    #expect(try await call(closed, body(closed)).json["error"]?["code"] == "disabled")
  }
}
