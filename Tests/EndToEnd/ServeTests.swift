import Core
import Curl
import Foundation
import Testing

/// The built server, driven by the built command as its client, over loopback.
@Suite struct ServeTests {
  static let key = "ak_" + String(repeating: "k", count: 32)

  /// A running server and where it listens.
  struct Server {
    let process: Started
    let url: String

    init(
      _ workshop: borrowing Workshop, keys: String, _ options: [String] = []
    ) async throws {
      let file = try workshop.write(keys, to: "keys.txt")
      process = try Started(
        Workshop.command.path,
        ["serve", "--port", "0", "--keys", file, "--data", workshop.path("data")]
          + ["--allow-loopback"] + options)
      while process.isRunning, !process.outputSoFar.contains("\n") {
        try await Task.sleep(for: .milliseconds(10))
      }
      url = String(process.outputSoFar.prefix { $0 != "\n" })
    }

    func stop() async -> Finished {
      process.signal(SIGTERM)
      return await process.wait()
    }
  }

  private func run(
    _ workshop: borrowing Workshop, _ server: Server, key: String = key,
    scene: String = "scenes/portrait.jpg"
  ) async throws -> Finished {
    let source = PipelineFilesTests.folder.appending(path: "crun.yaml")
    let text = try String(contentsOf: source, encoding: .utf8)
      .replacing("crun: {}", with: "crun: { base_url: '\(server.url)' }")
    let pipeline = try workshop.write(text, to: "crun.yaml")
    return try await swapline(
      "run", pipeline, "--scene", Workshop.fixture(scene), "--face",
      Workshop.fixture("faces/ben.jpg"), "--out", workshop.path("out"),
      environment: ["CRUN_API_KEY": key])
  }

  @Test func theSecondHalfOfTheCreditsStaysAfterARepeatedRun() async throws {
    let workshop = try Workshop()
    let server = try await Server(workshop, keys: "\(Self.key) 2\n")
    let first = try await run(workshop, server)
    #expect(first.status == 0, "\(first.messages)")
    try FileManager.default.removeItem(atPath: workshop.path("out/portrait"))
    try FileManager.default.removeItem(atPath: workshop.path("out/.swapline/memory.sqlite"))
    // Nothing is remembered but the ledger: the swap is not bought again.
    let second = try await run(workshop, server)
    #expect(second.status == 0, "\(second.messages)")
    #expect(second.messages.contains("bought before"), "\(second.messages)")
    let balance = try await HTTPClient().send(
      HTTPRequest(
        "GET", "\(server.url)/api/v1/client/account/balance", headers: ["x-api-key": Self.key],
        addressPolicy: .any))
    let value = try JSONValue(parsing: balance.body)
    #expect(value["data"]?["balance"]?.double == 1)
    let end = await server.stop()
    #expect(end.status == 130, "\(end.messages)")
  }

  @Test(
    arguments: [
      ("wrong key", "ak_wrong", "1", [], 1, "CRUN_API_KEY"),
      ("no credits", key, "0", [], 1, "credits"),
      ("maintenance", key, "1", ["--maintenance"], 7, "maintenance"),
      ("disabled", key, "1", ["--disable", "image-face-swap"], 1, "505"),
    ] as [(String, String, String, [String], Int32, String)])
  func refusalsAreSaid(
    name: String, key: String, credits: String, options: [String], status: Int32, says: String
  ) async throws {
    let workshop = try Workshop()
    let server = try await Server(workshop, keys: "\(Self.key) \(credits)\n", options)
    let end = try await run(workshop, server, key: key)
    _ = await server.stop()
    #expect(end.status == status, "\(end.messages)")
    #expect(end.messages.contains(says), "\(end.messages)")
    #expect(!end.messages.contains(Self.key) && !end.output.contains(Self.key))
  }
}
