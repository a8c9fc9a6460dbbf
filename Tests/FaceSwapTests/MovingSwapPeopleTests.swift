import Core
import FaceSwap
import Imaging
import Processing
import TestSupport
import Testing

/// The engine on frames of two drawn people: who is painted, and who never is.
@Suite struct MovingSwapPeopleTests {
  /// The two people, red, green, blue and opacity.
  private let scene: PixelPicture
  /// The nearer one's face and the other one's.
  private let faces: [FaceBox]
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
    scene = try stored(fixture("scenes/two-people.jpg"))
    faces = try engine.findFaces(
      FindFacesRequest(file: fixture("scenes/two-people.jpg")), cancellation: Cancellation())
  }

  private func swap(_ faces: [NewFace]) throws -> MovingSwap {
    try MovingSwap(
      engine,
      SwapRequest(scene: "scene.mp4", faces: faces, output: scratch.file("result.mp4")),
      cancellation: Cancellation())
  }

  /// The scene moved to the right by `x` pixels, with a gray card over the faces in `covered`.
  private func frame(moved x: Int = 0, covering covered: [FaceBox] = []) -> [UInt8] {
    var samples = [UInt8](repeating: 255, count: scene.width * scene.height * 4)
    for row in 0..<scene.height {
      for column in 0..<scene.width {
        let from = (row * scene.width + max(0, column - x)) * 3
        let to = (row * scene.width + column) * 4
        let isCovered = covered.contains { isIn($0, column, row, wider: 30) }
        for k in 0..<3 { samples[to + k] = isCovered ? 128 : scene.rgb[from + k] }
      }
    }
    return samples
  }

  private func isIn(_ box: FaceBox, _ x: Int, _ y: Int, wider: Int = 0) -> Bool {
    box.x - wider <= x && x < box.x + box.width + wider && box.y - wider <= y
      && y < box.y + box.height + wider
  }

  /// In which of the two faces' boxes a frame was changed.
  private func painted(_ swap: MovingSwap, _ frame: [UInt8]) throws -> [Bool] {
    var samples = frame
    _ = try samples.withUnsafeMutableBytes {
      try swap.apply($0, width: scene.width, height: scene.height)
    }
    return faces.map { box in
      (box.y..<box.y + box.height).contains { row in
        let start = (row * scene.width + box.x) * 4
        let line = start..<start + box.width * 4
        return samples[line] != frame[line]
      }
    }
  }

  @Test func nobodyElseIsPaintedWhileAFaceIsCovered() throws {
    try #require(faces.count == 2)
    let swap = try swap([NewFace(file: fixture("faces/ben.jpg"), index: 0)])
    for step in 0..<3 { #expect(try painted(swap, frame(moved: step)) == [true, false]) }
    for step in 0..<12 {
      let covered = frame(moved: step, covering: [faces[0]])
      #expect(try painted(swap, covered) == [false, false], "covered frame \(step)")
    }
    for step in 0..<3 { #expect(try painted(swap, frame(moved: step)) == [true, false]) }
  }

  @Test func twoFacesAreNotExchanged() throws {
    let swap = try swap([
      NewFace(file: fixture("faces/ada.jpg"), index: 1),
      NewFace(file: fixture("faces/ben.jpg"), index: 0),
    ])
    // The one who comes back first is not the largest that is missing.
    #expect(try painted(swap, frame()) == [true, true])
    for _ in 0..<2 { #expect(try painted(swap, frame(covering: faces)) == [false, false]) }
    #expect(try painted(swap, frame(covering: [faces[0]])) == [false, true])
    #expect(try painted(swap, frame()) == [true, true])
    #expect(swap.changes.map(\.from) == ["face 1 of scene.mp4", "face 0 of scene.mp4"])
  }
}
