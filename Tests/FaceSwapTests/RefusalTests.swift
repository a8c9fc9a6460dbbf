import Core
import FaceSwap
import Processing
import TestSupport
import Testing

/// A swap that must not happen.
struct Refused: Sendable, CustomStringConvertible {
  let scene: String
  let face: String
  var index = 0
  let code: SwaplineError.Code
  /// What the sentence must name.
  let names: [String]

  var description: String { "\(face) into \(scene)#\(index)" }

  static let all = [
    Refused(
      scene: "scenes/no-face.jpg", face: "faces/ben.jpg", code: .noFace, names: ["no-face.jpg"]),
    Refused(
      scene: "formats/gray.jpg", face: "scenes/no-face.jpg", code: .noFace,
      names: ["no-face.jpg"]),
    Refused(
      scene: "scenes/two-people.jpg", face: "faces/ben.jpg", index: 2, code: .noFace,
      names: ["two-people.jpg", "2 faces", "0 to 1"]),
    Refused(
      scene: "formats/gray.jpg", face: "faces/ben.jpg", index: 1, code: .noFace,
      names: ["gray.jpg", "one face", "index of 0."]),
    Refused(
      scene: "formats/gray.jpg", face: "faces/ben.jpg", index: -1, code: .usage, names: ["-1"]),
    Refused(
      scene: "scenes/tiny.png", face: "faces/ben.jpg", code: .refusedByEngine,
      names: ["tiny.png", "24 pixels", "48"]),
    Refused(
      scene: "formats/animated.gif", face: "faces/ben.jpg", code: .unsupported,
      names: ["animated.gif", "5 frames"]),
    Refused(
      scene: "formats/truncated.jpg", face: "faces/ben.jpg", code: .damaged,
      names: ["truncated.jpg"]),
    Refused(
      scene: "formats/huge-header.png", face: "faces/ben.jpg", code: .limit,
      names: ["huge-header.png"]),
    Refused(
      scene: "formats/gray.jpg", face: "faces/nobody.jpg", code: .notFound,
      names: ["nobody.jpg"]),
  ]
}

@Suite struct RefusalTests {
  @Test(arguments: Refused.all)
  func refusesWithAReason(refused: Refused) throws {
    let scratch = try TemporaryFolder()
    let error = #expect(throws: SwaplineError.self) {
      try swap(refused.scene, refused.face, index: refused.index, in: scratch)
    }
    #expect(error?.code == refused.code)
    for name in refused.names {
      #expect(error?.description.contains(name) == true, "\(error?.description ?? "")")
    }
    #expect(error?.hint != nil)
    #expect(scratch.names.isEmpty, "nothing is written")
  }

  @Test func saysWhatBringsTheNetworks() throws {
    let scratch = try TemporaryFolder()
    let empty = LocalSwap(networks: EngineNetworks(folders: [scratch.path]))
    let error = #expect(throws: SwaplineError.self) { try empty.prepare() }
    #expect(error?.code == .unsupported)
    #expect(error?.hint?.contains("Scripts/fetch-networks") == true)
  }

  @Test func stopsWhenAsked() throws {
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: CancellationError.self) {
      try engine.findFaces(
        FindFacesRequest(file: fixture("formats/gray.jpg")), cancellation: cancellation)
    }
  }
}
