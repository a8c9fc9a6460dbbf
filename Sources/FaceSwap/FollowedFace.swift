import Faces
import Glibc

/// One face of a moving scene, followed from frame to frame, and the one that is put over it.
final class FollowedFace {
  /// Below this what is followed is another face, or none.
  static let leastLikeness = 0.55
  /// Below this the face is looked at anew, at most every few frames.
  static let doubtfulLikeness = 0.8

  /// Which face of the scene.
  let index: Int
  /// The new face.
  let sighting: FaceObservation
  let blender: FaceBlender
  /// Where the face was seen last.
  private(set) var lastBox: PixelBox?

  private var tracker: FaceTracker?
  private var seen: EyePoints?
  private var shown: EyePoints?
  /// How far what is shown is from what was seen anew; it fades, so that nothing jumps.
  private var offset = (left: PixelPoint(x: 0, y: 0), right: PixelPoint(x: 0, y: 0))
  private var isFresh = true
  private var likeness = 0.0
  private var sinceRenewal = 0

  init(_ face: DecodedFace, index: Int) throws(FacesError) {
    self.index = index
    sighting = face.sighting
    blender = try FaceBlender(face.picture, eyes: face.eyes)
  }

  /// Whether the face is known in the frame at hand.
  var isSeen: Bool { seen != nil }

  /// Follows the face into the next frame.
  func follow(_ frame: PictureView) {
    guard let tracker, let before = seen else { return }
    sinceRenewal += 1
    guard let next = try? tracker.follow(frame), next.likeness >= Self.leastLikeness else {
      lose()
      return
    }
    likeness = next.likeness
    lastBox = lastBox?.moved(from: before, to: next.eyes)
    seen = next.eyes
  }

  /// Begins with a face that was found.
  func begin(_ found: FaceObservation, _ frame: PictureView) throws(FacesError) {
    tracker = try FaceTracker(frame, eyes: found.measures.eyes)
    (seen, shown, likeness, sinceRenewal, isFresh) = (found.measures.eyes, nil, 1, 0, true)
    offset = (PixelPoint(x: 0, y: 0), PixelPoint(x: 0, y: 0))
    lastBox = found.found.box
  }

  /// Goes on with the same face, seen anew.
  func renew(_ found: FaceObservation, _ frame: PictureView) throws(FacesError) {
    guard let before = seen else { return }
    tracker = try FaceTracker(frame, eyes: found.measures.eyes)
    offset = (
      offset.left + (before.left - found.measures.eyes.left),
      offset.right + (before.right - found.measures.eyes.right)
    )
    (seen, likeness) = (found.measures.eyes, 1)
    lastBox = found.found.box
  }

  /// The part of the frame in which the face is to be looked at anew; nil while it is known well.
  func doubtfulPart(of frame: PictureView) -> PixelBox? {
    guard isSeen, likeness < Self.doubtfulLikeness, sinceRenewal >= 5, let box = lastBox else {
      return nil
    }
    sinceRenewal = 0
    let part = PixelBox(
      x: box.x - box.width / 2, y: box.y - box.height / 2, width: box.width * 2,
      height: box.height * 2)
    return part.clipped(width: frame.width, height: frame.height)
  }

  /// Where the new face goes: held still while the old one moves less than can be seen, and eased
  /// along when it moves slowly, because noise moves it too. Nil while no face is known.
  func place() -> EyePoints? {
    guard let seen else { return nil }
    offset = (offset.left * 0.7, offset.right * 0.7)
    let wanted = EyePoints(
      left: seen.left + offset.left, right: seen.right + offset.right)
    guard let shown else {
      self.shown = wanted
      return wanted
    }
    let unit = wanted.distance
    let apart = max((wanted.left - shown.left).length, (wanted.right - shown.right).length)
    let still = max(0.15, unit * 0.004)
    guard apart > still else { return shown }
    let share = min(1, 0.3 + apart / (unit * 0.04))
    let eased = EyePoints(
      left: shown.left + (wanted.left - shown.left) * share,
      right: shown.right + (wanted.right - shown.right) * share)
    self.shown = eased
    return eased
  }

  /// Whether the frame at hand is the first one that shows the face again.
  func takeFreshness() -> Bool {
    defer { isFresh = false }
    return isFresh
  }

  private func lose() {
    (tracker, seen, shown, likeness) = (nil, nil, nil, 0)
  }
}

extension PixelPoint {
  static func + (a: PixelPoint, b: PixelPoint) -> PixelPoint {
    PixelPoint(x: a.x + b.x, y: a.y + b.y)
  }

  static func - (a: PixelPoint, b: PixelPoint) -> PixelPoint {
    PixelPoint(x: a.x - b.x, y: a.y - b.y)
  }

  static func * (a: PixelPoint, factor: Double) -> PixelPoint {
    PixelPoint(x: a.x * factor, y: a.y * factor)
  }

  var length: Double { hypot(x, y) }
}

extension PixelBox {
  /// The box as far as it lies within a picture.
  func clipped(width: Int, height: Int) -> PixelBox {
    let (left, top) = (min(max(0, x), width - 1), min(max(0, y), height - 1))
    let right = min(max(left + 1, x + self.width), width)
    let bottom = min(max(top + 1, y + self.height), height)
    return PixelBox(x: left, y: top, width: right - left, height: bottom - top)
  }

  /// The box moved and scaled as the eyes in it were.
  func moved(from before: EyePoints, to after: EyePoints) -> PixelBox {
    let scale = after.distance / max(1, before.distance)
    let (old, new) = ((before.left + before.right) * 0.5, (after.left + after.right) * 0.5)
    func whole(_ value: Double) -> Int { Int(min(max(value, -1e6), 1e6).rounded()) }
    return PixelBox(
      x: whole(new.x + (Double(x) - old.x) * scale), y: whole(new.y + (Double(y) - old.y) * scale),
      width: max(1, whole(Double(width) * scale)), height: max(1, whole(Double(height) * scale)))
  }
}
