import Core
import Faces
import Processing

/// The local engine on moving pictures: the same faces put over frame after frame.
///
/// What belongs to the new faces is done once. A face of the scene is looked for where none is
/// known, and followed from then on; a frame without it passes as it is. Not `Sendable`: one thread
/// at a time, frames in their order.
package final class MovingSwap {
  private let engine: LocalSwap
  private let scene: String
  private let cancellation: Cancellation
  private let way: OwnWay?
  private var followed: [FollowedFace]
  private var watch = RedetectionPolicy()
  private var refusal: (any Error)?

  /// How many frames show a new face so far.
  package private(set) var frames = 0
  /// The face that was replaced first.
  package private(set) var replaced: FaceBox?
  /// The smallest box that holds every pixel that was changed in any frame.
  package private(set) var touched: FaceBox?
  /// What was changed and why, once a frame shows each new face.
  package private(set) var changes: [Change] = []

  /// Reads the new faces of `request`. Throws as `LocalSwap.swap` does.
  package init(_ engine: LocalSwap, _ request: SwapRequest, cancellation: Cancellation) throws {
    try LocalSwap.check(request)
    self.engine = engine
    self.cancellation = cancellation
    scene = request.scene.split(separator: "/").last.map(String.init) ?? request.scene
    let search = Search(engine: engine, limits: request.decoding, cancellation: cancellation)
    way = try request.weights.map { try engine.ways.take($0) }
    followed = []
    for wanted in request.faces {
      let subject = try search.largestFace(wanted.file)
      let identity = try way.flatMap { $0.swaps ? try $0.identity(of: subject) : nil }
      let face = try translatingErrors(of: subject.name) {
        try FollowedFace(subject, index: wanted.index, identity: identity)
      }
      followed.append(face)
    }
  }

  deinit {
    if let way { engine.ways.give(way) }
  }

  /// Puts the faces over the next frame: RGBA samples of `width * height * 4` bytes, changed in
  /// place. Whether any pixel was changed.
  package func apply(
    _ samples: UnsafeMutableRawBufferPointer, width: Int, height: Int
  ) throws -> Bool {
    try cancellation.check()
    let frame = try translatingErrors(of: scene) {
      try PictureView(samples, width: width, height: height, channels: 4)
    }
    // Before anything is painted, so that no face is searched for in painted pixels.
    try translatingErrors(of: scene) {
      try engine.finders.lend { finder in
        for face in followed { face.follow(frame, with: finder) }
      }
    }
    if watch.shouldLook(frame, isMissing: followed.contains { !$0.isSeen }) { try look(frame) }
    var isPainted = false
    for face in followed {
      guard let mesh = face.place() else { continue }
      guard let box = try blend(face, frame, mesh) else { continue }
      let changed = FaceBox(x: box.x, y: box.y, width: box.width, height: box.height, score: 0)
      touched = touched.map { $0.union(changed) } ?? changed
      isPainted = true
    }
    if isPainted { frames += 1 }
    return isPainted
  }

  /// Throws why no frame shows a new face, when none does.
  package func check() throws {
    guard frames == 0 else { return }
    throw refusal ?? Search.noFace(scene)
  }

  private func blend(
    _ face: FollowedFace, _ frame: PictureView, _ mesh: FaceMesh
  ) throws -> PixelBox? {
    let isFresh = face.takeFreshness()
    if let way, let identity = face.identity {
      if !isFresh,
        let box = try translatingErrors(
          of: scene, { try face.blender.repeated(frame, mesh: mesh) })
      {
        return box
      }
      let made = try way.picture(of: mesh, in: frame, for: identity)
      try translatingErrors(of: scene) { try face.blender.renew(made.picture, mesh: made.mesh) }
    }
    do {
      return try face.blender.blend(into: frame, mesh: mesh, isFresh: isFresh)
    } catch let error where error.kind == .nothingToBlend {
      do { try translatingErrors(of: scene) { throw error } } catch { refusal = refusal ?? error }
      return nil
    } catch {
      return try translatingErrors(of: scene) { throw error }
    }
  }

  /// Looks for the faces that are not known in the whole frame.
  private func look(_ frame: PictureView) throws {
    let all = try translatingErrors(of: scene) {
      try engine.finders.lend { try $0.find(in: frame) }
    }
    var found = all
    for face in followed where face.isSeen {
      found.removeAll { $0.box.isNear(face.lastBox) }
    }
    for face in followed where !face.isSeen {
      if let same = face.recognized(among: found, in: frame) {
        found.removeAll { $0 == same }
        try translatingErrors(of: scene) { try face.resume(same, frame) }
      } else if face.wasSeen, !watch.isAnotherShot {
        // Whoever else is there is not the one who was lost.
        continue
      } else if all.indices.contains(face.index), found.contains(all[face.index]) {
        found.removeAll { $0 == all[face.index] }
        try begin(face, all[face.index], frame)
      } else if !all.isEmpty, !face.wasSeen {
        refusal = refusal ?? Search.missing(face.index, of: all.count, in: scene)
      }
    }
  }

  /// Begins to follow a face that was found; one that would be swapped badly is left alone.
  private func begin(_ face: FollowedFace, _ found: FoundFace, _ frame: PictureView) throws {
    let sighting = try sighting(found, frame)
    do {
      try Suitability(scene: sighting, face: face.sighting).check()
    } catch {
      refusal = refusal ?? error
      return
    }
    if !face.wasSeen {
      changes.append(
        LocalSwap.replacement(face.index, scene: sighting, face: face.sighting))
      replaced = replaced ?? found.clipped(to: (frame.width, frame.height))
    }
    try translatingErrors(of: scene) { try face.begin(found, frame) }
  }

  private func sighting(_ found: FoundFace, _ frame: PictureView) throws -> FaceObservation {
    try translatingErrors(of: scene) {
      FaceObservation(
        name: scene, found: found, sharpness: try frame.sharpness(in: found.box))
    }
  }
}

extension PixelBox {
  /// Whether another box stands within half a face's width.
  func isNear(_ other: PixelBox?) -> Bool {
    guard let other else { return false }
    let reach = max(width, other.width)
    return 2 * abs(x + width / 2 - other.x - other.width / 2) < reach
      && 2 * abs(y + height / 2 - other.y - other.height / 2) < reach
  }
}
