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

    /// How many swaps it has billed, of all kinds.
    var billed: Int {
      get async throws {
        let text = try await HTTPClient().send(
          HTTPRequest("GET", url + "/metrics", addressPolicy: .any)
        ).text
        return text.split(separator: "\n").reduce(0) { sum, line in
          guard line.hasPrefix("swapline_billable_swaps_total{") else { return sum }
          return sum + (line.split(separator: " ").last.flatMap { Int($0) } ?? 0)
        }
      }
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
      "run", pipeline, "--scene", fixture(scene), "--face",
      fixture("faces/ben.jpg"), "--out", workshop.path("out"),
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

  /// Whatever the umask is: nothing is anybody else's to read, no core file is written, and what is
  /// logged names no key.
  @Test func nothingIsLeftForOthers() async throws {
    let workshop = try Workshop()
    let log = workshop.path("access.log")
    let script = "umask 0; exec \"$0\" \"$@\""
    let process = try Started(
      "/bin/sh",
      [
        "-c", script, Workshop.command.path, "serve", "--port", "0", "--data",
        workshop.path("data"), "--access-log", log,
      ])
    while process.isRunning, !process.outputSoFar.contains("\n") {
      try await Task.sleep(for: .milliseconds(10))
    }
    let url = String(process.outputSoFar.prefix { $0 != "\n" })
    let answer = try await HTTPClient().send(
      HTTPRequest(
        "GET", "\(url)/api/v1/client/account/balance?k=\(Self.key)",
        headers: ["x-api-key": Self.key], addressPolicy: .any))
    #expect(answer.status == 200)
    let limits = try String(contentsOfFile: "/proc/\(process.pid)/limits", encoding: .utf8)
    #expect(limits.contains(#/Max core file size +0 +0\s/#))
    let filter = try String(
      contentsOfFile: "/proc/\(process.pid)/coredump_filter", encoding: .utf8)
    #expect(filter.allSatisfy { $0 == "0" || $0 == "\n" }, "\(filter)")
    process.signal(SIGTERM)
    _ = await process.wait()
    let text = try String(contentsOfFile: log, encoding: .utf8)
    #expect(text.contains(" 127.0.0.1 GET /api/v1/client/account/balance 200 "), "\(text)")
    #expect(!text.contains(Self.key))
    let paths = FileManager.default.enumerator(atPath: workshop.path("data"))
    let names = paths?.compactMap { $0 as? String } ?? []
    #expect(names.contains("tasks.sqlite"))
    for path in [log] + ([""] + names).map({ workshop.path("data/" + $0) }) {
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
      #expect([0o600, 0o700].contains((mode as? NSNumber)?.intValue), "\(path)")
    }
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
