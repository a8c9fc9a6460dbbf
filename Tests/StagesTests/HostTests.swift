import Core
import Hosting
import Pipelines
import Stages
import Testing

/// A host that takes only what comes unchanged from an address, or refuses with an error of its own.
private struct PickyHost: Hosting.Host {
  var refusal: SwaplineError?

  func publish(_ file: HostedFile) async throws -> HostedAddress {
    if let refusal { throw refusal }
    guard let origin = file.origin else {
      throw SwaplineError(.unsupported, "It has no address.", hint: "Name another.")
    }
    return HostedAddress(url: origin)
  }
}

@Suite struct HostTests {
  static let down = SwaplineError(.unavailable, "It is down.", hint: "Wait.")

  private func line(_ hosts: [String], maximumSide: Int? = nil) -> Pipeline {
    read(
      """
      version: 1
      stages:
        - fetch: { addresses: loopback }
        - host: { to: [\(hosts.joined(separator: ", "))] }
      """
    ).pipeline ?? Pipeline { Fetch() }
  }

  @Test func theFirstHostThatTakesAFileHasIt() async throws {
    let world = try Line()
    let url = world.server.give("scene.png", picture(640, 480))
    let item = Item(id: "one", scene: url, face: try world.file("face.png", picture(64, 64)))
    let hosts: [String: any Hosting.Host] = [
      "as_is": PickyHost(), "upload": PickyHost(refusal: Self.down), "embedded": FakeHost(),
    ]
    let asset = try await world.run(line(["as_is", "upload", "embedded"]), [item], hosts: hosts)
      .asset()
    #expect(asset.addresses[.scene]?.url == url)
    #expect(asset.addresses[.face]?.url.hasPrefix("http://host.test/") == true)
    let changes = asset.history.filter { $0.kind == .host }
    #expect(changes.map(\.from) == ["as_is", "upload"])
    #expect(changes.allSatisfy { $0.to == "embedded" && $0.role == .face && $0.stage == "host" })
    #expect(changes.map(\.reason) == ["It has no address.", "It is down."])
    #expect(asset.stages.last?.note == "1 file on as_is and 1 file on embedded for 1h")
    #expect(asset.hosting?.hosts == ["as_is", "upload", "embedded"])
  }

  @Test func everyHostsReasonIsToldWhenNoneTakesAFile() async throws {
    let world = try Line()
    let hosts: [String: any Hosting.Host] = [
      "as_is": PickyHost(), "upload": PickyHost(refusal: Self.down),
    ]
    let item = try world.item()
    let error = try await world.run(line(["as_is", "upload"]), [item], hosts: hosts).error()
    #expect(error.code == .unavailable && error.hint == "Wait.")
    #expect(
      error.message
        == "None of the hosts took the file. 'as_is': It has no address. 'upload': It is down.")
    let only = try await world.run(line(["upload"]), [item], hosts: hosts).error()
    #expect(only.message == "It is down.")
  }

  @Test func aFileThatIsNotAsItWasIsNoHostsFault() async throws {
    let world = try Line()
    let hosts: [String: any Hosting.Host] = [
      "as_is": PickyHost(refusal: SwaplineError(.damaged, "It was changed.")),
      "upload": FakeHost(),
    ]
    let error = try await world.run(line(["as_is", "upload"]), [world.item()], hosts: hosts).error()
    #expect(error.message == "It was changed.")
  }
}
