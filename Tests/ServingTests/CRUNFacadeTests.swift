import Core
import Curl
import SQLite
import Serving
import TestSupport
import Testing

@Suite struct CRUNFacadeTests {
  @Test func aSwapFromTaskToFile() async throws {
    let bench = try await Bench(keys: "\(Bench.key) 20.5")
    let id = try await bench.submit()
    let task = try await bench.end(of: id)
    #expect(task["status"]?.string == "success")
    #expect(task["task_id"]?.string == id)
    #expect(task["param"] == bench.body())
    #expect(task["credits"] == 1)
    #expect(task["result"]?["code"] == 200)
    #expect(task["create_at"]?.int ?? 0 > 1_700_000_000)
    #expect(task["complete_at"]?.int ?? 0 >= task["create_at"]?.int ?? .max)
    let url = try #require(task["result"]?["media_urls"]?.array?.first?.string)
    let result = try await bench.http.send(HTTPRequest("GET", url, addressPolicy: .any))
    #expect(result.status == 200)
    #expect(result.headers["Content-Type"] == "image/png")
    #expect(result.body == picture(640, 480) + picture(64, 64))
    let info = task["result"]?["media_info"]
    #expect(info?["width"] == 640)
    #expect(info?["sha256"]?.string == Digest(of: result.body).hex)
    #expect(try await bench.call("GET", "account/balance").data["balance"]?.double == 19.5)
    #expect(try await bench.server.store.billable() == 1)
  }

  typealias Wrong = (body: String, message: String)

  static let wrongBodies: [Wrong] = [
    ("", "The body is not a JSON object. This is not a JSON document: it is empty."),
    ("[1]", "The body is not a JSON object."),
    (
      "{",
      "The body is not a JSON object. This is not a JSON document: a name in double quotes is expected at byte 1."
    ), ("{}", "model is missing; input is missing."),
    (
      #"{"model":7,"input":{}}"#,
      "model must be a text, and a number was found; "
        + "input.image_url is missing; input.new_face is missing."
    ),
    (
      #"{"model":"face-swap","input":{"image_url":"http://a/b.png","new_face":"http://a/b.png"}}"#,
      #"model is "face-swap", and must be one of "#
        + "image-face-swap, gif-face-swap, video-face-swap, "
        + "image-face-swap-multi, video-face-swap-multi."
    ),
    (
      #"{"model":"image-face-swap","input":[]}"#, "input must be an object, and a list was found."
    ),
    (
      #"{"model":"image-face-swap","input":{"image_url":"","new_face":null}}"#,
      "input.image_url is empty; input.new_face is missing."
    ),
    (
      #"{"model":"image-face-swap","input":{"image_url":"data:image/png;base64,AA","new_face":"ftp://a/b.png"}}"#,
      "input.image_url must be an http or https address, and begins otherwise; "
        + "input.new_face must be an http or https address, and begins otherwise."
    ),
    (
      #"{"model":"image-face-swap","callback_url":["x"],"input":{"image_url":"http://a/b.png","new_face":"http://a/b.png","disable_safety_checker":"no"}}"#,
      "callback_url must be a text, and a list was found; "
        + "input.disable_safety_checker must be true or false, and a text was found."
    ),
    (
      #"{"model":"image-face-swap","input":{"image_url":"http://u:p@a/b.png","new_face":"http://a/b.png"}}"#,
      "input.image_url is no address that can be fetched: "
        + "The address carries a user name or password.."
    ),
  ]

  @Test func wrongBodiesAreToldExactly() async throws {
    let bench = try await Bench(keys: "\(Bench.key) 5")
    for (body, message) in Self.wrongBodies {
      for path in ["job/CreateTask", "job/EstimateTask"] {
        let answer = try await bench.call("POST", path, raw: body)
        #expect(answer.status == 422)
        #expect(answer.code == 422)
        #expect(answer.message == message)
      }
    }
    #expect(try await bench.call("GET", "account/balance").data["balance"] == 5)
  }

  @Test func keysAreAskedFor() async throws {
    let bench = try await Bench(keys: "\(Bench.key) 5")
    for (path, method) in [
      ("job/CreateTask", "POST"), ("job/EstimateTask", "POST"), ("job/TaskInfo", "GET"),
      ("account/balance", "GET"), ("files/upload-url", "GET"),
    ] {
      let missing = try await bench.call(method, path, headers: [:])
      #expect(missing.status == 401 && missing.code == 401)
      #expect(missing.message == "The header field x-api-key is missing.")
      let unknown = try await bench.call(method, path, headers: ["x-api-key": "ak_other"])
      #expect(unknown.status == 401 && unknown.message == "The key is not known.")
    }
    let open = try await Bench()
    let answer = try await open.call("GET", "account/balance", headers: ["x-api-key": "anything"])
    #expect(answer.status == 200)
  }

  @Test func tooFewCreditsAreToldInNumbers() async throws {
    let bench = try await Bench(keys: "\(Bench.key) 2.5") { $0.price = Credits(thousandths: 1_250) }
    let estimate = try await bench.call("POST", "job/EstimateTask", body: bench.body()).data
    #expect(
      estimate == [
        "estimated_credits": .double(1.25), "balance": .double(2.5),
        "affordable": true,
      ])
    for _ in 0..<2 { _ = try await bench.submit() }
    let answer = try await bench.call("POST", "job/CreateTask", body: bench.body())
    #expect(answer.status == 402 && answer.code == 402)
    #expect(answer.message == "This task costs 1.25 credits, and the account has 0 left.")
    let after = try await bench.call("POST", "job/EstimateTask", body: bench.body()).data
    #expect(after["affordable"] == false)
  }

  @Test func unknownTasksAndPathsAreNotFound() async throws {
    let bench = try await Bench()
    let task = try await bench.call("GET", "job/TaskInfo?task_id=task_1")
    #expect(task.status == 404 && task.code == 404)
    let mine = try await bench.submit()
    let foreign = try await bench.call(
      "GET", "job/TaskInfo?task_id=\(mine)", headers: ["x-api-key": "another"])
    #expect(foreign.status == 404)
    let empty = try await bench.call("GET", "job/TaskInfo")
    #expect(empty.status == 422 && empty.message == "task_id is missing.")
    let path = try await bench.call("GET", "job/Nothing")
    #expect(path.status == 404 && path.code == 404)
    let method = try await bench.call("GET", "job/CreateTask")
    #expect(method.status == 405)
    #expect(method.headers["Allow"] == "POST")
  }

  @Test func tooManyRequestsWaitAsTold() async throws {
    let bench = try await Bench { $0.requestsPerMinute = 2 }
    for _ in 0..<2 { _ = try await bench.submit() }
    let answer = try await bench.call("POST", "job/CreateTask", body: bench.body())
    #expect(answer.status == 429 && answer.code == 429)
    let wait = try #require(answer.headers["Retry-After"].flatMap { Int($0) })
    #expect((1...30).contains(wait))
    #expect(try await bench.call("GET", "account/balance").status == 200)
    let other = try await bench.call(
      "POST", "job/CreateTask", body: bench.body(), headers: ["x-api-key": "another"])
    #expect(other.status == 200)
  }

  @Test func aFullQueueDeclines() async throws {
    let bench = try await Bench(engine: FakeEngine(duration: .seconds(60))) {
      $0.width = 1
      $0.queueLimit = 1
    }
    let first = try await bench.submit()
    while try await bench.call("GET", "job/TaskInfo?task_id=\(first)").data["status"] != "running" {
      try await Task.sleep(for: .milliseconds(2))
    }
    _ = try await bench.submit()
    let answer = try await bench.call("POST", "job/CreateTask", body: bench.body())
    #expect(answer.status == 429)
    #expect(answer.headers["Retry-After"] == "5")
    await bench.server.stop(within: .zero)
  }

  @Test func maintenanceTakesNoNewWorkAndTellsOfTheOld() async throws {
    let folder = try TemporaryFolder()
    let before = try await Bench(folder: folder)
    let id = try await before.submit()
    _ = try await before.end(of: id)
    await before.server.stop()
    let bench = try await Bench(folder: try folder.copy()) { $0.isInMaintenance = true }
    let answer = try await bench.call("POST", "job/CreateTask", body: bench.body())
    #expect(answer.status == 455 && answer.code == 455)
    let upload = try await bench.call("GET", "files/upload-url?content_type=image/png")
    #expect(upload.status == 455)
    #expect(try await bench.end(of: id)["status"] == "success")
  }

  @Test(arguments: ["video-face-swap-multi", "gif-face-swap"])
  func modelsThatAreNotServedAreDeclined(_ model: String) async throws {
    let bench = try await Bench { $0.disabledModels = ["gif-face-swap"] }
    let answer = try await bench.call("POST", "job/CreateTask", body: ["model": .string(model)])
    #expect(answer.status == 505 && answer.code == 505)
    #expect(answer.message == "The model \(model) is not served here.")
    let disabled = try await Bench { $0.disabledModels = ["image-face-swap"] }
    let image = try await disabled.call("POST", "job/CreateTask", body: disabled.body())
    #expect(image.status == 505)
  }

  @Test func aBrokenStoreIsAServerError() async throws {
    let bench = try await Bench()
    let id = try await bench.submit()
    _ = try await bench.end(of: id)
    try Database(.file(bench.folder.path + "/tasks.sqlite")).execute("DROP TABLE tasks")
    let answer = try await bench.call("GET", "job/TaskInfo?task_id=\(id)")
    #expect(answer.status == 500 && answer.code == 500)
    #expect(!answer.message.contains("SQL"))
    let health = try await bench.call("GET", bench.server.origin + "/healthz")
    #expect(health.status == 503)
  }

  /// Nested as deep as it may be and deeper, whole or cut off: the request is at fault.
  @Test(arguments: [
    String(repeating: "[", count: 511) + String(repeating: "]", count: 511),
    String(repeating: "[", count: 60_000), String(repeating: #"{"a":"#, count: 511),
    #"{"model":"image-face-swap","input":"# + String(repeating: "[", count: 511)
      + String(repeating: "]", count: 511) + "}",
    #"{"model":"image-face-swap","input":"# + String(repeating: "[", count: 60)
      + String(repeating: "]", count: 60) + "}",
  ])
  func deepBodiesAreRefused(_ body: String) async throws {
    let bench = try await Bench()
    for path in ["job/CreateTask", "job/EstimateTask"] {
      #expect(try await bench.call("POST", path, raw: body).status == 422)
    }
    for path in [APIInOneFacadeTests.swapPath, "/face/swap"] {
      let answer = try await bench.call(
        "POST", bench.server.origin + path, raw: body,
        headers: ["Authorization": "Bearer \(Bench.key)"])
      #expect(answer.status == 400)
    }
  }

  @Test func anIdempotencyKeyIsHonoured() async throws {
    let bench = try await Bench(keys: "\(Bench.key) 5")
    let headers: HTTPHeaders = ["x-api-key": Bench.key, "Idempotency-Key": "one"]
    let first = try await bench.call("POST", "job/CreateTask", body: bench.body(), headers: headers)
    let again = try await bench.call("POST", "job/CreateTask", body: bench.body(), headers: headers)
    #expect(first.data["task_id"] == again.data["task_id"])
    #expect(first.headers["Idempotency-Replayed"] == nil)
    #expect(again.headers["Idempotency-Replayed"] == "true")
    // A file's address changes with its signature: what is sent again is the same all the same.
    let moved = try await bench.call(
      "POST", "job/CreateTask", body: bench.body(face: "face.png?signed=anew"), headers: headers)
    #expect(moved.data["task_id"] == first.data["task_id"])
    let other = try await bench.call(
      "POST", "job/CreateTask",
      body: [
        "model": "gif-face-swap",
        "input": ["video_url": "http://a/b.gif", "new_face": "http://a/b.png"],
      ],
      headers: headers)
    #expect(other.status == 422)
    _ = try await bench.end(of: try #require(first.data["task_id"]?.string))
    #expect(try await bench.server.store.billable() == 1)
    #expect(try await bench.call("GET", "account/balance").data["balance"] == 4)
  }
}

extension TemporaryFolder {
  /// The same folder by another owner, once a server has let go of it.
  func copy() throws -> TemporaryFolder {
    let other = try TemporaryFolder()
    try other.copy(self)
    return other
  }
}
