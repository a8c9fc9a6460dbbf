import Core
import Curl
import FoundationEssentials
import Hosting
import TestSupport
import Testing

@Suite struct CommandHostTests {
  let sample = Sample()

  private func host(_ line: String, timeout: TimeSpan = .seconds(30)) -> CommandHost {
    CommandHost(
      name: "mine", line: line, environment: ["PATH": "/usr/bin:/bin"], timeout: timeout,
      now: { 1_000 })
  }

  @Test func theProgramIsToldWhatItNeeds() async throws {
    let path = TestFolder.unique("request")
    let address = try await host("cat >'\(path)'; echo '{\"url\": \"https://h.test/x.png\"}'")
      .publish(sample.file(lifetime: .minutes(2)))
    #expect(address == HostedAddress(url: "https://h.test/x.png"))
    let request = try JSONValue(parsing: [UInt8](Data(contentsOf: URL(filePath: path))))
    let file = sample.file()
    #expect(request["version"] == 1 && request["action"] == "put")
    #expect(request["path"]?.string == file.path && request["type"] == "image/png")
    #expect(request["extension"] == "png" && request["size"]?.int == file.size)
    #expect(request["sha256"]?.string == file.digest.hex && request["lifetime"] == 240)
  }

  struct Answer: Sendable, CustomTestStringConvertible {
    var line: String
    var says: String
    var hints: String
    var code = SwaplineError.Code.unavailable
    var testDescription: String { says }
  }

  @Test(arguments: [
    Answer(
      line: "echo 'no such bucket' >&2; exit 4", says: "exit code 4: no such bucket", hints: "shell"
    ),
    Answer(line: "no-such-program-at-all", says: "exit code 127", hints: "does not find"),
    Answer(line: "kill -9 $$", says: "signal 9", hints: "shell"),
    Answer(line: "exec sleep 60", says: "did not end within", hints: "timeout", code: .timeout),
    Answer(line: "sleep 60 & wait", says: "did not end within", hints: "timeout", code: .timeout),
    Answer(line: "echo https://h.test/x.png", says: "no JSON object", hints: "docs/hosts.md"),
    Answer(line: "true", says: "no JSON object", hints: "docs/hosts.md"),
    Answer(line: "echo '{\"uri\": 1}'", says: "without a string 'url'", hints: "docs/hosts.md"),
    Answer(
      line: "echo '{\"url\": \"ftp://h.test/x\"}'",
      says: "'ftp://h.test/x', which cannot be fetched",
      hints: "docs/hosts.md"),
    Answer(
      line: "echo '{\"url\": \"https://h.test/x\", \"expires\": \"soon\"}'", says: "'expires'",
      hints: "docs/hosts.md"),
    Answer(
      line: "echo '{\"url\": \"https://h.test/x\", \"expires\": 1000}'", says: "expired already",
      hints: "clocks"),
    Answer(
      line: "echo '{\"url\": \"https://h.test/x\", \"remove\": 5}'", says: "'remove'",
      hints: "docs/hosts.md"),
    Answer(line: "yes", says: "more than a megabyte", hints: "docs/hosts.md"),
  ])
  func whatGoesWrongIsToldWithARemedy(_ answer: Answer) async throws {
    let limit = answer.code == .timeout ? TimeSpan(milliseconds: 300) : .seconds(30)
    let error = await #expect(throws: SwaplineError.self) {
      try await host(answer.line, timeout: limit).publish(sample.file())
    }
    #expect(error?.code == answer.code)
    #expect(error?.message.contains(answer.says) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("'mine'") == true)
    #expect(error?.hint?.contains(answer.hints) == true, "\(error?.hint ?? "")")
  }

  @Test func theSameBytesArePutOnceWhileTheirAddressLasts() async throws {
    let path = TestFolder.unique("starts")
    func line(_ expires: Int) -> String {
      "echo put >>'\(path)'; echo '{\"url\": \"https://h.test/x.png\", \"expires\": \(expires)}'"
    }
    func starts() throws -> Int {
      defer { try? FileManager.default.removeItem(atPath: path) }
      return try String(decoding: Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        .split(separator: "\n").count
    }
    let long = host(line(8_200))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { _ = try await long.publish(sample.file()) } }
      try await group.waitForAll()
    }
    #expect(try starts() == 1)
    let short = host(line(4_599))
    for _ in 0..<2 { _ = try await short.publish(sample.file()) }
    #expect(try starts() == 2)
  }

  @Test func whatItWantsBackComesBackAtTheEnd() async throws {
    let path = TestFolder.unique("ends")
    let host = host(
      "cat >>'\(path)'; echo '{\"url\": \"https://h.test/x.png\", \"remove\": \"token 1\"}'")
    _ = try await host.publish(sample.file())
    try await host.stop()
    let lines = try String(decoding: Data(contentsOf: URL(filePath: path)), as: UTF8.self)
      .split(separator: "\n")
    let last = try JSONValue(parsing: Array(try #require(lines.last).utf8))
    #expect(lines.count == 2 && last["action"] == "remove" && last["remove"] == ["token 1"])
    try await host.stop()
    let failing = self.host(
      "read -r l; case $l in *remove*) exit 2;; esac; "
        + "echo '{\"url\": \"https://h.test/x.png\", \"remove\": \"t\"}'")
    // The word stands in the first request as well, as part of no key.
    _ = try? await failing.publish(sample.file())
    let error = await #expect(throws: SwaplineError.self) { try await failing.stop() }
    #expect(error?.message.hasPrefix("1 file of the host 'mine' may still be in") == true)
  }

  @Test func aCancelledTaskEndsTheProgram() async throws {
    let path = TestFolder.unique("pid")
    let host = host("echo $$ >'\(path)'; sleep 60 & wait")
    let work = Task { try await host.publish(sample.file()) }
    while !FileManager.default.fileExists(atPath: path) {
      try await Task.sleep(for: .milliseconds(5))
    }
    work.cancel()
    await #expect(throws: CancellationError.self) { try await work.value }
  }
}

@Suite struct AsIsHostTests {
  let sample = Sample()
  let client = HTTPClient()

  private func publish(
    _ bytes: [UInt8]?, type: String = "image/png", policy: AddressPolicy = .publicAndLoopback
  ) async throws -> (address: HostedAddress, origin: String) {
    let server = try ObjectServer()
    var file = sample.file()
    let origin = server.give("x.png", bytes ?? [], type: type)
    file.origin = bytes == nil ? nil : origin
    let result: Result<HostedAddress, any Error>
    do {
      result = .success(
        try await AsIsHost(name: "as_is", client: client, addressPolicy: policy).publish(file))
    } catch {
      result = .failure(error)
    }
    await server.server.stop()
    return (try result.get(), origin)
  }

  @Test func handsOnTheAddressOfTheSameBytes() async throws {
    let (address, origin) = try await publish(sample.bytes)
    #expect(address == HostedAddress(url: origin))
  }

  @Test func declinesWhatTheProviderWouldNotFindThere() async throws {
    func reason(
      _ bytes: [UInt8]?, type: String = "image/png", policy: AddressPolicy = .publicAndLoopback
    ) async -> String {
      let error = await #expect(throws: SwaplineError.self) {
        try await publish(bytes, type: type, policy: policy)
      }
      #expect(error?.code == .unsupported && error?.hint?.contains("[as_is, …]") == true)
      return error?.message ?? ""
    }
    #expect(await reason(nil).contains("not fetched from an address"))
    #expect(await reason(sample.bytes.dropLast() + [0]).contains("something else"))
    #expect(await reason(sample.bytes.dropLast()).contains("something else"))
    #expect(await reason(sample.bytes, type: "text/html; charset=utf-8").contains("'text/html'"))
    #expect(await reason(sample.bytes, policy: .publicOnly).contains("not a public one"))
  }
}
