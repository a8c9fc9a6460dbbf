import Core
import Processing

/// What a provider's result has to do with its scene: it must show the same, and what differs is told.
struct ResultCheck {
  let scene: Media
  let result: Media

  /// How far shapes may be apart, as a part of either.
  static let shape = 0.02
  /// How far lengths may be apart: a part of the scene's, and never less than so many seconds.
  static let length = (part: 0.05, seconds: 0.25)

  /// Why this is no swap of the scene; nil when it may be one.
  var fault: String? {
    let shapes = [scene, result].map {
      Double($0.uprightWidth) / Double(max(1, $0.uprightHeight))
    }
    if abs(shapes[0] / shapes[1] - 1) > Self.shape {
      return "it is \(Self.size(result)), and the scene \(Self.size(scene))"
    }
    guard let wanted = scene.duration, let got = result.duration else { return nil }
    if abs(wanted - got) > max(Self.length.seconds, wanted * Self.length.part) {
      return "it lasts \(Self.seconds(got)), and the scene \(Self.seconds(wanted))"
    }
    return nil
  }

  /// What the provider made different without being asked.
  var changes: [Change] {
    var changes: [Change] = []
    func add(_ kind: Change.Kind, _ from: String, _ to: String) {
      guard from != to else { return }
      var change = Change(kind, from: from, to: to, reason: "the provider gave it so")
      change.role = .result
      changes.append(change)
    }
    add(.size, Self.size(scene), Self.size(result))
    guard scene.kind != .image else { return changes }
    add(.frames, "\(scene.frames) frames", "\(result.frames) frames")
    if let wanted = scene.duration, let got = result.duration, abs(wanted - got) > 0.015 {
      add(.duration, Self.seconds(wanted), Self.seconds(got))
    }
    if scene.hasAudio, !result.hasAudio { add(.sound, "sound", "no sound") }
    return changes
  }

  private static func size(_ media: Media) -> String {
    "\(media.uprightWidth)x\(media.uprightHeight)"
  }

  private static func seconds(_ value: Double) -> String {
    "\((value * 100).rounded() / 100) s"
  }
}
