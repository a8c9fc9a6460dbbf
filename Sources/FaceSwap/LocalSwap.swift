import Core
import Faces
import Imaging
import Processing

/// The local engine: finds and swaps faces of still pictures on this machine, without a network.
///
/// It moves one face's features over another's, so it keeps the scene's head, hair and light. It
/// gives the same result on every run. Calls block until they are done, so make them on a `Lane`;
/// errors are `SwaplineError`, or `CancellationError` once `cancellation` was asked to stop.
public struct LocalSwap: Sendable {
  let finders: FinderPool
  let imaging = ImagingService()

  /// An engine that takes its eye cascade from `cascade`; the file is read with the first call.
  public init(cascade: String = FaceFinder.debianCascade) {
    finders = FinderPool(cascade: cascade)
  }

  /// Loads what the first call would load, which takes some 400 ms; throws `.unsupported` when the
  /// engine's data is not installed.
  public func prepare() throws {
    try blaming("The local engine") { try finders.lend { _ in } }
  }

  /// Finds the faces that look roughly at the camera, largest first: the same ones, under the same
  /// indices, as `swap` counts.
  public func findFaces(
    _ request: FindFacesRequest, cancellation: Cancellation
  ) throws -> [FaceBox] {
    let search = Search(engine: self, limits: request.limits, cancellation: cancellation)
    let (faces, size) = try search.scene(request.file)
    return faces.map { $0.clipped(to: size) }
  }

  /// Replaces one face of the scene by the largest face of the other picture.
  ///
  /// Samples outside the answer's `touched` box are those of the scene where it is RGB of 8 bits;
  /// its opacity and profile are kept. Throws `.noFace` when there is none, or none with that
  /// index, and `.refusedByEngine` when the result would be bad.
  public func swap(_ request: SwapRequest, cancellation: Cancellation) throws -> SwapAnswer {
    guard request.faceIndex >= 0 else {
      throw SwaplineError(
        .usage, "The face index is \(request.faceIndex), less than 0.",
        hint: "Faces are counted from 0, the largest.")
    }
    let search = Search(engine: self, limits: request.decoding, cancellation: cancellation)
    let scene = try search.sceneFace(request.scene, index: request.faceIndex)
    let face = try search.largestFace(request.face)
    try Suitability(scene: scene, face: face).check()
    try cancellation.check()

    var picture = scene.picture
    let mask = try blaming(scene.name) {
      try picture.blend(face.picture, from: face.eyes, to: scene.eyes)
    }
    let touched = difference(scene.picture, picture, within: mask)
    try cancellation.check()

    var result = scene.source
    var changes = result.changes
    result.rgb = picture.samples
    if !request.format.holdsAlpha, let change = result.flatten(for: request.format) {
      changes.append(change)
    }
    changes.append(replacement(of: request, scene: scene, face: face))
    let media = try imaging.write(
      result, to: request.output, format: request.format, quality: request.quality,
      cancellation: cancellation)
    return SwapAnswer(
      file: request.output, media: media,
      replaced: scene.found.clipped(to: (picture.width, picture.height)), touched: touched,
      changes: changes)
  }

  private func replacement(of request: SwapRequest, scene: Subject, face: Subject) -> Change {
    let guessed = [scene, face].filter { !$0.eyes.areSeen }.map(\.name)
    let caveat =
      guessed.isEmpty
      ? ""
      : "; the eyes in \(guessed.joined(separator: " and ")) were not seen and are guessed"
    return Change(
      .face, from: "face \(request.faceIndex) of \(scene.name)", to: "the face of \(face.name)",
      reason: "the swap asked for it\(caveat)")
  }
}
