import Core
import Curl
import Processing
import Serving
import Testing

@Suite struct InputTests {
  @Test(arguments: [
    ("none.png", "input.image_url cannot be fetched: the address answers with status 404."),
    (
      "page.png",
      "input.image_url is not an image: its content is of no known format. "
        + "Supported: jpg, png, webp."
    ),
    (
      "moving.gif",
      "input.image_url is of the format gif, which is not supported. "
        + "Supported: jpg, png, webp."
    ),
    ("empty.png", "input.image_url is an empty file, or is not there any more."),
    ("heavy.png", "input.image_url is too large: at most 100kB are accepted."),
    (
      "huge.png",
      "input.image_url is too large: 20000 x 20000 are 400000000 pixels, and at most "
        + "50000000 are accepted."
    ),
    ("cut.png", "input.image_url is cut off."),
  ])
  func unusableScenesFailWith422AndCostNothing(_ name: String, _ message: String) async throws {
    let engine = FakeEngine()
    let bench = try await Bench(engine: engine, keys: "\(Bench.key) 1") {
      $0.inputs.maximumSize = .kilobytes(100)
    }
    let task = try await bench.end(of: try await bench.submit(bench.body(scene: name)))
    #expect(task["status"] == "failed")
    #expect(task["credits"] == 0)
    #expect(task["result"]?["code"] == 422)
    #expect(task["result"]?["message"]?.string == message)
    #expect(task["result"]?["media_urls"] == [])
    #expect(engine.begun.withLock { $0 } == 0)
    #expect(try await bench.call("GET", "account/balance").data["balance"] == 1)
    #expect(try await bench.server.store.billable() == 0)
  }

  /// Whether a name in here leads somewhere, nowhere or to a private address, a stranger is told the
  /// same.
  @Test(arguments: [
    "http://localhost:1/x.png", "http://127.0.0.1:1/x.png", "http://nowhere.invalid/x.png",
    "http://10.0.0.1/x.png", "http://[::1]/x.png",
  ])
  func whatNamesResolveToIsNotTold(_ url: String) async throws {
    let bench = try await Bench { $0.allowsLoopback = false }
    let task = try await bench.end(
      of: try await bench.submit([
        "model": "image-face-swap", "input": ["image_url": .string(url), "new_face": .string(url)],
      ]))
    let message = try #require(task["result"]?["message"]?.string)
    #expect(
      [
        "input.image_url cannot be fetched: its host has no public address.",
        "input.new_face cannot be fetched: its host has no public address.",
      ].contains { message == $0 + " Only public addresses are fetched." }, "\(message)")
  }

  @Test(arguments: [
    (SwaplineError(.noFace, "There is no face."), 422),
    (SwaplineError(.refusedByEngine, "The pose is too different."), 501),
    (SwaplineError(.workerCrashed, "The worker ended."), 501),
  ])
  func theEnginesReasonsAreHandedOn(_ error: SwaplineError, _ code: Int) async throws {
    let bench = try await Bench(engine: FakeEngine(failing: error))
    let task = try await bench.end(of: try await bench.submit())
    #expect(task["status"] == "failed")
    #expect(task["result"]?["code"] == .int(Int64(code)))
    #expect(task["result"]?["message"]?.string == error.message)
  }

  @Test(arguments: [false, true])
  func messagesNameFieldsAndNoPaths(_ areUploaded: Bool) async throws {
    let engine = FakeEngine(failing: SwaplineError(.noFace, "SCENE is fine, FACE has no face."))
    let bench = try await Bench(engine: engine)
    var body = bench.body()
    if areUploaded {
      let (put, get) = try await FileTests().upload(bench)
      #expect(try await FileTests().put(bench, put, picture(1, 1)) == 200)
      let (put2, get2) = try await FileTests().upload(bench)
      #expect(try await FileTests().put(bench, put2, picture(2, 2)) == 200)
      body = [
        "model": "image-face-swap",
        "input": ["image_url": .string(get), "new_face": .string(get2)],
      ]
    }
    let task = try await bench.end(of: try await bench.submit(body))
    #expect(
      task["result"]?["message"]?.string == "input.image_url is fine, input.new_face has no face.")
  }

  @Test func thisMachineIsNotFetchedFromUnlessAllowed() async throws {
    let bench = try await Bench { $0.allowsLoopback = false }
    let task = try await bench.end(of: try await bench.submit())
    #expect(task["result"]?["code"] == 422)
    let message = task["result"]?["message"]?.string ?? ""
    #expect(
      message.hasPrefix("input.image_url cannot be fetched: ")
        || message.hasPrefix(
          "input.new_face cannot be fetched: ")
    )
    #expect(message.hasSuffix("Only public addresses are fetched."))
  }

  @Test func aSwapThatTakesTooLongFails() async throws {
    let bench = try await Bench(engine: FakeEngine(duration: .seconds(60))) {
      $0.taskTimeout = TimeSpan(milliseconds: 30)
    }
    let task = try await bench.end(of: try await bench.submit())
    #expect(task["result"]?["code"] == 501)
    #expect(task["result"]?["message"] == "The swap took longer than 30ms.")
  }
}
