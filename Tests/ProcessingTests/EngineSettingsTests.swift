import Core
import Testing

@testable import Processing

@Suite struct EngineSettingsTests {
  @Test func theWordsOfAPipelineFileAreRead() throws {
    let settings = try EngineSettings(
      parsing: "embedder: id.onnx, model: a, b/swap.onnx, range: signed, template: arcface112")
    #expect(settings.values["model"] == "a, b/swap.onnx")
    #expect(settings.files == ["a, b/swap.onnx", "id.onnx"])
    #expect(settings.values["range"] == "signed")
  }

  @Test(arguments: [
    "swap.onnx", "", "model: a, model: b", "embedder: a, range: large", "embedder: a, template: x",
  ])
  func whatMakesNoSenseIsRefusedWithTheForm(_ text: String) {
    let error = #expect(throws: SwaplineError.self) { try EngineSettings(parsing: text) }
    #expect(error?.code == .usage)
    #expect(error?.hint?.contains("embedder") == true)
  }

  @Test func anAbsentRuntimeIsToldWithItsCommand() {
    let error = #expect(throws: SwaplineError.self) { try RuntimeLibrary(places: []).path() }
    #expect(error?.code == .unsupported)
    #expect(error?.hint?.contains("Scripts/fetch-onnxruntime") == true)
    #expect(error?.hint?.contains("SWAPLINE_ONNXRUNTIME") == true)
  }
}
