import Core
import Curl
import MicroHTTPD
import TestSupport
import Testing

@testable import Hosting

@Suite struct S3HostTests {
  let sample = Sample()
  let client = HTTPClient()

  private func host(
    _ server: ObjectServer, _ values: [String: String] = [:], _ environment: [String: String] = [:],
    now: @escaping @Sendable () -> Int64 = Clock.epoch
  ) throws -> S3Host {
    let all = ["bucket": "b", "endpoint": server.origin].merging(values) { $1 }
    let keys = ["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"]
    let made = try HostDescriptor.s3.make(
      HostSettings(
        name: "photos", values: all, environment: keys.merging(environment) { $1 }, client: client))
    var host = try #require(made as? S3Host)
    host.pause = .milliseconds(1)
    host.now = now
    return host
  }

  @Test func objectsHaveSecretNamesAndTheRightFields() async throws {
    let server = try ObjectServer()
    let host = try host(server)
    let first = try await host.publish(sample.file(lifetime: .minutes(2)))
    let second = try await host.publish(sample.file(lifetime: .minutes(3)))
    #expect(server.objects.count == 1, "the same bytes are put once")
    let (path, object) = try #require(server.objects.first)
    #expect(path.wholeMatch(of: /\/b\/swapline\/[0-9a-f]{32}\.png/) != nil)
    #expect(!path.contains(sample.file().digest.hex.prefix(12)))
    #expect(object.headers["Content-Type"] == "image/png")
    #expect(object.headers["Content-Disposition"] == "inline")
    #expect(object.headers["Cache-Control"] == "private, max-age=120")
    #expect(object.headers["x-amz-content-sha256"] == sample.file().digest.hex)
    #expect(first.url.contains("X-Amz-Expires=120&") && second.url.contains("X-Amz-Expires=180&"))
    #expect((second.expires ?? 0) > (first.expires ?? 0))
    try await host.stop()
    #expect(server.objects.isEmpty)
    let removal = try #require(server.requests.last)
    #expect(removal.line == "POST /b" && removal.headers["Content-MD5"]?.count == 24)
    await server.server.stop()
  }

  @Test(arguments: [nil, "expire=1d"] as [String?])
  func objectsHaveTheTagThatWasSet(tag: String?) async throws {
    let server = try ObjectServer()
    _ = try await host(server, tag.map { ["tag": $0] } ?? [:]).publish(sample.file())
    let object = try #require(server.objects.values.first)
    #expect(object.headers["x-amz-tagging"] == tag, "R2 refuses what has one")
    await server.server.stop()
  }

  @Test func filesStayWhereTheyAreToStay() async throws {
    let server = try ObjectServer()
    let host = try host(server, ["keep": "true", "public_base": "https://cdn.test/x/"])
    let address = try await host.publish(sample.file(lifetime: .hours(1_000)))
    #expect(
      address.url.wholeMatch(of: /https:\/\/cdn\.test\/x\/swapline\/[0-9a-f]{32}\.png/) != nil)
    #expect(address.expires == nil)
    try await host.stop()
    #expect(server.objects.count == 1)
    await server.server.stop()
  }

  @Test func anAddressEndsWithItsSession() async throws {
    let server = try ObjectServer()
    let folder = TestFolder.unique("aws")
    let line =
      #"echo '{"Version":1,"AccessKeyId":"p","SecretAccessKey":"s","SessionToken":"t","#
      + #""Expiration":"1970-01-01T01:00:00Z"}'"#
    try "[default]\ncredential_process = \(line)\n"
      .write(toFile: folder, atomically: true, encoding: .utf8)
    let host = try host(
      server, [:],
      ["AWS_ACCESS_KEY_ID": "", "AWS_CONFIG_FILE": folder, "PATH": "/usr/bin:/bin"],
      now: { 600 })
    let address = try await host.publish(sample.file(lifetime: .hours(2)))
    #expect(address.expires == 3_600)
    #expect(address.url.contains("X-Amz-Expires=3000&"))
    #expect(address.url.contains("X-Amz-Security-Token=t&"))
    await server.server.stop()
  }

  private static func refusal(_ status: Int, _ code: String, _ rest: String = "") -> ServerResponse
  {
    ServerResponse(
      status,
      body: .bytes(Array("<Error><Code>\(code)</Code><Message>m</Message>\(rest)</Error>".utf8)))
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var answer: ServerResponse
    var code: SwaplineError.Code
    var says: String
    var tries = 1
    var testDescription: String { says }
  }

  @Test(arguments: [
    Refusal(
      answer: refusal(403, "SignatureDoesNotMatch"), code: .unauthorized,
      says: "the secret key from the environment variable AWS_ACCESS_KEY_ID is not the right one"),
    Refusal(
      answer: refusal(403, "InvalidAccessKeyId"), code: .unauthorized,
      says: "does not know the keys"),
    Refusal(
      answer: refusal(400, "ExpiredToken"), code: .unauthorized, says: "have expired"),
    Refusal(
      answer: refusal(403, "RequestTimeTooSkewed"), code: .unauthorized,
      says: "minutes off"),
    Refusal(
      answer: refusal(400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"),
      code: .usage, says: "is in the region 'eu-west-3', and 'us-east-1' was used"),
    Refusal(answer: refusal(404, "NoSuchBucket"), code: .usage, says: "no bucket 'b'"),
    Refusal(answer: refusal(403, "AccessDenied"), code: .unauthorized, says: "may not do that"),
    Refusal(
      answer: refusal(400, "XAmzContentSHA256Mismatch"), code: .network, says: "other bytes arrived"
    ),
    Refusal(
      answer: refusal(503, "SlowDown"), code: .unavailable, says: "503 SlowDown", tries: 4),
    Refusal(answer: .text(500, "oh"), code: .unavailable, says: "(500)", tries: 4),
    Refusal(answer: .text(418, "tea"), code: .refusedByProvider, says: "(418)"),
  ])
  func refusalsSayWhatIsWrong(_ refusal: Refusal) async throws {
    let server = try ObjectServer(Array(repeating: refusal.answer, count: 4))
    let host = try host(server, now: { 3_000 })
    let error = await #expect(throws: SwaplineError.self) {
      try await host.publish(sample.file())
    }
    #expect(error?.code == refusal.code)
    #expect(error?.message.contains(refusal.says) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("'photos'") == true && error?.hint?.isEmpty == false)
    #expect(server.requests.count == refusal.tries)
    await server.server.stop()
  }

  @Test func aBusyStorageIsAskedAgain() async throws {
    let server = try ObjectServer([Self.refusal(503, "SlowDown"), .text(500, "")])
    let host = try host(server)
    _ = try await host.publish(sample.file())
    #expect(server.requests.count == 3 && server.objects.count == 1)
    await server.server.stop()
  }

  @Test func whatIsNotRemovedIsTold() async throws {
    let server = try ObjectServer([
      .text(200, ""),
      .text(200, "<DeleteResult><Error><Message>locked</Message></Error></DeleteResult>"),
    ])
    let host = try host(server)
    _ = try await host.publish(sample.file())
    let error = await #expect(throws: SwaplineError.self) { try await host.stop() }
    #expect(
      error?.message
        == "1 file of the host 'photos' may still be in the bucket 'b' below 'swapline/'. "
        + "The storage kept a file: locked.")
    await server.server.stop()
  }

  @Test(arguments: [
    (["bucket": "a b"], "letters, digits"), (["endpoint": "h.test"], "'endpoint'"),
    (["endpoint": "https://h.test/x"], "must have no path"), (["style": "odd"], "virtual, path"),
    (["prefix": "../x"], "A prefix must be a path"),
    (["region": "eu west"], "A region must be a word"),
  ])
  func settingsAreChecked(values: [String: String], says: String) {
    let all = ["bucket": "b"].merging(values) { $1 }
    let problem = HostDescriptor.s3.problems(with: all, of: "photos").first
    #expect(problem?.message.contains(says) == true, "\(problem?.message ?? "")")
  }

  @Test func aStorageOfThisMachineReachesThisMachineOnly() {
    func reach(_ values: [String: String]) -> HostReach {
      HostDescriptor.s3.reach(with: values, publicURL: nil)
    }
    #expect(reach(["bucket": "b"]) == .everyone)
    #expect(reach(["endpoint": "http://127.0.0.1:9"]) == .thisMachine)
    #expect(
      reach(["endpoint": "http://127.0.0.1:9", "public_base": "https://cdn.test"]) == .everyone)
  }

  @Test func anAddressOfMoreThanSevenDaysIsRefused() async throws {
    let server = try ObjectServer()
    let error = await #expect(throws: SwaplineError.self) {
      try await host(server).publish(sample.file(lifetime: .hours(169)))
    }
    #expect(error?.code == .usage && error?.message.contains("at most 7 days") == true)
    #expect(server.requests.isEmpty)
    await server.server.stop()
  }
}

@Suite struct WebDAVHostTests {
  let sample = Sample()
  let client = HTTPClient()

  private func host(
    _ url: String, _ values: [String: String] = [:], _ environment: [String: String] = [:]
  ) throws -> WebDAVHost {
    let made = try HostDescriptor.webDAV.make(
      HostSettings(
        name: "shelf", values: ["url": url].merging(values) { $1 }, environment: environment,
        client: client))
    var host = try #require(made as? WebDAVHost)
    host.pause = .milliseconds(1)
    return host
  }

  @Test func foldersAreMadeAndFilesRemoved() async throws {
    let server = try ObjectServer()
    let host = try host(server.origin + "/dav/in/", ["user": "ada"], ["WEBDAV_PASSWORD": "pw"])
    let address = try await host.publish(sample.file())
    _ = try await host.publish(sample.file())
    #expect(server.objects.keys.first.map { server.origin + $0 } == address.url)
    #expect(server.objects.count == 1)
    let lines = server.requests.map { $0.line.replacing(/[0-9a-f]{32}/, with: "x") }
    #expect(
      lines == ["PUT /dav/in/x.png", "MKCOL /dav/", "MKCOL /dav/in/", "PUT /dav/in/x.png"])
    #expect(server.requests.allSatisfy { $0.headers["Authorization"] == "Basic YWRhOnB3" })
    try await host.stop()
    #expect(server.objects.isEmpty)
    await server.server.stop()
  }

  @Test func aTokenSignsInToo() async throws {
    let server = try ObjectServer()
    let host = try host(server.origin + "/dav/in", ["token_variable": "T"], ["T": "abc"])
    _ = try await host.publish(sample.file())
    #expect(server.requests.allSatisfy { $0.headers["Authorization"] == "Bearer abc" })
    await server.server.stop()
  }

  @Test(arguments: [
    (401, SwaplineError.Code.unauthorized, "requires a user or a token", 1),
    (403, .refusedByProvider, "does not accept files", 1),
    (413, .limit, "larger than it accepts", 1),
    (507, .unavailable, "disk is full", 1), (503, .unavailable, "(503)", 4),
    (404, .refusedByProvider, "(404)", 4),
  ])
  func refusalsSayWhatIsWrong(
    status: Int, code: SwaplineError.Code, says: String, requests: Int
  ) async throws {
    let server = try ObjectServer(Array(repeating: .text(status, ""), count: 4))
    let host = try host(server.origin + "/dav/in")
    let error = await #expect(throws: SwaplineError.self) {
      try await host.publish(sample.file())
    }
    #expect(error?.code == code)
    #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("'shelf'") == true && error?.hint?.isEmpty == false)
    #expect(server.requests.count == requests)
    await server.server.stop()
  }

  @Test func whatIsNotRemovedIsTold() async throws {
    let server = try ObjectServer([.text(201, ""), .text(403, "")])
    let host = try host(server.origin + "/dav/in")
    _ = try await host.publish(sample.file())
    let error = await #expect(throws: SwaplineError.self) { try await host.stop() }
    #expect(error?.message.contains("DELETE was answered with 403") == true)
    await server.server.stop()
  }

  @Test(arguments: [
    ("http://h.test/in", ["user": "ada"], ["WEBDAV_PASSWORD": "pw"], "unencrypted"),
    ("https://h.test/in", ["user": "ada"], [:], "WEBDAV_PASSWORD is not set"),
    ("https://h.test/in", ["user": "a:b"], ["WEBDAV_PASSWORD": "pw"], "not a valid user name"),
    ("https://h.test/in", [:], ["WEBDAV_TOKEN": "a\nb"], "line break"),
    ("h.test", [:], [:], "'url' must be an address"),
  ])
  func settingsAreChecked(
    url: String, values: [String: String], environment: [String: String], says: String
  ) {
    let error = #expect(throws: SwaplineError.self) { try host(url, values, environment) }
    #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("pw") == false)
  }
}
