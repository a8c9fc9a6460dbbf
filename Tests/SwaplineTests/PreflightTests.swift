import Pipelines
import Testing

@testable import Swapline

/// A route to a provider, with what must be said about it.
struct Route: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var provider: ProviderReference
  var host = HostReference.embedded
  var environment = ["CRUN_API_KEY": "secret"]
  var publicURL: String?
  var says: [String] = []
}

@Suite struct PreflightTests {
  static let missing = "CRUN_API_KEY is not set"
  static let unreachable = "which the provider cannot fetch"

  /// What addresses must be like: `check` and `plan` say it, before anything is put anywhere.
  @Test(
    arguments: [
      (
        "{ s3: { bucket: b } }", "", "lifetime: 5m", "swap: { provider: crun, timeout: 10m }",
        "Addresses of 'host' are valid for 5m"
      ),
      ("{ s3: { bucket: b } }", "", "lifetime: 10m", "swap: { provider: crun, timeout: 10m }", nil),
      ("{ s3: { bucket: b } }", "", "lifetime: 8d", "swap: { provider: crun }", "at most 7 days"),
      (
        "{ s3: { bucket: b } }", "fetch_needs: head", "lifetime: 2h", "swap: { provider: crun }",
        "looks with HEAD first"
      ),
      (
        "{ s3: { bucket: b } }", "fetch_needs: no_query", "lifetime: 2h",
        "swap: { provider: crun }", "does not accept addresses with a query"
      ),
      (
        "{ s3: { bucket: b, public_base: 'https://x.test' } }", "fetch_needs: head", "lifetime: 8d",
        "swap: { provider: crun }", nil
      ),
      (
        "{ webdav: { url: 'https://x.test/in', link_secret_variable: L } }",
        "fetch_needs: no_query", "lifetime: 2h", "swap: { provider: crun }",
        "one that expires has one"
      ),
      (
        "{ webdav: { url: 'https://x.test/in' } }", "fetch_needs: no_query", "lifetime: 2h",
        "swap: { provider: crun }", nil
      ),
    ] as [(String, String, String, String, String?)])
  func addressesSufficeOrAreRefused(
    host: String, provider: String, lifetime: String, swap: String, says: String?
  ) throws {
    let text = """
      version: 1
      providers: { crun: { \(provider) } }
      hosts: { place: \(host) }
      stages: [fetch, { host: { to: place, \(lifetime) } }, { \(swap) }]
      """
    let file = PipelineFile(text: text, file: "p.yaml", vocabulary: .standard)
    let pipeline = try #require(file.pipeline, "\(file.findings)")
    let found = Preflight.addressFindings(pipeline).map(\.message)
    if let says {
      #expect(found.count == 1 && found[0].contains(says), "\(found)")
    } else {
      #expect(found.isEmpty, "\(found)")
    }
  }

  @Test(arguments: [
    Route(testDescription: "embedded", provider: .crun(at: .embedded), environment: [:]),
    Route(
      testDescription: "no key", provider: .crun(), environment: [:], says: [missing, unreachable]),
    Route(
      testDescription: "an empty key", provider: .crun(), host: .upload,
      environment: ["CRUN_API_KEY": ""], says: [missing]),
    Route(
      testDescription: "a key in a file", provider: ProviderReference("crun", ["key_file": "/k"]),
      host: .upload, environment: [:]),
    Route(testDescription: "an upload", provider: .crun(), host: .upload),
    Route(
      testDescription: "an embedded host by another name", provider: .crun(),
      host: HostReference("mine", kind: "embedded", [:]),
      says: ["The host 'mine' gives addresses on this machine, which the provider cannot fetch"]),
    Route(
      testDescription: "an upload by another name", provider: .crun(),
      host: HostReference("mine", kind: "upload", [:])),
    Route(
      testDescription: "no such host", provider: .crun(), host: HostReference("uplaod"),
      says: ["There is no host 'uplaod'"]),
    Route(
      testDescription: "a host's setting", provider: .crun(),
      host: HostReference("mine", kind: "upload", ["colour": "red"]),
      says: ["The host 'mine' has no setting called 'colour'"]),
    Route(testDescription: "an embedded host", provider: .crun(), says: [unreachable]),
    Route(
      testDescription: "a public address", provider: .crun(), publicURL: "https://tunnel.test"),
    Route(testDescription: "a server here", provider: .crun(at: .server("http://127.0.0.1:9"))),
    Route(testDescription: "a server by name", provider: .crun(at: .server("http://localhost:9/"))),
    Route(testDescription: "IPv6", provider: .crun(at: .server("http://[::1]:9"))),
    Route(
      testDescription: "a server elsewhere", provider: .crun(at: .server("https://api.test")),
      says: [unreachable]),
    Route(
      testDescription: "a name that only looks local",
      provider: .crun(at: .server("https://localhost.test")), says: [unreachable]),
    Route(
      testDescription: "nobody", provider: ProviderReference("krun"),
      says: ["normalize: There is no provider 'krun'", "no provider 'krun'"]),
  ])
  func findsWhatWouldFailEveryItem(route: Route) {
    let pipeline = RunTests.line(host: route.host, provider: route.provider)
    var options = RunOptions(environment: route.environment)
    options.publicURL = route.publicURL
    let findings = Preflight.findings(pipeline, options: options)
    #expect(findings.count == route.says.count, "\(findings)")
    for (finding, says) in zip(findings, route.says) {
      #expect(finding.severity == .error)
      #expect(finding.message.contains(says), "\(finding)")
      #expect(finding.hint?.isEmpty == false)
    }
  }

  @Test(arguments: [("http://127.0.0.1:9", 0), ("https://api.test", 1)])
  func aFileSaysWhereItsHostIsOutOfReach(url: String, count: Int) throws {
    let text = """
      version: 1
      providers: { crun: { base_url: '\(url)' } }
      stages: [fetch, { host: { to: embedded } }, { swap: { provider: crun } }]
      """
    let file = PipelineFile(text: text, file: "x.yaml", vocabulary: .standard)
    #expect(file.pipeline != nil && file.advice.count == count)
  }

  @Test func aFileReachesTheSameProvidersAsAComposition() throws {
    let text = """
      version: 1
      providers: { crun: { at: embedded } }
      stages:
        - fetch
        - host: { to: embedded }
        - swap: { provider: crun }
      """
    let file = PipelineFile(text: text, file: "x.yaml", vocabulary: .standard)
    let pipeline = try #require(file.pipeline, "\(file.findings)")
    #expect(Preflight.findings(pipeline, options: RunOptions(environment: [:])).isEmpty)
  }
}
