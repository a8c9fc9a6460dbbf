import Core
import Curl
import FoundationEssentials
import Glibc
import MicroHTTPD
import Providers
import Serving
import Synchronization
import TestSupport
import Testing

/// A client's world on loopback: pictures to be fetched, and a place for callbacks.
final class Outside: Sendable {
  struct Callback: Sendable {
    var body: [UInt8]
    var signature: String
  }

  let server: HTTPServer
  private let state: Received

  private final class Received: Sendable {
    let callbacks = Mutex<[Callback]>([])
    let refusals: Mutex<Int>
    init(refusals: Int) { self.refusals = Mutex(refusals) }
  }

  /// Answers the first `refusals` callbacks with 500.
  init(refusals: Int = 0) throws {
    let state = Received(refusals: refusals)
    var router = Router()
    func serve(_ name: String, _ bytes: [UInt8]) {
      router.on("GET", "/" + name) { _ in ServerResponse(200, body: .bytes(bytes)) }
    }
    serve("scene.png", picture(640, 480))
    serve("face.png", picture(64, 64))
    serve("huge.png", picture(20_000, 20_000))
    serve("heavy.png", picture(64, 64, extra: [UInt8](repeating: 0, count: 200_000)))
    serve("page.png", Array("<html>this is a page about a picture</html>".utf8))
    serve("moving.gif", Array("GIF89a".utf8) + [UInt8](repeating: 0, count: 60))
    serve("video.mp4", [0, 0, 0, 24] + Array("ftypmp42".utf8) + [UInt8](repeating: 0, count: 60))
    serve("empty.png", [])
    serve("cut.png", Array(picture(64, 64).prefix(20)))
    router.on("POST", "/done", bodyLimit: 100_000) { request in
      state.callbacks.withLock {
        $0.append(
          Callback(
            body: request.body.bytes ?? [],
            signature: request.headers["X-Swapline-Signature"] ?? ""))
      }
      let refuses = state.refusals.withLock { left in
        left -= 1
        return left >= 0
      }
      return ServerResponse(refuses ? 500 : 200)
    }
    self.state = state
    server = try HTTPServer(router: router)
  }

  func url(_ name: String) -> String { server.origin + "/" + name }

  var callbacks: [Callback] { state.callbacks.withLock { $0 } }
}

/// A server under test with a client beside it.
final class Bench: Sendable {
  static let key = "ak_0123456789abcdef0123456789abcdef"
  let outside: Outside
  let folder: TemporaryFolder
  let server: WireServer
  let http = HTTPClient()

  init(
    _ outside: Outside? = nil, folder: TemporaryFolder? = nil, engine: FakeEngine = FakeEngine(),
    keys: String? = nil, _ change: (inout ServerConfiguration) -> Void = { _ in }
  ) async throws {
    self.outside = try outside ?? Outside()
    self.folder = try folder ?? TemporaryFolder()
    var configuration = ServerConfiguration(folder: self.folder.path)
    configuration.allowsLoopback = true
    if let keys { configuration.keys = try KeyRing.parse(keys, file: "keys") }
    change(&configuration)
    server = try await WireServer(
      configuration, facades: ProviderDescriptor.facades, media: engine)
  }

  /// Its own address, whatever a proxy before it is called.
  var own: String { "http://127.0.0.1:\(server.port)" }

  /// What an API call answers.
  struct Answer {
    var status: Int
    var code: Int?
    var message: String
    var data: JSONValue
    var headers: HTTPHeaders
  }

  func call(
    _ method: String, _ path: String, body: JSONValue? = nil, raw: String? = nil,
    headers: HTTPHeaders = ["x-api-key": Bench.key]
  ) async throws -> Answer {
    var content = HTTPRequest.Body.none
    if let body { content = .bytes(try JSONText.bytes(body)) }
    if let raw { content = .bytes(Array(raw.utf8)) }
    let url = path.hasPrefix("http") ? path : own + "/api/v1/client/" + path
    let response = try await http.send(
      HTTPRequest(method, url, headers: headers, body: content, addressPolicy: .any))
    let json = (try? JSONValue(parsing: response.body)) ?? .null
    return Answer(
      status: response.status, code: json["code"]?.int.map { Int($0) },
      message: json["message"]?.string ?? response.text, data: json["data"] ?? .null,
      headers: response.headers)
  }

  func body(
    scene: String = "scene.png", face: String = "face.png", callback: String? = nil
  ) -> JSONValue {
    var body: [String: JSONValue] = [
      "model": "image-face-swap",
      "input": [
        "image_url": .string(outside.url(scene)), "new_face": .string(outside.url(face)),
      ],
    ]
    if let callback { body["callback_url"] = .string(callback) }
    return .object(body)
  }

  /// Submits a task and gives back its identifier.
  func submit(_ body: JSONValue? = nil) async throws -> String {
    let answer = try await call("POST", "job/CreateTask", body: body ?? self.body())
    try #require(answer.status == 200, "\(answer.message)")
    return try #require(answer.data["task_id"]?.string)
  }

  /// Waits for a task's end.
  func end(of id: String) async throws -> JSONValue {
    for _ in 0..<2_000 {
      let data = try await call("GET", "job/TaskInfo?task_id=\(id)").data
      if ["success", "failed"].contains(data["status"]?.string) { return data }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw SwaplineError(.timeout, "The task did not end.")
  }
}

extension TemporaryFolder {
  /// The names of what is in one of its folders.
  func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)
  }
}
