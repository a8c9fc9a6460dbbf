import Core
import Faces
import Glibc

/// Whether the engine can put one face over another well; it refuses what it would do badly.
struct Suitability {
  /// A face narrower than this has no features to move: pixels.
  static let minimumWidth = 48
  /// The greatest enlargement that is no smear yet.
  static let maximumEnlargement = 4.0
  /// The greatest difference in tilt: light and hair would contradict the features. Degrees.
  static let maximumTilt = 40.0
  /// The furthest that a face may be turned away from the camera. Degrees.
  static let maximumTurn = 40.0
  /// The greatest difference between where two faces look. Degrees.
  static let maximumTurnApart = 35.0
  /// How far the new face may be turned beyond the scene's: what its own picture hides cannot be shown.
  /// Degrees; a face that is turned less than `plainTurn` hides nothing.
  static let maximumHidden = 25.0
  static let plainTurn = 15.0
  /// Below this a face is a smear: see `RGBPicture.sharpness`.
  static let minimumSharpness = 6.0

  let scene: FaceObservation
  let face: FaceObservation

  /// Throws `.refusedByEngine` with the reason when the result would be bad.
  func check() throws {
    try checkWidths()
    try checkPose()
    try checkSharpness()
    try checkEnlargement()
    try checkTilt()
  }

  private func checkWidths() throws {
    for subject in [scene, face] where subject.found.box.width < Suitability.minimumWidth {
      throw refusal(
        "The face in \(subject.name) is \(subject.found.box.width) pixels wide; the local engine "
          + "needs \(Suitability.minimumWidth).",
        "Use a larger picture.")
    }
  }

  private func checkPose() throws {
    for subject in [scene, face] where abs(subject.measures.yaw) > Suitability.maximumTurn {
      throw refusal(
        "The face in \(subject.name) looks \(direction(subject)); the local engine takes faces that are "
          + "turned \(Int(Suitability.maximumTurn)) degrees at most.",
        "Use a picture in which the face looks at the camera.")
    }
    let apart = abs(scene.measures.yaw - face.measures.yaw)
    guard apart <= Suitability.maximumTurnApart else {
      throw refusal(
        "The poses differ by \(Int(apart.rounded())) degrees: the face in \(scene.name) looks "
          + "\(direction(scene)) and the one in \(face.name) \(direction(face)); the local engine bridges "
          + "\(Int(Suitability.maximumTurnApart)) at most.",
        "Use a picture of the face that looks \(direction(scene)), or a provider.")
    }
    let turn = abs(face.measures.yaw)
    let hidden = turn - scene.measures.yaw * (face.measures.yaw < 0 ? -1 : 1)
    guard turn <= Suitability.plainTurn || hidden <= Suitability.maximumHidden else {
      throw refusal(
        "The face in \(face.name) looks \(direction(face)), \(Int(hidden.rounded())) degrees further than "
          + "the one in \(scene.name), so one of its sides is hidden; the local engine makes up for "
          + "\(Int(Suitability.maximumHidden)) at most.",
        "Use a picture of the face that looks \(direction(scene)), or a provider.")
    }
  }

  private func checkSharpness() throws {
    for subject in [scene, face] where subject.sharpness < Suitability.minimumSharpness {
      throw refusal(
        "The face in \(subject.name) is too blurred: its sharpness is "
          + "\(tenths(subject.sharpness)), and the local engine needs "
          + "\(tenths(Suitability.minimumSharpness)).",
        "Use a picture in focus.")
    }
  }

  private func checkEnlargement() throws {
    let enlargement = scene.measures.eyes.distance / face.measures.eyes.distance
    guard enlargement <= Suitability.maximumEnlargement else {
      throw refusal(
        "The face in \(face.name) would have to be enlarged \(tenths(enlargement)) times to fit "
          + "\(scene.name); the local engine enlarges \(tenths(Suitability.maximumEnlargement)) "
          + "times at most.",
        "Use a larger picture of the face.")
    }
  }

  private func checkTilt() throws {
    let apart = abs(scene.measures.eyes.tilt - face.measures.eyes.tilt)
    guard apart <= Suitability.maximumTilt else {
      throw refusal(
        "The heads are tilted \(Int(apart.rounded())) degrees apart; the local engine turns a face "
          + "by \(Int(Suitability.maximumTilt)) at most.",
        "Use a picture of the face that is tilted like the one in \(scene.name).")
    }
  }

  private func direction(_ subject: FaceObservation) -> String {
    let degrees = Int(abs(subject.measures.yaw).rounded())
    guard degrees > 5 else { return "to the front" }
    return "\(degrees) degrees to the \(subject.measures.yaw < 0 ? "left" : "right")"
  }

  private func tenths(_ value: Double) -> String {
    "\((value * 10).rounded() / 10)"
  }

  private func refusal(_ message: String, _ hint: String) -> SwaplineError {
    SwaplineError(.refusedByEngine, message, hint: hint)
  }
}

extension EyePoints {
  /// From eye to eye, in pixels.
  var distance: Double { hypot(right.x - left.x, right.y - left.y) }
  /// Clockwise from level, in degrees.
  var tilt: Double { atan2(right.y - left.y, right.x - left.x) * 180 / .pi }
}
