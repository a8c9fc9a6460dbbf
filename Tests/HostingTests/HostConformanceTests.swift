import Core
import Curl
import Files
import Hosting
import Ledgers
import Testing

@Suite struct HostConformanceTests {
  @Test(arguments: Hosts.all.map(\.name)) func conforms(_ name: String) async throws {
    let kind = try #require(Hosts.named(name))
    let client = HTTPClient()
    let rig = try await HostRig.start(kind, client)
    let host = try kind.make(rig.settings)
    try await checkConformance(host, prepare: rig.prepare, headStatus: rig.headStatus)
    if let left = rig.left { #expect(left() > 0) }
    try await host.stop()
    if let left = rig.left { #expect(left() == 0, "it takes back what it put") }
    await rig.stop()
    client.shutdown()
  }

  /// What a killed run has put is removed by the next one, whatever the host.
  @Test(arguments: Hosts.all.map(\.name)) func theNextRunRemovesWhatAKilledOneLeft(
    _ name: String
  ) async throws {
    let kind = try #require(Hosts.named(name))
    let client = HTTPClient()
    let rig = try await HostRig.start(kind, client)
    let record = try HostingRecord(.memory)
    let route = HostRoute(name, rig.settings.values)
    func made() async throws -> any Host {
      var settings = rig.settings
      settings.share = HostingShare(
        of: settings.name, route, in: record, try await record.entries())
      return try kind.make(settings)
    }
    let sample = Sample()
    _ = try await made().publish(rig.prepare(sample.file()))
    let entries = try await record.entries()
    #expect(entries.allSatisfy { $0.state == .placed || $0.state == .left })
    #expect(entries.allSatisfy { !$0.key.contains("?") }, "no signature is written down")
    if let left = rig.left { #expect(left() > 0 && entries.count == 1) }
    let next = try await made()
    _ = try await next.publish(rig.prepare(sample.file()))
    try await next.stop()
    if let left = rig.left { #expect(left() == 0) }
    #expect(try await record.entries().allSatisfy { $0.state == .left })
    await rig.stop()
    client.shutdown()
  }

  @Test func everyHostIsListedOnceAndSaysWhatItIs() {
    #expect(Set(Hosts.all.map(\.name)).count == Hosts.all.count)
    for kind in Hosts.all {
      #expect(Hosts.named(kind.name)?.name == kind.name)
      #expect(kind.summary.hasSuffix("."))
      #expect(Set(kind.settings.map(\.name)).count == kind.settings.count)
      for setting in kind.settings {
        #expect(setting.summary.hasSuffix("."), "\(kind.name).\(setting.name)")
        #expect(setting.defaultValue.flatMap(setting.problem) == nil)
        #expect(!setting.isRequired || setting.defaultValue == nil)
      }
    }
    #expect(Hosts.named("nowhere") == nil)
    for name in HostRig.all.keys { #expect(Hosts.named(name) != nil, "\(name) is not listed") }
  }

  @Test(arguments: Hosts.all.map(\.name)) func unknownSettingsAreRefused(_ name: String) throws {
    let kind = try #require(Hosts.named(name))
    let client = HTTPClient()
    let error = #expect(throws: SwaplineError.self) {
      try kind.make(HostSettings(name: "mine", values: ["colour": "red"], client: client))
    }
    #expect(error?.code == .usage)
    #expect(error?.message == "The host 'mine' has no setting called 'colour'.")
    #expect(error?.hint?.isEmpty == false)
  }

  @Test func settingsAreChecked() throws {
    let kind = HostDescriptor(
      name: "toy", summary: "A toy.",
      settings: [
        HostSetting("folder", "Where.", isRequired: true) { $0 == "/" ? "Not the root." : nil },
        HostSetting("style", "How.", defaultValue: "path", words: ["path", "host"]),
      ]
    ) { settings in
      #expect(try settings.wanted("style") == "path")
      #expect(settings.text("folder") == "/a")
      return try EmbeddedHost()
    }
    func problems(_ values: [String: String]) -> [String] {
      kind.problems(with: values, of: "mine").map(\.message)
    }
    #expect(problems([:]) == ["The host 'mine' lacks 'folder'."])
    #expect(problems(["folder": "/"]) == ["The host 'mine': Not the root."])
    #expect(
      problems(["folder": "/a", "style": "odd"])
        == ["The host 'mine': 'style' must be one of path, host, not 'odd'."])
    #expect(!kind.needsNoEntry)
    #expect(kind.reach(with: [:], publicURL: nil) == .everyone)
    _ = try kind.make(
      HostSettings(name: "mine", values: ["folder": "/a"], client: HTTPClient()))
  }
}

@Suite struct TransferErrorTests {
  @Test(arguments: CurlError.Kind.allCases) func everyTransferErrorHasACode(_ kind: CurlError.Kind)
  {
    let error = SwaplineError(CurlError(kind, "What happened."))
    #expect(error.message == "What happened.")
    #expect((error.code == .internal) == (kind == .badRequest))
    #expect(
      (error.code == .forbiddenAddress) == [.forbiddenAddress, .forbiddenRedirect].contains(kind))
  }
}
