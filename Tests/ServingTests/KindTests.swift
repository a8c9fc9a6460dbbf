import Core
import Curl
import Serving
import Testing

/// CRUN's models of GIFs, videos and chosen faces.
@Suite struct KindTests {
  private func body(_ bench: Bench, _ model: String, scene: String) -> JSONValue {
    [
      "model": .string(model),
      "input": [
        "video_url": .string(bench.outside.url(scene)),
        "new_face": .string(bench.outside.url("face.png")),
      ],
    ]
  }

  @Test(arguments: [
    ("gif-face-swap", "moving.gif", "image/gif"), ("video-face-swap", "video.mp4", "video/mp4"),
  ])
  func aMovingSceneGoesIntoVideoURLAndComesBackAsItsKind(
    model: String, scene: String, type: String
  ) async throws {
    let engine = FakeEngine()
    let bench = try await Bench(engine: engine)
    let id = try await bench.submit(body(bench, model, scene: scene))
    let task = try await bench.end(of: id)
    try #require(task["status"] == "success", "\(task)")
    #expect(task["model_version"]?.string == model)
    #expect(task["result"]?["media_info"]?["frames"] == 12)
    let url = try #require(task["result"]?["media_urls"]?.array?.first?.string)
    let result = try await bench.http.send(HTTPRequest("GET", url, addressPolicy: .any))
    #expect(result.headers["Content-Type"] == type)
    #expect(engine.last.withLock { $0?.format.mimeType } == type)
  }

  @Test(arguments: [
    ("gif-face-swap", "scene.png", "input.video_url is of the format png, which is not supported."),
    ("gif-face-swap", "video.mp4", "input.video_url is of the format mp4, which is not supported."),
    ("video-face-swap", "moving.gif", "input.video_url is of the format gif"),
    ("video-face-swap", "page.png", "input.video_url is not a video"),
  ])
  func anotherKindFailsWith422AndCostsNothing(
    model: String, scene: String, message: String
  ) async throws {
    let bench = try await Bench(keys: "\(Bench.key) 1")
    let task = try await bench.end(of: try await bench.submit(body(bench, model, scene: scene)))
    #expect(task["result"]?["code"] == 422)
    #expect(task["result"]?["message"]?.string?.hasPrefix(message) == true, "\(task)")
    #expect(try await bench.call("GET", "account/balance").data["balance"] == 1)
  }

  @Test func longOnesAreToldInNumbers() async throws {
    let bench = try await Bench {
      $0.inputs.maximumFrames = 10
    }
    let task = try await bench.end(
      of: try await bench.submit(body(bench, "gif-face-swap", scene: "moving.gif")))
    #expect(
      task["result"]?["message"]?.string
        == "input.video_url is too long: it has 12 frames, and at most 10 are accepted.")
  }

  /// Detects the faces of the scene.
  private func detect(_ bench: Bench, scene: String = "scene.png") async throws -> JSONValue {
    let answer = try await bench.call(
      "POST", "job/detect-face-image", body: ["image_url": .string(bench.outside.url(scene))])
    let id = try #require(answer.data["detect_task_id"]?.string)
    for _ in 0..<2_000 {
      let data = try await bench.call("GET", "job/detect-face-result?detect_task_id=\(id)").data
      if ["succeeded", "failed"].contains(data["status"]?.string) { return data }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw SwaplineError(.timeout, "The detection did not end.")
  }

  private func multi(
    _ bench: Bench, _ detection: String?, scene: String = "scene.png",
    faces: [(String, String)] = [("face_1", "face.png"), ("face_0", "face.png")]
  ) -> JSONValue {
    [
      "model": "image-face-swap-multi",
      "input": [
        "image_url": .string(bench.outside.url(scene)),
        "detect_id": .string(detection ?? "detect_none"),
        "faces": .array(
          faces.map { ["face_id": .string($0.0), "target": .string(bench.outside.url($0.1))] }),
      ],
    ]
  }

  @Test func facesAreDetectedAndSwappedByTheirNames() async throws {
    let engine = FakeEngine()
    let bench = try await Bench(engine: engine, keys: "\(Bench.key) 2")
    let data = try await detect(bench)
    #expect(data["result"]?["status"] == "succeed")
    let faces = try #require(data["result"]?["faces"]?.array)
    #expect(faces.map { $0["id"]?.string } == ["face_0", "face_1"])
    let link = try #require(faces[0]["link"]?.string)
    #expect(try await bench.http.send(HTTPRequest("GET", link, addressPolicy: .any)).status == 200)
    // A detection is free, and no task that can be asked for as one of a swap.
    #expect(try await bench.call("GET", "account/balance").data["balance"] == 2)
    let id = try #require(data["detect_task_id"]?.string)
    #expect(try await bench.call("GET", "job/TaskInfo?task_id=\(id)").status == 404)
    let task = try await bench.end(
      of: try await bench.submit(multi(bench, data["result"]?["id"]?.string)))
    #expect(task["status"] == "success", "\(task)")
    #expect(engine.last.withLock { $0?.faces.map(\.index) } == [1, 0])
    #expect(try await bench.server.store.billable() == 1)
  }

  @Test func whatDoesNotFitADetectionIsNamed() async throws {
    let clock = MovedClock()
    let bench = try await Bench { $0.now = clock.read }
    let id = try #require(try await detect(bench)["result"]?["id"]?.string)
    let wrong: [(JSONValue, String)] = [
      (multi(bench, nil), "input.detect_id is \"detect_none\", which is not a known detection."),
      (multi(bench, id, scene: "face.png"), "input.image_url is not the one whose faces were"),
      (multi(bench, id, faces: [("face_7", "face.png")]), "input.faces.0.face_id is \"face_7\""),
      (
        multi(bench, id, faces: [("face_0", "face.png"), ("face_0", "face.png")]),
        "input.faces.1.face_id is given twice."
      ),
      (multi(bench, id, faces: []), "input.faces has 0 elements, and must have 1 to 32."),
    ]
    for (body, message) in wrong {
      let answer = try await bench.call("POST", "job/CreateTask", body: body)
      #expect(answer.status == 422)
      #expect(answer.message.hasPrefix(message), "\(answer.message)")
    }
    clock.move(by: 3_601)
    let late = try await bench.call("POST", "job/CreateTask", body: multi(bench, id))
    #expect(late.message == "input.detect_id has expired: detect the faces again.")
  }
}
