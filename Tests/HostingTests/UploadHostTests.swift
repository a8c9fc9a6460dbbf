import Core
import Curl
import Hosting
import MicroHTTPD
import Synchronization
import Testing

/// A storage that takes uploads and gives them out again, over real HTTP, with failures on demand.
final class Storage: Sendable, UploadSlots {
  private struct State {
    var files: [String: (bytes: [UInt8], type: String)] = [:]
    var failures: [Int]
    var slots = 0
    var fields: [String] = []
  }

  private final class Content: Sendable {
    let state: Mutex<State>
    init(failures: [Int]) { state = Mutex(State(failures: failures)) }
  }

  let server: HTTPServer
  private let content: Content

  init(failures: [Int] = []) throws {
    let content = Content(failures: failures)
    self.content = content
    var router = Router()
    router.on("PUT", "/put/{name}", bodyLimit: 10_000_000) { request in
      let bytes = request.body.read(limit: 10_000_000) ?? []
      let status = content.state.withLock { state in
        state.fields.append(request.headers["X-Signed"] ?? "")
        if !state.failures.isEmpty { return state.failures.removeFirst() }
        state.files[request.parameters["name"] ?? ""] = (
          bytes, request.headers["Content-Type"] ?? ""
        )
        return 200
      }
      return .text(status, "")
    }
    router.on("GET", "/get/{name}") { request in
      let file = content.state.withLock { $0.files[request.parameters["name"] ?? ""] }
      guard let file else { return .text(404, "") }
      return ServerResponse(200, headers: ["Content-Type": file.type], body: .bytes(file.bytes))
    }
    server = try HTTPServer(router: router)
  }

  var slotsGiven: Int { content.state.withLock { $0.slots } }
  var fieldsSeen: [String] { content.state.withLock { $0.fields } }

  func slot(for file: HostedFile) async throws -> UploadSlot {
    content.state.withLock { $0.slots += 1 }
    return UploadSlot(
      uploadURL: "\(server.origin)/put/\(file.name)", fileURL: "\(server.origin)/get/\(file.name)",
      headers: ["X-Signed": "yes"])
  }
}

@Suite struct UploadHostTests {
  let sample = Sample()

  private func host(_ storage: Storage) -> UploadHost {
    UploadHost(slots: storage, addressPolicy: .publicAndLoopback, pause: .milliseconds(1))
  }

  @Test func conforms() async throws {
    let storage = try Storage()
    try await checkConformance(host(storage))
    #expect(storage.fieldsSeen.allSatisfy { $0 == "yes" })
    await storage.server.stop()
  }

  @Test func triesAgainWithAFreshSlot() async throws {
    let storage = try Storage(failures: [503, 429])
    let large = Sample(2_000_000)
    _ = try await host(storage).publish(large.file())
    withExtendedLifetime(large) {}
    #expect(storage.slotsGiven == 3)
    await storage.server.stop()
  }

  @Test(arguments: [
    ([500, 500, 500], SwaplineError.Code.unavailable, 3), ([403], .refusedByProvider, 1),
    ([302], .refusedByProvider, 1),
  ]) func givesUp(_ failures: [Int], _ code: SwaplineError.Code, _ slots: Int) async throws {
    let storage = try Storage(failures: failures)
    let error = await #expect(throws: SwaplineError.self) {
      try await host(storage).publish(sample.file())
    }
    #expect(error?.code == code)
    #expect(storage.slotsGiven == slots)
    await storage.server.stop()
  }

  @Test func privateAddressesAreRefused() async throws {
    let storage = try Storage()
    let error = await #expect(throws: SwaplineError.self) {
      try await UploadHost(slots: storage).publish(sample.file())
    }
    #expect(error?.code == .forbiddenAddress)
    await storage.server.stop()
  }
}
