import Core
import Curl
import Hosting
import Providers
import TestSupport
import Testing

@Suite struct AceDataClientTests {
  static let key = "ace_0123456789abcdef"
  let http = HTTPClient()

  func client(_ url: String, _ values: [String: String] = [:]) throws -> any Provider {
    try ProviderDescriptor.aceData.make(
      ProviderSettings(
        name: "acedata", values: values.merging(["base_url": url]) { $1 },
        environment: ["ACEDATA_API_KEY": Self.key], client: http))
  }

  let swap = SwapSubmission(
    sceneURL: "https://example.com/scene.jpg", faceURL: "https://example.com/face.jpg")

  enum Kind: String { case accepted, finished, refused, busy, notSent, ambiguous }

  func kind(_ outcome: SubmissionOutcome) -> (Kind, SwaplineError?) {
    switch outcome {
    case .accepted: (.accepted, nil)
    case .finished: (.finished, nil)
    case .refused(let error): (.refused, error)
    case .busy(let error, _): (.busy, error)
    case .notSent(let error): (.notSent, error)
    case .ambiguous(let error): (.ambiguous, error)
    }
  }

  @Test(arguments: [("source", "face.jpg", "scene.jpg"), ("target", "scene.jpg", "face.jpg")])
  func theFaceGoesWhereTheSettingSays(_ field: String, _ source: String, _ target: String)
    async throws
  {
    let server = ScriptedServer([
      .reply(
        200,
        #"{"image_url":"https://r/1.png","image_width":"512","image_size":9,"task_id":"7f"}"#)
    ])
    defer { server.stop() }
    let client = try client(server.origin, ["face_field": field, "timeout": "30"])
    let outcome = await client.submit(swap)
    #expect(outcome == .finished(taskID: "7f", SwapResult(urls: ["https://r/1.png"])))
    let lines = try #require(server.requests.first).split(separator: "\r\n").map(String.init)
    #expect(lines[0] == "POST /face/swap HTTP/1.1")
    #expect(lines.contains("Authorization: Bearer \(Self.key)"))
    #expect(lines.contains("Accept: application/json"))
    let wanted: JSONValue = [
      "source_image_url": .string("https://example.com/" + source),
      "target_image_url": .string("https://example.com/" + target), "timeout": 30,
    ]
    #expect(try JSONValue(parsing: Array(#require(lines.last).utf8)) == wanted)
  }

  func host(
    _ values: [String: String], _ environment: [String: String]
  ) throws -> UploadHost? {
    let provider = try ProviderDescriptor.aceData.make(
      ProviderSettings(
        name: "acedata", values: values,
        environment: environment.merging(["ACEDATA_API_KEY": Self.key]) { $1 }, client: http))
    return provider.uploads.map {
      UploadHost(slots: $0, client: http, addressPolicy: .any, attempts: 1)
    }
  }

  func picture(_ folder: borrowing TemporaryFolder) throws -> HostedFile {
    let path = try folder.write("picture", to: "private name.png")
    return HostedFile(path: path, format: .png, size: 7, digest: Digest(of: "picture"))
  }

  @Test func theHostUploadPutsFilesOnThePlatform() async throws {
    let folder = try TemporaryFolder()
    let server = ScriptedServer([.reply(200, #"{"file_url":"https://cdn.example/7f84.png"}"#)])
    defer { server.stop() }
    let host = try #require(
      try host(
        ["platform_url": server.origin + "/"], ["ACEDATACLOUD_PLATFORM_TOKEN": "platform-secret"]))
    let address = try await host.publish(try picture(folder))
    #expect(address == HostedAddress(url: "https://cdn.example/7f84.png"))
    let request = try #require(server.requests.first)
    #expect(request.hasPrefix("POST /api/v1/files/ HTTP/1.1"))
    #expect(request.contains("Authorization: Bearer platform-secret\r\n"))
    #expect(request.contains("Content-Type: multipart/form-data; boundary="))
    #expect(request.contains("name=\"file\"; filename=\""), "\(request)")
    #expect(request.contains("Content-Type: image/png\r\n\r\npicture\r\n"), "\(request)")
    #expect(!request.contains("private name"), "nothing of the file's own name leaves")
  }

  @Test(
    arguments: [
      (nil, .reply(200, "{}"), .unauthorized, "ACEDATACLOUD_PLATFORM_TOKEN is not set"),
      ("t", .reply(401, "{}"), .unauthorized, "does not know the token"),
      ("t", .reply(413, "{}"), .refusedByProvider, "413"),
      ("t", .reply(200, #"{"url":"x"}"#), .damaged, "without file_url"),
      ("t", .reply(200, #"{"file_url":"no address"}"#), .damaged, "without file_url"),
    ] as [(String?, ScriptedServer.Move, SwaplineError.Code, String)])
  func whatThePlatformRefusesIsSaid(
    _ token: String?, _ move: ScriptedServer.Move, _ code: SwaplineError.Code, _ says: String
  ) async throws {
    let folder = try TemporaryFolder()
    let server = ScriptedServer([move])
    defer { server.stop() }
    let environment = token.map { ["ACEDATACLOUD_PLATFORM_TOKEN": $0] } ?? [:]
    let host = try #require(try host(["platform_url": server.origin], environment))
    let file = try picture(folder)
    let error = await #expect(throws: SwaplineError.self) { try await host.publish(file) }
    #expect(error?.code == code)
    #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    #expect(error?.hint != nil)
  }

  @Test func anApiOfOnesOwnKeepsNothingOnTheVendorsPlatform() throws {
    #expect(try host(["base_url": "http://127.0.0.1:9"], [:]) == nil)
    #expect(try host([:], [:]) != nil)
  }

  typealias Fault = (ScriptedServer.Move, Kind, SwaplineError.Code)

  static func error(_ status: Int, _ code: String) -> ScriptedServer.Move {
    .reply(
      status,
      #"{"success":false,"error":{"code":"\#(code)","message":"no \#(key)"},"trace_id":"t1"}"#)
  }

  static let faults: [Fault] = [
    (error(400, "token_mismatched"), .refused, .refusedByProvider),
    (error(400, "api_not_implemented"), .refused, .unsupported),
    (error(400, "bad_request"), .refused, .refusedByProvider),
    (error(401, "invalid_token"), .refused, .unauthorized),
    (error(401, "no_token"), .refused, .unauthorized),
    (error(403, "used_up"), .refused, .insufficientCredits),
    (error(403, "disabled"), .refused, .unsupported),
    (error(403, "forbidden"), .refused, .unsupported),
    (error(429, "too_many_requests"), .busy, .rateLimited),
    (error(500, "api_error"), .ambiguous, .ambiguous),
    (error(504, "timeout"), .ambiguous, .ambiguous),
    (.reply(502, "<html>bad gateway</html>"), .ambiguous, .ambiguous),
    (.reply(408, ""), .ambiguous, .ambiguous),
    // An error inside an answer that says success.
    (error(200, "invalid_token"), .refused, .unauthorized),
    (error(200, "api_error"), .ambiguous, .ambiguous),
    (.reply(200, #"{"success":false}"#), .ambiguous, .ambiguous),
    (.reply(200, #"{"task_id":"7f"}"#), .ambiguous, .ambiguous),
    (.reply(200, #"{"image_url":""}"#), .ambiguous, .ambiguous),
    (.reply(200, "[]"), .ambiguous, .ambiguous),
    (.raw("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"image_"), .ambiguous, .ambiguous),
    (.hangUp, .ambiguous, .ambiguous),
  ]

  @Test(arguments: faults)
  func saysWhatIsCertain(_ fault: Fault) async throws {
    let server = ScriptedServer([fault.0])
    defer { server.stop() }
    let (kind, error) = kind(await (try client(server.origin)).submit(swap))
    #expect(kind == fault.1)
    #expect(error?.code == fault.2)
    #expect(error?.hint?.isEmpty == false)
    #expect(error.map { !"\($0)".contains(Self.key) } != false, "keys are never printed")
    #expect(server.requests.count == 1, "a submission is sent once")
  }

  @Test func aFaceThatCannotBeChosenIsRefusedUnsent() async throws {
    let server = ScriptedServer([.hangUp])
    defer { server.stop() }
    var other = swap
    other.faceIndex = 1
    #expect(kind(await (try client(server.origin)).submit(other)).0 == .refused)
    #expect(server.requests.isEmpty)
  }

  @Test(arguments: [["face_field": "both"], ["timeout": "soon"], ["timeout": "5"]])
  func settingsThatMakeNoSenseAreNamed(_ values: [String: String]) throws {
    let error = #expect(throws: SwaplineError.self) { try client("https://a.example", values) }
    #expect(error?.code == .usage)
    #expect(error?.message.contains(values.keys.first ?? "?") == true)
  }
}
