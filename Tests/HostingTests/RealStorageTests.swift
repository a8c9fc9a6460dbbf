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

@Suite(.serialized, .enabled(if: SwiftStorage.absence == nil, "\(SwiftStorage.absence ?? "")"))
struct SwiftStorageTests {
  @Test func anS3StorageThatIsNotOursAgrees() async throws {
    let client = HTTPClient()
    let storage = try await SwiftStorage.started()
    try storage.makeBucket("inputs")
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
  .serialized, .enabled(if: NginxStorage.absence == nil, "\(NginxStorage.absence ?? "")"))
struct NginxTests {
  @Test func aWebDAVServerThatIsNotOursAgrees() async throws {
    let client = HTTPClient()
    let nginx = try await NginxStorage.started()
    func made(_ password: String) throws -> any Host {
      try HostDescriptor.webDAV.make(
        HostSettings(
          name: "shelf", values: ["url": nginx.origin + "/a/b", "user": "ada"],
          environment: ["WEBDAV_PASSWORD": password], client: client))
    }
    let host = try made("pw")
    try await checkConformance(host)
    #expect(try FileManager.default.contentsOfDirectory(atPath: nginx.folder + "/a/b").count == 9)
    try await host.stop()
    #expect(try FileManager.default.contentsOfDirectory(atPath: nginx.folder + "/a/b").isEmpty)
    let sample = Sample()
    let wrong = try made("guessed")
    let error = await #expect(throws: SwaplineError.self) {
      try await wrong.publish(sample.file())
    }
    #expect(error?.code == .unauthorized)
    // Addresses that run out.
    func status(_ url: String) async throws -> Int {
      try await client.send(HTTPRequest("GET", url, addressPolicy: .any)).status
    }
    func linked(_ environment: [String: String]) throws -> WebDAVHost? {
      try HostDescriptor.webDAV.make(
        HostSettings(
          name: "links",
          values: [
            "url": nginx.origin + "/links/two%20words", "user": "ada",
            "link_secret_variable": "HUSH",
          ], environment: environment.merging(["WEBDAV_PASSWORD": "pw"]) { $1 }, client: client))
        as? WebDAVHost
    }
    var links = try #require(try linked(["HUSH": "hush"]))
    let address = try await links.publish(sample.file())
    #expect(try await status(address.url) == 200)
    #expect(address.expires.map { abs($0 - Clock.epoch() - 3_600) < 60 } == true)
    #expect(try await status(address.url.replacing("expires=", with: "expires=1")) == 403)
    #expect(try await status(String(address.url.prefix { $0 != "?" })) == 403)
    links.now = { Clock.epoch() - 7_200 }
    #expect(try await status(links.publish(sample.file()).url) == 410, "its time is over")
    try await links.stop()
    #expect(try await status(address.url) == 404, "it was removed")
    #expect(throws: SwaplineError.self) { try linked([:]) }
    await nginx.stop()
    client.shutdown()
  }
}
