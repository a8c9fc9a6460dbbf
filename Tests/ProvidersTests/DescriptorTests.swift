import Core
import Curl
import Glibc
import Providers
import TestSupport
import Testing

@Suite struct DescriptorTests {
  let http = HTTPClient()

  func make(
    _ descriptor: ProviderDescriptor = .crun, _ values: [String: String] = [:],
    environment: [String: String] = [:]
  ) throws -> any Provider {
    try descriptor.make(
      ProviderSettings(name: "mine", values: values, environment: environment, client: http))
  }

  @Test(arguments: ProviderDescriptor.all.map(\.name))
  func everyProviderIsWhole(_ name: String) throws {
    let descriptor = try #require(ProviderDescriptor.named(name))
    #expect(descriptor.settings.map(\.name).contains("base_url"))
    let provider = try make(descriptor, environment: [descriptor.keyVariable: "ak_1"])
    #expect(provider.name == "mine")
    #expect(provider.models == descriptor.models)
    for kind in descriptor.models.flatMap(\.profile.kinds.value) {
      #expect(provider.model(for: kind) != nil)
    }
    #expect(ProviderDescriptor.all.count { $0.name == name } == 1)
  }

  @Test func aMissingKeyNamesTheVariableAndTheWayWithoutOne() throws {
    let error = #expect(throws: SwaplineError.self) { try make() }
    #expect(error?.code == .unauthorized)
    #expect(error?.description.contains("CRUN_API_KEY") == true)
    #expect(error?.hint?.contains("at: embedded") == true)
  }

  @Test(arguments: [
    (["key": "x"], "key"), (["bas_url": "x"], "bas_url"), (["base_url": "ftp://a"], "base_url"),
    (["base_url": "no address"], "base_url"), (["base_url": "https://a/?b=c"], "base_url"),
    (["disable_safety_checker": "yes"], "disable_safety_checker"),
  ])
  func settingsThatMakeNoSenseAreNamed(_ values: [String: String], _ word: String) throws {
    let error = #expect(throws: SwaplineError.self) {
      try make(.crun, values, environment: ["CRUN_API_KEY": "ak_1"])
    }
    #expect(error?.code == .usage)
    #expect(error?.message.contains(word) == true)
  }

  @Test func keysComeFromEnvironmentFileAndCommand() throws {
    var template = Array("\(TestFolder.root)/key-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    let path = template.withUnsafeBufferPointer { buffer in
      String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    defer { unlink(path) }
    write(file, "  ak_file \nsecond line", 22)
    close(file)
    func read(_ source: KeySource) throws -> String {
      try source.read(environment: ["K": "ak_variable\n"]).expose { $0 }
    }
    #expect(try read(.environment("K")) == "ak_variable")
    #expect(try read(.file(path)) == "ak_file")
    #expect(try read(.command("echo ak_command; echo more")) == "ak_command")
    for source in [
      KeySource.environment("L"), .file(path + "x"), .command("exit 3"), .command("true"),
      .command("printf 'ak_\\001'"), .command("vault read --token=s.hidden; exit 1"),
      .command("echo 'ak hidden'\u{7F}; :"),
    ] {
      let error = #expect(throws: SwaplineError.self) { try read(source) }
      #expect(error?.code == .unauthorized)
      #expect(
        error?.description.contains("hidden") == false && error?.message.contains("exit 3") == false
      )
    }
  }

  @Test func aSecretNeverPrintsItself() {
    let secret = Secret("ak_hidden")
    var dumped = ""
    dump(secret, to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), dumped, "\([secret])"] {
      #expect(!text.contains("hidden"))
    }
    #expect(secret.redacted(from: "a ak_hidden b ak_hidden") == "a (secret) b (secret)")
  }
}
