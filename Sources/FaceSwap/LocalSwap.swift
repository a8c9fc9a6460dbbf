import Core
import Faces
import Imaging
import Processing

/// The local engine: finds and swaps faces on this machine, without a network; of frames, see
/// `MovingSwap`.
///
/// It lays one face over another's by the points of both, so it keeps the scene's head, hair, expression and
/// light. It
/// gives the same result on every run. Calls block until they are done, so make them on a `ThreadPool`;
/// errors are `SwaplineError`, or `CancellationError` once `cancellation` was asked to stop.
package struct LocalSwap: Sendable {
  let finders: FinderPool
  /// Networks of users' own.
  let ways = OwnWays()
  let imaging = ImagingService()

  /// An engine with these networks, which the first call reads.
  package init(networks: EngineNetworks = EngineNetworks()) {
    finders = FinderPool(networks: networks)
  }

  /// Loads what the first call would load, which takes some 20 ms; throws `.unsupported` when the
  /// engine's networks are not there.
  package func prepare() throws {
    try translatingErrors(of: "The local engine") { try finders.lend { _ in } }
  }

  /// Finds the faces, largest first: the same ones, under the same
  /// indices, as `swap` counts.
  package func findFaces(
    _ request: FindFacesRequest, cancellation: Cancellation
  ) throws -> [FaceBox] {
    let search = Search(engine: self, limits: request.limits, cancellation: cancellation)
    let (faces, size) = try search.scene(request.file)
    return faces.map { $0.clipped(to: size) }
  }

  /// Replaces faces of a still scene by the largest faces of other pictures.
  ///
  /// Samples outside the answer's `touched` box are those of the scene where it is RGB of 8 bits;
  /// its opacity and profile are kept. Throws `.noFace` when there is none, or none with that
  /// index, and `.refusedByEngine` when the result would be bad.
  package func swap(_ request: SwapRequest, cancellation: Cancellation) throws -> SwapAnswer {
    try Self.check(request)
    // Before anything is decoded: networks that cannot be used are told at once.
    let way = try request.weights.map { try ways.take($0) }
    defer { if let way { ways.give(way) } }
    let search = Search(engine: self, limits: request.decoding, cancellation: cancellation)
    let scenes = try search.sceneFaces(request.scene, request.faces.map(\.index))
    guard var result = scenes.first?.source, var picture = scenes.first?.picture else {
      throw SwaplineError(.usage, "There is no face to insert.")
    }
    var changes = result.changes
    var replacements: [Change] = []
    var touched: FaceBox?
    for (wanted, scene) in zip(request.faces, scenes) {
      let face = try search.largestFace(wanted.file)
      try Suitability(scene: scene.sighting, face: face.sighting).check()
      try cancellation.check()
      let before = picture
      let mask = try translatingErrors(of: scene.name) {
        let blender = try FaceBlender(face.picture, mesh: face.found.mesh, isMoving: false)
        if let way, way.swaps {
          let identity = try way.identity(of: face)
          let made = try picture.withView {
            try way.picture(of: scene.found.mesh, in: $0, for: identity)
          }
          try blender.renew(made.picture, mesh: made.mesh)
        }
        return try blender.blend(into: &picture, mesh: scene.found.mesh)
      }
      let box = difference(before, picture, within: mask)
      touched = touched.map { $0.union(box) } ?? box
      replacements.append(
        Self.replacement(wanted.index, scene: scene.sighting, face: face.sighting))
      try cancellation.check()
    }

    result.rgb = picture.samples
    if !request.format.holdsAlpha, let change = result.flatten(for: request.format) {
      changes.append(change)
    }
    let media = try imaging.write(
      result, to: request.output, format: request.format, quality: request.quality,
      isQuick: true, cancellation: cancellation)
    let size = (picture.width, picture.height)
    return SwapAnswer(
      file: request.output, media: media, replaced: scenes[0].found.clipped(to: size),
      touched: touched ?? FaceBox(x: 0, y: 0, width: 0, height: 0, score: 0),
      changes: changes + replacements)
  }

  static func check(_ request: SwapRequest) throws(SwaplineError) {
    let indices = request.faces.map(\.index)
    guard let least = indices.min() else {
      throw SwaplineError(.usage, "There is no face to insert.", hint: "Name one.")
    }
    guard least >= 0 else {
      throw SwaplineError(
        .usage, "The face index is \(least), less than 0.",
        hint: "Faces are counted from 0, the largest.")
    }
    guard Set(indices).count == indices.count else {
      throw SwaplineError(
        .usage, "Two faces are to be put over the same face of the scene.",
        hint: "Give each new face its own index.")
    }
  }

  static func replacement(_ index: Int, scene: FaceObservation, face: FaceObservation) -> Change {
    Change(
      .face, from: "face \(index) of \(scene.name)", to: "the face of \(face.name)",
      reason: "the swap asked for it")
  }
}
