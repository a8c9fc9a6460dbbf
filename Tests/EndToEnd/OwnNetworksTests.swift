import Core
import Foundation
import Ledgers
import Pipelines
import Runs
import Testing

/// Networks of the user's own, from the pipeline file to the ledger, and their parity check.
@Suite(.enabled(if: TestNetworks.absence == nil, "\(TestNetworks.absence ?? "")"))
struct OwnNetworksCommandTests {
  private func pipeline(_ engine: String) -> String {
    """
    version: 1
    name: own
    providers: { crun: { at: embedded, engine: { \(engine) } } }
    stages: [ fetch, host, { swap: { provider: crun } }, metadata ]
    """
  }

  private func run(_ file: String, in workshop: borrowing Workshop) async throws -> Finished {
    try await swapline(
      "run", file, "--scene", fixture("scenes/portrait.jpg"), "--face", fixture("faces/ben.jpg"),
      "--out", workshop.path("out"), "--quiet")
  }

  private func report(_ workshop: borrowing Workshop) throws -> AssetReport {
    let bytes = try Data(contentsOf: URL(filePath: workshop.path("out/portrait/asset.json")))
    return try JSONDecoder().decode(AssetReport.self, from: bytes)
  }

  @Test func anotherNetworkIsAnotherResultAndItsLikenessIsRecorded() async throws {
    let workshop = try Workshop()
    let embedder = "embedder: \(TestNetworks.file("embedder-112"))"
    let network = workshop.path("swap.onnx")
    try FileManager.default.copyItem(atPath: TestNetworks.file("swap-mark-128"), toPath: network)
    let file = try workshop.write(pipeline("model: \(network), \(embedder)"), to: "own.yaml")
    let first = try await run(file, in: workshop)
    #expect(first.status == 0, "\(first.messages)")
    let marked = try report(workshop)
    let faces = try #require(marked.swap?.faces)
    #expect(faces.unchanged == 0)
    #expect((-1...1).contains(try #require(faces.likeness)))
    #expect(marked.history.contains { $0.reason.contains("own networks") })

    // The same path with another network in it: nothing of the first one's is taken for it.
    try FileManager.default.removeItem(atPath: network)
    try FileManager.default.copyItem(atPath: TestNetworks.file("swap-same-512"), toPath: network)
    let second = try await run(file, in: workshop)
    #expect(second.status != 0)
    #expect(second.messages.contains("no face of the scene changed"), "\(second.messages)")
    let own = try workshop.write(
      pipeline(embedder), to: "embedder.yaml")
    let third = try await run(own, in: workshop)
    #expect(third.status == 0, "\(third.messages)")
    let plain = try report(workshop)
    #expect(plain.result?.media.digest != marked.result?.media.digest)
    #expect(plain.swap?.faces?.likeness != nil)
    #expect(!plain.history.contains { $0.reason.contains("own networks") })
  }

  @Test func parityIsToldByTheExitCode() async throws {
    let workshop = try Workshop()
    let picture = (0..<3 * 128 * 128).map { Float($0 % 97) / 97 }
    func array(_ shape: [Int], _ values: [Float], _ name: String) throws -> String {
      let path = workshop.path(name)
      try Data(TestNetworks.array(shape, values)).write(to: URL(filePath: path))
      return path
    }
    let given = try array([1, 3, 128, 128], picture, "picture.npy")
    let identity = try array([1, 48], (0..<48).map(Float.init), "identity.npy")
    var other = picture
    other[5] += 0.5
    let expected = try array([1, 3, 128, 128], other, "other.npy")
    func check(_ expected: String) async throws -> Finished {
      try await swapline(
        "doctor", "--model", TestNetworks.file("swap-same-128"), "--input", given, "--input",
        identity, "--expect", expected)
    }
    let good = try await check(given)
    #expect(good.status == 0, "\(good.messages)")
    #expect(good.output.contains("49152 numbers differ by 0.0 at most"), "\(good.output)")
    let bad = try await check(expected)
    #expect(bad.status == 1)
    #expect(bad.output.contains("0.5 at most"), "\(bad.output)")
    let broken = try await swapline(
      "doctor", "--model", TestNetworks.file("broken"), "--input", given, "--expect", given)
    #expect(broken.status != 0)
    #expect(broken.messages.contains("broken.onnx cannot be used"), "\(broken.messages)")
  }

  @Test func whereOnnxruntimeIsAbsentOneCommandIsNamed() async throws {
    let workshop = try Workshop()
    let file = try workshop.write(
      pipeline(
        "model: \(TestNetworks.file("swap-same-128")), embedder: \(TestNetworks.file("embedder-112"))"
      ),
      to: "own.yaml")
    let finished = try await swapline(
      [
        "run", file, "--scene", fixture("scenes/portrait.jpg"), "--face",
        fixture("faces/ben.jpg"), "--out", workshop.path("out"), "--quiet",
      ],
      environment: [
        "XDG_DATA_HOME": workshop.path("nowhere"), "SWAPLINE_ONNXRUNTIME": "/nowhere",
        "SWAPLINE_MODELS": "\(ProcessInfo.processInfo.environment["HOME"] ?? "")"
          + "/.local/share/swapline/networks",
      ])
    #expect(finished.status != 0)
    #expect(finished.messages.contains("Scripts/fetch-onnxruntime"), "\(finished.messages)")
  }
}
