import Core
import Faces
import Glibc
import Imaging
import Testing

@testable import FaceSwap

/// A face as numbers.
private func subject(
  _ name: String, width: Int = 200, yaw: Double = 0, apart: Double = 90, tilt: Double = 0,
  sharpness: Double = 300
) throws -> FaceObservation {
  let radians = tilt * .pi / 180
  let right = PixelPoint(x: 50 + apart * cos(radians), y: 60 + apart * sin(radians))
  return FaceObservation(
    name: name,
    found: FoundFace(
      box: PixelBox(x: 0, y: 0, width: width, height: width), score: 1),
    measures: FaceMeasures(
      eyes: EyePoints(left: PixelPoint(x: 50, y: 60), right: right), yaw: yaw, pitch: 0, roll: tilt),
    sharpness: sharpness)
}

@Suite struct SuitabilityTests {
  @Test(arguments: [0.0, 20, -20])
  func takesWhatItCanDo(tilt: Double) throws {
    let suitability = Suitability(
      scene: try subject("scene", apart: 300, tilt: tilt),
      face: try subject("face", tilt: -tilt / 2))
    #expect(throws: Never.self) { try suitability.check() }
  }

  @Test(arguments: [(34.0, 0.0), (-34, 0), (20, -14), (39, 39)])
  func takesTurnedFaces(scene: Double, face: Double) throws {
    let suitability = Suitability(
      scene: try subject("scene", yaw: scene), face: try subject("face", yaw: face))
    #expect(throws: Never.self) { try suitability.check() }
  }

  private func expectRefusal(
    _ scene: FaceObservation, _ face: FaceObservation, naming words: String...
  ) {
    let error = #expect(throws: SwaplineError.self) {
      try Suitability(scene: scene, face: face).check()
    }
    #expect(error?.code == .refusedByEngine)
    for word in words { #expect(error?.message.contains(word) == true, "\(error?.message ?? "")") }
  }

  @Test func refusesSmallFaces() throws {
    expectRefusal(try subject("scene", width: 47), try subject("face"), naming: "scene", "47")
    expectRefusal(try subject("scene"), try subject("face", width: 20), naming: "face", "20")
  }

  @Test func refusesDifferentPoses() throws {
    expectRefusal(
      try subject("scene", yaw: -20), try subject("face", yaw: 20.4),
      naming: "differ by 40 degrees", "20 degrees to the left", "20 degrees to the right",
      "35 at most")
    expectRefusal(
      try subject("scene", yaw: -38), try subject("face", yaw: 4.4),
      naming: "the one in face to the front")
    expectRefusal(
      try subject("scene", yaw: 41), try subject("face", yaw: 41),
      naming: "scene", "41 degrees to the right", "40 degrees at most")
  }

  @Test func refusesAFaceWhoseSideIsHidden() throws {
    expectRefusal(
      try subject("scene", yaw: 3), try subject("face", yaw: 30),
      naming: "face looks 30 degrees to the right", "27 degrees further", "25 at most")
    expectRefusal(
      try subject("scene"), try subject("face", yaw: -26), naming: "26 degrees to the left")
    // The other way about both sides are there.
    let shown = Suitability(scene: try subject("scene", yaw: 30), face: try subject("face", yaw: 3))
    #expect(throws: Never.self) { try shown.check() }
  }

  @Test func refusesBlur() throws {
    expectRefusal(try subject("scene"), try subject("face", sharpness: 5.9), naming: "5.9")
  }

  @Test func refusesGreatEnlargement() throws {
    expectRefusal(
      try subject("scene", apart: 369), try subject("face", apart: 90), naming: "4.1 times")
  }

  @Test func refusesContraryTilts() throws {
    expectRefusal(
      try subject("scene", tilt: 21), try subject("face", tilt: -20), naming: "41 degrees")
  }
}
