import Core
import Foundation
import Testing

/// The vendors' own example lines, word for word, by a client that nobody here wrote. Only the server's
/// address, the key and the pictures' addresses are put in.
@Suite(.enabled(if: Tool.absence("curl") == nil, "\(Tool.absence("curl") ?? "")"))
struct SeedLinesTests {
  /// Runs a line in a shell and reads what it prints.
  private func shell(_ line: String) async throws -> JSONValue {
    let end = try await Started("/bin/sh", ["-c", line]).wait()
    #expect(end.status == 0, "\(end.messages)")
    return try JSONValue(parsing: Array(end.output.utf8))
  }

  private struct World {
    let server: ServeTests.Server
    let scene: String
    let face: String

    init(_ workshop: borrowing Workshop) async throws {
      server = try await ServeTests.Server(workshop, keys: "\(ServeTests.key) 20\n")
      scene = try await Self.uploaded("scenes/portrait.jpg", to: server.url)
      face = try await Self.uploaded("faces/ben.jpg", to: server.url)
    }

    /// Puts a fixture where the server takes it, as CRUN's own client does, with curl.
    static func uploaded(_ file: String, to url: String) async throws -> String {
      let line =
        "curl -s -H 'x-api-key: \(ServeTests.key)' "
        + "'\(url)/api/v1/client/files/upload-url?content_type=image/jpeg&ext=.jpg'"
      let end = try await Started("/bin/sh", ["-c", line]).wait()
      let data = try JSONValue(parsing: Array(end.output.utf8))["data"] ?? .null
      let put = try #require(data["presigned_url"]?.string)
      let done = try await Started(
        "/bin/sh",
        [
          "-c",
          "curl -s -f -X PUT -H 'Content-Type: image/jpeg' --data-binary @'\(fixture(file))' '\(put)'",
        ]
      ).wait()
      #expect(done.status == 0, "\(done.messages)")
      return try #require(data["file_url"]?.string)
    }

    func stop() async { _ = await server.stop() }
  }

  @Test func apiInOne() async throws {
    let workshop = try Workshop()
    let world = try await World(workshop)
    let submission = """
      curl -X POST https://apiin.one/api/v1/images/tools/face-swap \\
      -H "Authorization: Bearer YOUR_API_KEY" \\
      -H "Content-Type: application/json" \\
      -d '{
      "model": "face-swap",
      "image": "https://example.com/target-photo.jpg",
      "face_image": "https://example.com/source-face.jpg",
      "target_index": 0,
      "output_format": "png"
      }'
      """
    let query = """
      curl https://apiin.one/api/v1/tasks/task_abc123 \\
      -H "Authorization: Bearer aio_your_key"
      """
    func here(_ line: String, _ task: String = "") -> String {
      line.replacing("https://apiin.one", with: world.server.url)
        .replacing("YOUR_API_KEY", with: ServeTests.key)
        .replacing("aio_your_key", with: ServeTests.key)
        .replacing("https://example.com/target-photo.jpg", with: world.scene)
        .replacing("https://example.com/source-face.jpg", with: world.face)
        .replacing("task_abc123", with: task)
    }
    let taken = try await shell(here(submission))
    #expect(taken["code"] == 200)
    #expect(taken["message"] == "success")
    #expect(taken["data"]?["status"] == "IN_PROGRESS")
    let task = try #require(taken["data"]?["task_id"]?.string)
    var state = try await shell(here(query, task))
    for _ in 0..<300 where state["data"]?["status"]?.string?.lowercased() != "completed" {
      try await Task.sleep(for: .milliseconds(100))
      state = try await shell(here(query, task))
    }
    #expect(state["data"]?["output"]?["format"] == "png", "\(state)")
    let wrong = try await shell(
      here(submission).replacing("\"target_index\": 0", with: "\"target_index\": 11"))
    #expect(wrong["error"]?["code"] == 400)
    #expect(wrong["error"]?["type"] == "invalid_request")
    await world.stop()
  }

  @Test func aceDataCloud() async throws {
    let workshop = try Workshop()
    let world = try await World(workshop)
    let answer = try await shell(
      """
      curl -s -X POST '\(world.server.url)/face/swap' \\
      -H 'accept: application/json' -H 'authorization: Bearer \(ServeTests.key)' \\
      -H 'content-type: application/json' \\
      -d '{"source_image_url": "\(world.face)", "target_image_url": "\(world.scene)", "timeout": 60}'
      """)
    #expect(answer["image_url"]?.string?.contains("/files/") == true, "\(answer)")
    #expect(answer["image_width"] == 960 && answer["image_height"] == 1_200)
    #expect(answer["image_size"]?.int ?? 0 > 0 && answer["task_id"]?.string != nil)
    let refused = try await shell(
      "curl -s -X POST '\(world.server.url)/face/swap' -H 'authorization: Bearer wrong' -d '{}'")
    #expect(refused["error"]?["code"] == "invalid_token")
    await world.stop()
  }

  @Test(arguments: [
    ("image-face-swap", "image_url"), ("gif-face-swap", "video_url"),
    ("video-face-swap", "video_url"),
  ])
  func crun(model: String, field: String) async throws {
    let workshop = try Workshop()
    let world = try await World(workshop)
    let taken = try await shell(
      """
      curl -s -X POST '\(world.server.url)/api/v1/client/job/CreateTask' \\
      -H 'x-api-key: \(ServeTests.key)' -H 'Content-Type: application/json' \\
      -d '{"model": "\(model)", "input": {"\(field)": "\(world.scene)", "new_face": "\(world.face)"}}'
      """)
    #expect(taken["code"] == 200 && taken["message"] == "success")
    let task = try #require(taken["data"]?["task_id"]?.string)
    var state = JSONValue.null
    for _ in 0..<300 where !["success", "failed"].contains(state["status"]?.string) {
      try await Task.sleep(for: .milliseconds(100))
      state =
        try await shell(
          "curl -s -H 'x-api-key: \(ServeTests.key)' '\(world.server.url)/api/v1/client/job/TaskInfo?task_id=\(task)'"
        )["data"] ?? .null
    }
    // A still is no GIF and no video: said in the vendor's words, and not charged.
    #expect(state["status"]?.string == (model == "image-face-swap" ? "success" : "failed"))
    #expect(state["result"]?["code"] == (model == "image-face-swap" ? 200 : 422))
    await world.stop()
  }
}
