import Core
import Curl
import FoundationEssentials
import HTTP
import TestSupport
import Testing

@testable import Hosting

/// The examples that AWS publishes: "Examples: Signature Calculations" and "Authenticating Requests:
/// Using Query Parameters" of the Amazon S3 API Reference.
@Suite struct SigV4Tests {
  static let time: Int64 = 1_369_353_600
  static let signer = SigV4(
    credentials: AWSCredentials(
      keyID: "AKIAIOSFODNN7EXAMPLE", secret: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
      source: "the example"), region: "us-east-1")
  static let nothing = Digest(of: "").hex

  struct Example: Sendable, CustomTestStringConvertible {
    var method = "GET"
    var path: String
    var headers: HTTPHeaders = [:]
    var body = ""
    var signature: String
    var testDescription: String { "\(method) \(path)" }
  }

  @Test(arguments: [
    Example(
      path: "/test.txt", headers: ["Range": "bytes=0-9"],
      signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
    Example(
      method: "PUT", path: "/test%24file.text",
      headers: [
        "Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY",
      ], body: "Welcome to Amazon S3.",
      signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
    Example(
      path: "/?lifecycle",
      signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
    Example(
      path: "/?max-keys=2&prefix=J",
      signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
  ])
  func signsAsTheExamplesDo(_ example: Example) throws {
    let url = try WebAddress("https://examplebucket.s3.amazonaws.com" + example.path)
    let signed = Self.signer.signed(
      example.method, url, example.headers, payload: Digest(of: example.body).hex, at: Self.time)
    #expect(signed["Authorization"]?.hasSuffix("Signature=\(example.signature)") == true)
    #expect(signed["x-amz-date"] == "20130524T000000Z")
  }

  @Test func signsAnAddressAsTheExampleDoes() throws {
    let url = try WebAddress("https://examplebucket.s3.amazonaws.com/test.txt")
    let address = Self.signer.address(of: url, lifetime: 86_400, at: Self.time)
    #expect(
      address == "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
  }

  @Test func aSessionsTokenIsSigned() throws {
    var signer = Self.signer
    signer = SigV4(
      credentials: AWSCredentials(
        keyID: "id", secret: Secret("s"), sessionToken: Secret("t/1"), source: ""),
      region: signer.region)
    let url = try WebAddress("https://h/b/k")
    let signed = signer.signed("GET", url, payload: Self.nothing, at: 0)
    #expect(signed["x-amz-security-token"] == "t/1")
    #expect(signed["Authorization"]?.contains("x-amz-date;x-amz-security-token,") == true)
    #expect(
      signer.address(of: url, lifetime: 1, at: 0).contains("&X-Amz-Security-Token=t%2F1&"))
  }
}

@Suite struct S3BucketTests {
  @Test(arguments: [
    (
      "https://s3.eu-central-1.amazonaws.com", S3Bucket.Style.virtual, "a b/ü.png",
      "https://in.s3.eu-central-1.amazonaws.com/a%20b/%C3%BC.png"
    ),
    ("http://127.0.0.1:9000", .path, "a/b.png", "http://127.0.0.1:9000/in/a/b.png"),
    ("https://h.test:8443", .virtual, "b.png", "https://in.h.test:8443/b.png"),
  ])
  func objectsHaveAddresses(
    endpoint: String, style: S3Bucket.Style, key: String, address: String
  ) throws {
    let bucket = S3Bucket(name: "in", endpoint: try WebAddress(endpoint), style: style)
    #expect(try bucket.address(of: key).description == address)
  }

  @Test(arguments: ["", "a/b", "a b", "ü"]) func namesThatBreakAddressesAreRefused(_ name: String) {
    #expect(S3Bucket.problem(with: name) != nil)
  }
}

@Suite struct AWSProfilesTests {
  private func profiles(
    _ environment: [String: String] = [:], profile: String? = nil, credentials: String = "",
    config: String = ""
  ) throws -> AWSProfiles {
    let folder = TestFolder.unique("aws")
    try FileManager.default.createDirectory(
      atPath: folder + "/.aws", withIntermediateDirectories: true)
    try Data(credentials.utf8).write(to: URL(filePath: folder + "/.aws/credentials"))
    try Data(config.utf8).write(to: URL(filePath: folder + "/.aws/config"))
    let all = ["HOME": folder, "PATH": "/usr/bin:/bin"].merging(environment) { $1 }
    return AWSProfiles(environment: all, profile: profile)
  }

  static let variables = ["AWS_ACCESS_KEY_ID": "env", "AWS_SECRET_ACCESS_KEY": "e"]
  static let credentials = """
    # keys
    [default]
    aws_access_key_id = file
    aws_secret_access_key=f==

    [work]
      # indented
    aws_access_key_id = work
    aws_secret_access_key = w
    aws_session_token = token
    """
  static let config = """
    [default]
    region = eu-west-1
    s3 =
      region = nested
    [profile work]
    region = eu-central-1
    """

  @Test func theEnvironmentCountsBeforeFilesUnlessAProfileIsNamed() async throws {
    func id(_ environment: [String: String], _ profile: String?) async throws -> String {
      try await profiles(
        environment, profile: profile, credentials: Self.credentials, config: Self.config
      ).credentials().keyID
    }
    #expect(try await id(Self.variables, nil) == "env")
    #expect(try await id(Self.variables, "work") == "work")
    #expect(try await id([:], nil) == "file")
    #expect(try await id(["AWS_PROFILE": "work"], nil) == "work")
  }

  @Test func keysAreReadWhole() async throws {
    let work = try await profiles(profile: "work", credentials: Self.credentials).credentials()
    #expect(work.secret.expose { $0 } == "w")
    #expect(work.sessionToken?.expose { $0 } == "token")
    let own = try await profiles(credentials: Self.credentials).credentials()
    #expect(own.secret.expose { $0 } == "f==")
    #expect(own.sessionToken == nil)
    #expect(!"\(own)".contains("f=="))
  }

  @Test func theRegionComesFromTheEnvironmentOrTheProfile() throws {
    #expect(try profiles(config: Self.config).region() == "eu-west-1")
    #expect(try profiles(profile: "work", config: Self.config).region() == "eu-central-1")
    #expect(try profiles(["AWS_REGION": "r"], config: Self.config).region() == "r")
    #expect(try profiles().region() == nil)
  }

  @Test func aProcessMayTellTheKeys() async throws {
    let line =
      #"echo '{"Version":1,"AccessKeyId":"p","SecretAccessKey":"s","SessionToken":"t","#
      + #""Expiration":"2030-01-01T00:00:00Z"}'"#
    let keys = try await profiles(config: "[default]\ncredential_process = \(line)\n")
      .credentials()
    #expect(keys.keyID == "p" && keys.expires == 1_893_456_000)
    for bad in ["exit 3", "echo no", "echo '{\"Version\":2}'"] {
      let error = await #expect(throws: SwaplineError.self) {
        try await profiles(config: "[default]\ncredential_process = \(bad)\n").credentials()
      }
      #expect(error?.code == .unauthorized && error?.hint?.isEmpty == false)
    }
  }

  @Test(arguments: [
    ("", "AWS_SECRET_ACCESS_KEY are not set", "Set both"),
    ("[default]\nsso_session = x\n", "are not set", "export-credentials"),
    ("[default]\naws_access_key_id = a b\naws_secret_access_key = c\n", "printable", "Copy"),
  ])
  func missingKeysAreToldWithARemedy(config: String, says: String, hints: String) async throws {
    let error = await #expect(throws: SwaplineError.self) {
      try await profiles(config: config).credentials()
    }
    #expect(error?.code == .unauthorized)
    #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    #expect(error?.hint?.contains(hints) == true, "\(error?.hint ?? "")")
  }
}
