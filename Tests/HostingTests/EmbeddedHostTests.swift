import Core
import Curl
import Glibc
import Hosting
import MicroHTTPD
import Synchronization
import Testing

@Suite struct EmbeddedHostTests {
  let client = HTTPClient()
  let sample = Sample()

  private func fetch(
    _ url: String, _ method: String = "GET", _ headers: HTTPHeaders = [:]
  ) async throws -> HTTPResponse {
    try await client.send(
      HTTPRequest(method, url, headers: headers, addressPolicy: .publicAndLoopback))
  }

  @Test func conforms() async throws {
    let host = try EmbeddedHost()
    try await checkConformance(host)
    await host.stop()
  }

  @Test func addressesNameDigestTimeAndSignature() async throws {
    let host = try EmbeddedHost(signer: Signer(key: [1, 2, 3]), now: { 1_000 })
    let address = try await host.publish(sample.file(lifetime: TimeSpan(milliseconds: 1_500)))
    #expect(address.expires == 1_002)
    let digest = Digest(of: sample.bytes).hex
    let signature = Signer(key: [1, 2, 3]).signature(of: "1002\n\(digest).png")
    #expect(
      address.url == "http://127.0.0.1:\(host.port)/files/\(digest).png"
        + "?expires=1002&signature=\(signature)")
    let response = try await fetch(address.url)
    #expect(response.headers["ETag"] == "\"\(digest)\"")
    #expect(response.headers["Cache-Control"] == "private, max-age=2")
    #expect(try await fetch(address.url, "GET", ["If-None-Match": "\"\(digest)\""]).status == 304)
    #expect(try await fetch(address.url, "GET", ["Range": "bytes=1-3"]).text == "PNG")
    await host.stop()
  }

  @Test func whoWaitsForAFetchIsToldOfItAndNotOfALookAtTheHead() async throws {
    let host = try EmbeddedHost()
    let url = try await host.publish(sample.file()).url
    #expect(host.fetches(of: url) == 0)
    _ = try await fetch(url, "HEAD")
    _ = try await fetch(url)
    _ = try await host.publish(sample.file())
    #expect(host.fetches(of: url) == 1)
    try await host.waitForFetch(of: url, beyond: 0)
    let waiting = Task { try await host.waitForFetch(of: url, beyond: 1) }
    _ = try await fetch(url)
    try await waiting.value
    #expect(host.fetches(of: url) == 2)
    let given = Task { try await host.waitForFetch(of: url, beyond: 2) }
    given.cancel()
    await #expect(throws: CancellationError.self) { try await given.value }
    await host.stop()
  }

  @Test(arguments: [
    ("expires=1060", "expires=1061"), ("expires=1060", "expires=01060"), ("expires=1060&", ""),
    ("signature=", "signature=0"), ("signature=", "sign="), (".png", ".jpg"),
  ]) func changedAddressesAreForbidden(_ part: String, _ other: String) async throws {
    let host = try EmbeddedHost(now: { 1_000 })
    let address = try await host.publish(sample.file(lifetime: .minutes(1)))
    let range = try #require(address.url.firstRange(of: part))
    var changed = address.url
    changed.replaceSubrange(range, with: other)
    #expect(try await fetch(changed).status == 403)
    await host.stop()
  }

  @Test func addressesRunOut() async throws {
    let time = Mutex<Int64>(1_000)
    let host = try EmbeddedHost(now: { time.withLock { $0 } })
    let address = try await host.publish(sample.file(lifetime: .minutes(1)))
    time.withLock { $0 = 1_059 }
    #expect(try await fetch(address.url).status == 200)
    time.withLock { $0 = 1_060 }
    #expect(try await fetch(address.url).status == 410)
    let longer = try await host.publish(sample.file(lifetime: .minutes(1)))
    #expect(try await fetch(longer.url).status == 200)
    #expect(try await fetch(address.url).status == 410)
    await host.stop()
  }

  @Test func unknownAndVanishedFiles() async throws {
    let signer = Signer()
    let host = try EmbeddedHost(signer: signer)
    let links = SignedLinks(base: "http://127.0.0.1:\(host.port)/files/", signer: signer)
    #expect(try await fetch(links.address(of: "never.png", lifetime: .hours(1)).url).status == 404)
    #expect(try await fetch("http://127.0.0.1:\(host.port)/elsewhere").status == 404)
    let address = try await host.publish(sample.file())
    #expect(try await fetch(address.url, "POST").status == 405)
    unlink(sample.path)
    #expect(try await fetch(address.url).status == 404)
    await host.stop()
  }

  @Test(arguments: ["https://tunnel.example", "https://tunnel.example/"])
  func publicAddress(_ base: String) async throws {
    let host = try EmbeddedHost(publicURL: base)
    let address = try await host.publish(sample.file())
    #expect(address.url.hasPrefix("https://tunnel.example/files/"))
    let inside = "http://127.0.0.1:\(host.port)" + address.url.dropFirst(22)
    #expect(try await fetch(inside).status == 200)
    await host.stop()
  }

  @Test func takenPort() async throws {
    let host = try EmbeddedHost()
    let error = #expect(throws: SwaplineError.self) { try EmbeddedHost(port: host.port) }
    #expect(error?.code == .usage)
    #expect(error?.message.contains("\(host.port)") == true)
    await host.stop()
  }

  @Test func forgetsWhatHasRunOut() {
    let time = Mutex<Int64>(0)
    let files = SignedFiles(base: "http://h", now: { time.withLock { $0 } })
    for number in 0..<1_025 {
      time.withLock { $0 = Int64(number) }
      _ = files.add(
        HostedFile(
          path: "/x", format: .png, size: 1, digest: Digest(of: "\(number)"),
          lifetime: .seconds(10)))
    }
    #expect(files.count < 20)
  }
}
