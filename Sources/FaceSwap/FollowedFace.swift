import Faces
import Glibc

/// One face of a moving scene, followed from frame to frame, and the one that is put over it.
final class FollowedFace {
  /// Turned further than this the scene's face is left as it is, until it turns back. Degrees.
  static let maximumTurn = 55.0
  /// A face that was lost is taken up near where it was when it is so like it, elsewhere only when it is
  /// much like it: two people are some 0.5 alike.
  static let likenessNear = 0.4
  static let likenessElsewhere = 0.75

  /// Which face of the scene.
  let index: Int
  /// The new face.
  let sighting: FaceObservation
  let blender: FaceBlender
  /// Who the new face is, where a network of the user's own makes it.
  let identity: [Float]?
  /// Where the face was seen last.
  private(set) var lastBox: PixelBox?

  private var follower: FaceFollower?
  private var mesh: FaceMesh?
  private var isFresh = true

  init(_ face: DecodedFace, index: Int, identity: [Float]?) throws(FacesError) {
    self.index = index
    self.identity = identity
    sighting = face.sighting
    blender = try FaceBlender(face.picture, mesh: face.found.mesh, isMoving: true)
  }

  /// Whether the face is known in the frame at hand.
  var isSeen: Bool { mesh != nil }
  /// Whether it was ever seen.
  var wasSeen: Bool { follower != nil }

  /// Follows the face into the next frame.
  func follow(_ frame: PictureView, with finder: FaceFinder) {
    guard let follower, mesh != nil else { return }
    mesh = (try? follower.follow(frame, with: finder)) ?? nil
    if let mesh { lastBox = mesh.box }
  }

  /// Begins with a face that was found: the first one, or that of another shot.
  func begin(_ found: FoundFace, _ frame: PictureView) throws(FacesError) {
    follower = try FaceFollower(frame, mesh: found.mesh)
    (mesh, lastBox, isFresh) = (found.mesh, found.box, true)
  }

  /// Goes on with the same face, found again.
  func resume(_ found: FoundFace, _ frame: PictureView) throws(FacesError) {
    try follower?.resume(frame, mesh: found.mesh)
    (mesh, lastBox, isFresh) = (found.mesh, found.box, true)
  }

  /// Which of `found` is the face that was lost; nil when none is.
  func recognized(among found: [FoundFace], in frame: PictureView) -> FoundFace? {
    guard let follower else { return nil }
    var best: (face: FoundFace, likeness: Double)?
    for face in found {
      guard let likeness = try? follower.likeness(of: face.mesh, in: frame) else { continue }
      let least = face.box.isNear(lastBox) ? Self.likenessNear : Self.likenessElsewhere
      if likeness >= max(least, best?.likeness ?? 0) { best = (face, likeness) }
    }
    return best?.face
  }

  /// Where the new face goes; nil while no face is known, or it is turned too far.
  func place() -> FaceMesh? {
    guard let mesh, abs(mesh.measures.yaw) <= Self.maximumTurn else { return nil }
    return mesh
  }

  /// Whether the frame at hand is the first one that shows the face again.
  func takeFreshness() -> Bool {
    defer { isFresh = false }
    return isFresh
  }
}

extension FaceMesh {
  /// The smallest box that holds the points.
  var box: PixelBox {
    func whole(_ value: Float) -> Int { Int(min(max(value, -1e6), 1e6).rounded()) }
    let xs = stride(from: 0, to: places.count, by: 3).map { places[$0] }
    let ys = stride(from: 1, to: places.count, by: 3).map { places[$0] }
    let (left, top) = (whole(xs.min() ?? 0), whole(ys.min() ?? 0))
    return PixelBox(
      x: left, y: top, width: whole(xs.max() ?? 0) - left, height: whole(ys.max() ?? 0) - top)
  }
}
