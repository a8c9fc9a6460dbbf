import Core
import Curl
import Foundation
import MicroHTTPD
import Synchronization
import Testing

/// Two servers of the built command on one store, the first of which is killed.
@Suite(.enabled(if: PostgreSQLServer.absence == nil, "\(PostgreSQLServer.absence ?? "")"))
struct SharedServerTests {
  @Test func aTaskOfAKilledServerIsDoneByAnotherAndChargedOnce() async throws {
    let workshop = try Workshop()
    let address = try await PostgreSQLServer.started().database()
    let made = try await swapline("serve", "--migrate", "--store", address)
    #expect(made.status == 0 && made.output.hasPrefix("Created the store at"), "\(made.messages)")
    // The first server never gets its scene, so that it is killed in the middle of its work.
    let fetches = Mutex(0)
    let scene = try Data(contentsOf: URL(filePath: fixture("scenes/portrait.jpg")))
    let face = try Data(contentsOf: URL(filePath: fixture("faces/ben.jpg")))
    var router = Router()
    router.on("GET", "/face.jpg") { _ in ServerResponse(200, body: .bytes(Array(face))) }
    router.on("GET", "/scene.jpg") { _ in
      let number = fetches.withLock { count in
        count += 1
        return count
      }
      if number == 1 { try? await Task.sleep(for: .seconds(60)) }
      return ServerResponse(200, body: .bytes(Array(scene)))
    }
    let pictures = try HTTPServer(.init(port: 0), router: router)
    let options = [
      "--store", address, "--lease", "1s",
      "--access-log", "none",
    ]
    let keys = "\(ServeTests.key) 5\n"
    let first = try await ServeTests.Server(workshop, keys: keys, options)
    let body: JSONValue = [
      "model": "image-face-swap",
      "input": [
        "image_url": .string(pictures.origin + "/scene.jpg"),
        "new_face": .string(pictures.origin + "/face.jpg"),
      ],
    ]
    let http = HTTPClient()
    func call(_ server: ServeTests.Server, _ method: String, _ path: String) async throws
      -> JSONValue
    {
      let response = try await http.send(
        HTTPRequest(
          method, server.url(path), headers: ["x-api-key": ServeTests.key],
          body: method == "POST" ? .bytes(try JSONText.bytes(body)) : .none, addressPolicy: .any))
      return try JSONValue(parsing: response.body)["data"] ?? .null
    }
    let task = try await call(first, "POST", "job/CreateTask")
    let id = try #require(task["task_id"]?.string)
    while fetches.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(5)) }
    let second = try await ServeTests.Server(workshop, keys: keys, options)
    first.process.signal(SIGKILL)
    _ = await first.process.wait()
    var ended = JSONValue.null
    for _ in 0..<1_200 where !["success", "failed"].contains(ended["status"]?.string) {
      ended = try await call(second, "GET", "job/TaskInfo?task_id=\(id)")
      try await Task.sleep(for: .milliseconds(25))
    }
    #expect(ended["status"] == "success", "\(ended)")
    #expect(try await call(second, "GET", "account/balance")["balance"] == 4)
    #expect(fetches.withLock { $0 } == 2)
    let end = await second.stop()
    #expect(end.status == 130, "\(end.messages)")
    await pictures.stop(within: .zero)
  }

  @Test func whatIsNoStoreIsRefused() async throws {
    let wrong = try await swapline("serve", "--store", "tasks.sqlite")
    #expect(wrong.status == 2 && wrong.messages.contains("--store is tasks.sqlite"))
    let none = try await swapline("serve", "--migrate")
    #expect(none.status == 2 && none.messages.contains("--migrate needs --store"))
  }
}

extension ServeTests.Server {
  /// Its own address, whatever is given to clients.
  fileprivate func url(_ path: String) -> String { url + "/api/v1/client/" + path }
}
