import Core
import Curl
import Files
import FoundationEssentials
import Glibc
import Ledgers
import MicroHTTPD
import TestSupport
import Testing

@testable import Hosting

/// Ports that were free a moment ago.
private func freePorts(_ count: Int) async throws -> [Int] {
  let servers = try (0..<count).map { _ in try HTTPServer(router: Router()) }
  let ports = servers.map(\.port)
  for server in servers { await server.stop() }
  return ports
}

/// Waits until a server on loopback answers at `url`.
private func wait(for url: String, _ client: HTTPClient) async throws {
  let deadline = ContinuousClock.now + .seconds(60)
  while ContinuousClock.now < deadline {
    let request = HTTPRequest("GET", url, timeout: .seconds(5), addressPolicy: .any)
    if let response = try? await client.send(request), response.status < 500 { return }
    try await Task.sleep(for: .milliseconds(50))
  }
  try #require(Bool(false), "nothing answers at \(url)")
}

/// OpenStack Swift with its S3 interface, one replica, on ports of its own.
private struct SwiftStorage: Sendable {
  static let absence = Tool.absence(
    "swift-proxy-server", "swift-object-server", "swift-ring-builder", "memcached")

  let origin: String
  private let processes: [Started]
  private let checks: [String]

  static let environment = [
    "AWS_ACCESS_KEY_ID": "test:tester", "AWS_SECRET_ACCESS_KEY": "testing",
  ]

  init(_ client: HTTPClient) async throws {
    let ports = try await freePorts(5)
    let folder = TestFolder.unique("swift")
    let root = String(#filePath.dropLast("/Tests/HostingTests/RealStorageTests.swift".count))
    let made = try await Started(
      "/bin/sh", [root + "/Scripts/swift-storage", folder] + ports.map(String.init)
    ).wait()
    try #require(made.status == 0, "\(made.messages)")
    func program(_ name: String) -> String {
      ["/usr/bin/", "/usr/sbin/", "/usr/local/bin/"].map { $0 + name }
        .first { FileManager.default.isExecutableFile(atPath: $0) } ?? name
    }
    var processes = [
      try Started(
        program("memcached"),
        (getuid() == 0 ? ["-u", "root"] : []) + ["-l", "127.0.0.1", "-p", "\(ports[4])"])
    ]
    for kind in ["object", "container", "account", "proxy"] {
      processes.append(
        try Started(
          program("swift-\(kind)-server"), ["\(folder)/etc/\(kind).conf"],
          in: URL(filePath: folder + "/etc")))
    }
    self.processes = processes
    origin = "http://127.0.0.1:\(ports[0])"
    checks = ports[0..<4].map { "http://127.0.0.1:\($0)/healthcheck" }
  }

  /// One that answers. A port that was free a moment ago may be somebody else's by now: then its server
  /// ends, and all begin again.
  static func started(_ client: HTTPClient) async throws -> SwiftStorage {
    var ended = ""
    for _ in 0..<3 {
      let storage = try await SwiftStorage(client)
      if try await storage.answers(client) { return storage }
      ended = storage.processes.filter { !$0.isRunning }.map(\.messagesSoFar).joined()
      await storage.stop()
    }
    throw SwaplineError(.internal, "OpenStack Swift was started three times in vain: \(ended)")
  }

  /// Waits until every server answers; false as soon as one has ended.
  private func answers(_ client: HTTPClient) async throws -> Bool {
    for check in checks {
      while true {
        let request = HTTPRequest("GET", check, timeout: .seconds(5), addressPolicy: .any)
        if let response = try? await client.send(request), response.status < 500 { break }
        guard processes.allSatisfy(\.isRunning) else { return false }
        try await Task.sleep(for: .milliseconds(50))
      }
    }
    return true
  }

  func makeBucket(_ name: String, _ client: HTTPClient) async throws {
    let signer = SigV4(
      credentials: AWSCredentials(
        keyID: "test:tester", secret: Secret("testing"), source: "the test"), region: "us-east-1")
    let url = try WebAddress("\(origin)/\(name)")
    let headers = signer.signed("PUT", url, payload: Digest(of: "").hex, at: Clock.epoch())
    let response = try await client.send(
      HTTPRequest("PUT", url.description, headers: headers, addressPolicy: .any))
    try #require(response.isSuccess, "\(response.text)")
  }

  func stop() async {
    // Asked kindly, they would wait for connections that our client keeps.
    for process in processes.reversed() {
      process.signal(SIGKILL)
      _ = await process.wait()
    }
  }
}

@Suite(.serialized, .enabled(if: SwiftStorage.absence == nil, "\(SwiftStorage.absence ?? "")"))
struct SwiftStorageTests {
  @Test func anS3StorageThatIsNotOursAgrees() async throws {
    let client = HTTPClient()
    let storage = try await SwiftStorage.started(client)
    try await storage.makeBucket("inputs", client)
    func host(
      _ values: [String: String] = [:], _ environment: [String: String] = SwiftStorage.environment
    ) throws -> S3Host {
      let all = ["bucket": "inputs", "endpoint": storage.origin].merging(values) { $1 }
      return try #require(
        try HostDescriptor.s3.make(
          HostSettings(name: "photos", values: all, environment: environment, client: client))
          as? S3Host)
    }
    func status(_ url: String) async throws -> Int {
      try await client.send(HTTPRequest("GET", url, addressPolicy: .any)).status
    }
    let sample = Sample()
    let good = try host(["prefix": "a b/ü/"])
    try await checkConformance(good, headStatus: 403)

    let address = try await good.publish(sample.file()).url
    #expect(try await status(address) == 200)
    let response = try await client.send(HTTPRequest("GET", address, addressPolicy: .any))
    #expect(response.headers["Content-Disposition"] == "inline")
    #expect(try await status(address.replacing("Expires=3600", with: "Expires=3601")) == 403)
    #expect(try await status(address.replacing("a%20b", with: "a%20c")) == 403)
    #expect(try await status(String(address.prefix { $0 != "?" })) >= 400)

    var old = good
    old.now = { Clock.epoch() - 7_200 }
    #expect(try await status(old.publish(sample.file()).url) == 403, "its time is over")

    var wrong = SwiftStorage.environment
    wrong["AWS_SECRET_ACCESS_KEY"] = "guessed"
    for (other, code, says) in [
      (try host([:], wrong), SwaplineError.Code.unauthorized, "secret key"),
      (try host(["bucket": "nowhere"]), .usage, "no bucket 'nowhere'"),
      (try host(["region": "eu-west-3"]), .usage, "'eu-west-3' was used"),
    ] {
      let error = await #expect(throws: SwaplineError.self) {
        try await other.publish(sample.file())
      }
      #expect(error?.code == code, "\(error?.message ?? "")")
      #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    }
    var late = try host()
    late.now = { Clock.epoch() - 1_200 }
    let error = await #expect(throws: SwaplineError.self) { try await late.publish(sample.file()) }
    #expect(error?.message.contains("clock is") == true, "\(error?.message ?? "")")

    var tampered = sample.file()
    tampered.digest = Digest(of: "other bytes")
    let mismatch = await #expect(throws: SwaplineError.self) {
      try await host().publish(tampered)
    }
    #expect(mismatch?.code == .network, "\(mismatch?.message ?? "")")

    // In parts, which are 5 MiB at least; one that is left is gone on with.
    let large = Sample(17_000_000)
    let record = try HostingRecord(.memory)
    func parted() async throws -> S3Host {
      let values = ["bucket": "inputs", "endpoint": storage.origin]
      return try #require(
        try HostDescriptor.s3.make(
          HostSettings(
            name: "photos", values: values, environment: SwiftStorage.environment, client: client,
            share: HostingShare(
              of: "photos", HostRoute("s3", values), in: record, try await record.entries())))
          as? S3Host)
    }
    let first = try await parted()
    let file = large.file()
    let work = Task { try await first.publish(file) }
    while try await record.entries().first?.upload?.contains("\"1\"") != true {
      try await Task.sleep(for: .milliseconds(5))
    }
    work.cancel()
    _ = try? await work.value
    let second = try await parted()
    let url = try await second.publish(file).url
    let whole = try await client.send(
      HTTPRequest("GET", url, maximumBytes: 20_000_000, addressPolicy: .any))
    #expect(whole.body == large.bytes)
    try await second.stop()
    #expect(try await status(url) == 404)
    #expect(try await record.entries().isEmpty)

    try await good.stop()
    #expect(try await status(address) == 404, "it was removed")
    await storage.stop()
    client.shutdown()
  }
}

@Suite(
  .serialized, .enabled(if: Tool.absence("nginx") == nil, "\(Tool.absence("nginx") ?? "")"))
struct NginxTests {
  @Test func aWebDAVServerThatIsNotOursAgrees() async throws {
    let client = HTTPClient()
    let port = try await freePorts(1)[0]
    let root = TestFolder.unique("nginx")
    for folder in ["data", "tmp"] {
      try FileManager.default.createDirectory(
        atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
    }
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \(root)/tmp;" }.joined(separator: " ")
    // As root, workers would be somebody else, who may not write there.
    let user = getuid() == 0 ? "user root;" : ""
    let text = """
      daemon off; \(user) worker_processes 1; pid \(root)/pid; error_log stderr;
      events { worker_connections 64; }
      http {
        access_log off; \(temporary) types { image/png png; }
        server {
          listen 127.0.0.1:\(port); root \(root)/data;
          location / {
            dav_methods PUT DELETE MKCOL;
            limit_except GET { auth_basic shelf; auth_basic_user_file \(root)/users; }
          }
        }
      }
      """
    try text.write(toFile: root + "/conf", atomically: true, encoding: .utf8)
    try "ada:{PLAIN}pw\n".write(toFile: root + "/users", atomically: true, encoding: .utf8)
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx"]
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    let nginx = try Started(program ?? "nginx", ["-p", root, "-c", root + "/conf"])
    try await wait(for: "http://127.0.0.1:\(port)/", client)
    func made(_ password: String) throws -> any Host {
      try HostDescriptor.webDAV.make(
        HostSettings(
          name: "shelf", values: ["url": "http://127.0.0.1:\(port)/a/b", "user": "ada"],
          environment: ["WEBDAV_PASSWORD": password], client: client))
    }
    let host = try made("pw")
    try await checkConformance(host)
    #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/data/a/b").count == 9)
    try await host.stop()
    #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/data/a/b").isEmpty)
    let sample = Sample()
    let wrong = try made("guessed")
    let error = await #expect(throws: SwaplineError.self) {
      try await wrong.publish(sample.file())
    }
    #expect(error?.code == .unauthorized)
    nginx.signal(SIGTERM)
    _ = await nginx.wait()
    client.shutdown()
  }
}
