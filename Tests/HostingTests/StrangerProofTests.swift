import Core
import Curl
import Synchronization
import TestSupport
import Testing

@testable import Hosting

/// What stands behind a link for people who never get their file: each is found before anything is paid.
@Suite struct StrangerProofTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    var answer: @Sendable (String) -> String
    var code: SwaplineError.Code
    var says: String
    var needs = FetchNeeds()
    var testDescription: String { says }
  }

  private static let sample = Sample(600)

  /// A right answer to a request, or one with other parts.
  private static func answer(
    _ request: String, status: String? = nil, type: String = "image/png", fields: String = "",
    size: Int? = nil, bytes: [UInt8]? = nil
  ) -> String {
    let all = bytes ?? sample.bytes.map { $0 & 0x7F }
    let isHead = request.hasPrefix("HEAD")
    let range = request.firstMatch(of: /bytes=0-(\d+)/).flatMap { Int($0.1) }
    let part = range.map { Array(all.prefix($0 + 1)) } ?? all
    let status = status ?? (range == nil ? "200 OK" : "206 Partial Content")
    let whole = size ?? all.count
    return "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nConnection: close\r\n\(fields)"
      + (range == nil ? "" : "Content-Range: bytes 0-\(part.count - 1)/\(whole)\r\n")
      + "Content-Length: \(isHead ? whole : part.count)\r\n\r\n"
      + (isHead ? "" : String(decoding: part, as: UTF8.self))
  }

  private static func file(_ needs: FetchNeeds = FetchNeeds()) -> HostedFile {
    // ASCII alone, so that a text can be sent for it.
    let bytes = sample.bytes.map { $0 & 0x7F }
    let path = TestFolder.unique("proof")
    FileManagerBytes.write(bytes, to: path)
    var file = HostedFile(
      path: path, format: .png, size: Int64(bytes.count), digest: Digest(of: bytes), item: "one")
    file.needs = needs
    return file
  }

  private func proof(_ policy: AddressPolicy = .publicAndLoopback) -> StrangerProof {
    StrangerProof(
      client: HTTPClient(HTTPClient.Options(userAgent: StrangerProof.userAgent)), policy: policy,
      patience: .milliseconds(50), pause: .milliseconds(10))
  }

  @Test(arguments: [
    Fault(
      answer: { answer($0, type: "text/html", bytes: Array("<html>Sign in</html>".utf8)) },
      code: .unsupported, says: "there is a web page (HTML) at it"),
    Fault(
      answer: {
        answer($0, status: "403 F", type: "text/html", bytes: Array("<html>Just a moment".utf8))
      }, code: .unavailable, says: "a challenge or login page (HTML)"),
    Fault(
      answer: { answer($0, type: "application/json", bytes: Array("{}".utf8)) }, code: .unsupported,
      says: "its type is 'application/json'"),
    Fault(
      answer: { answer($0, type: "application/octet-stream") }, code: .unsupported,
      says: "its type is 'application/octet-stream'"),
    Fault(
      answer: { answer($0, type: "image/jpeg") }, code: .unsupported,
      says: "its type is 'image/jpeg'"
    ),
    Fault(answer: { answer($0, size: 599) }, code: .damaged, says: "it has 599 bytes"),
    Fault(
      answer: { answer($0, bytes: Array(repeating: 0x41, count: 604)) }, code: .damaged,
      says: "not those that were uploaded"),
    Fault(
      answer: { answer($0, bytes: Array("GIF89a".utf8) + Array(repeating: 0x41, count: 598)) },
      code: .damaged, says: "it is gif by its content"),
    Fault(answer: { answer($0, status: "403 F") }, code: .unauthorized, says: "answered with 403"),
    Fault(answer: { answer($0, status: "404 N") }, code: .notFound, says: "nothing is there (404)"),
    Fault(answer: { answer($0, status: "500 E") }, code: .unavailable, says: "answered with 500"),
    Fault(
      answer: { answer($0, status: "302 F", fields: "Location: /again.png\r\n") },
      code: .unsupported, says: "its redirects lead nowhere"),
    Fault(
      answer: { $0.hasPrefix("HEAD") ? answer($0, status: "403 F") : answer($0) },
      code: .unsupported, says: "HEAD, with which the provider looks first, is answered with 403",
      needs: FetchNeeds(head: true)),
    Fault(
      answer: { answer($0) }, code: .unsupported, says: "it has a query",
      needs: FetchNeeds(noQuery: true)),
    Fault(
      answer: { answer($0) }, code: .unsupported, says: "does not end with .png",
      needs: FetchNeeds(hasExtension: true)),
  ])
  func eachFaultIsToldByItsOwnName(_ fault: Fault) async throws {
    let server = ScriptedServer { $0.send(fault.answer($0.request)) }
    let file = Self.file(fault.needs)
    let name = fault.needs.hasExtension ? "picture" : "picture.png"
    let url = "\(server.origin)/\(name)?signature=secret"
    let error = await #expect(throws: SwaplineError.self) {
      try await proof().check(HostedAddress(url: url), of: file, on: "photos")
    }
    #expect(error?.code == fault.code, "\(error?.message ?? "")")
    #expect(error?.message.contains(fault.says) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("'photos'") == true && error?.item == "one")
    #expect(error?.message.contains("secret") == false && error?.hint?.isEmpty == false)
    server.stop()
  }

  @Test func aRightAnswerPassesAndOnlyTheFirstIsLookedAtInFull() async throws {
    let server = ScriptedServer { $0.send(Self.answer($0.request)) }
    let (proof, file) = (proof(), Self.file(FetchNeeds(head: true)))
    for number in 0..<3 {
      try await proof.check(
        HostedAddress(url: "\(server.origin)/\(number).png"), of: file, on: "photos")
      // The same address again, signed anew, is not asked for again.
      try await proof.check(
        HostedAddress(url: "\(server.origin)/\(number).png?s=\(number)"), of: file, on: "photos")
    }
    let lines = server.requests.map { String($0.prefix { $0 != "/" }).trimmingSpace }
    #expect(lines.filter { $0 == "HEAD" }.count == 1, "\(lines)")
    #expect(server.requests.filter { $0.contains("bytes=0-0\r") }.count <= 5)
    for request in server.requests {
      let lower = request.lowercased()
      #expect(!lower.contains("cookie") && !lower.contains("authorization"))
      #expect(!lower.contains("swapline"), "a stranger does not call itself by our name")
    }
    server.stop()
  }

  @Test func whatAppearsLateIsWaitedFor() async throws {
    let asked = Mutex(0)
    let server = ScriptedServer { connection in
      let number = asked.withLock { count in
        count += 1
        return count
      }
      connection.send(
        number < 3
          ? Self.answer(connection.request, status: "404 N") : Self.answer(connection.request))
    }
    let proof = StrangerProof(
      client: HTTPClient(), policy: .publicAndLoopback, patience: .seconds(20),
      pause: .milliseconds(5))
    try await proof.check(
      HostedAddress(url: server.origin + "/x.png"), of: Self.file(), on: "photos")
    #expect(server.requests.count >= 4)
    server.stop()
  }

  @Test func anAddressOfThisMachineIsNoAddressForAVendor() async throws {
    let error = await #expect(throws: SwaplineError.self) {
      try await proof(.publicOnly).check(
        HostedAddress(url: "http://127.0.0.1:9/x.png"), of: Self.file(), on: "photos")
    }
    #expect(error?.code == .forbiddenAddress)
    #expect(error?.message.contains("not a public one") == true)
  }

  @Test func aPublicAddressIsProvenByANonce() async throws {
    let host = try EmbeddedHost(publicURL: nil)
    try await host.proveAccess(proof())
    let tunnel = try EmbeddedHost(publicURL: "http://127.0.0.1:\(host.port)")
    let error = await #expect(throws: SwaplineError.self) {
      try await tunnel.proveAccess(proof())
    }
    #expect(error?.message.contains("does not lead to this process: it answers 404") == true)
    let page = ScriptedServer {
      $0.send(Self.answer($0.request, type: "text/html", bytes: Array("<html>".utf8)))
    }
    let other = try EmbeddedHost(publicURL: page.origin)
    let second = await #expect(throws: SwaplineError.self) { try await other.proveAccess(proof()) }
    #expect(second?.message.contains("there is a web page (HTML) at it") == true)
    for host in [host, tunnel, other] { await host.stop() }
    page.stop()
  }

  /// A tunnel that leads here is seen to.
  @Test func aTunnelThatLeadsHereIsGood() async throws {
    let target = Mutex(0)
    let tunnel = ScriptedServer { connection in
      let path = connection.request.split(separator: " ").dropFirst().first.map(String.init) ?? "/"
      let body = Curled.get("http://127.0.0.1:\(target.withLock { $0 })\(path)")
      connection.send(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }
    let host = try EmbeddedHost(publicURL: tunnel.origin)
    target.withLock { $0 = host.port }
    try await host.proveAccess(proof())
    await host.stop()
    tunnel.stop()
  }
}

extension StringProtocol {
  fileprivate var trimmingSpace: String { String(filter { !$0.isWhitespace }) }
}
