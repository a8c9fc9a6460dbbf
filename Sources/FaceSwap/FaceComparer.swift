import Core
import Faces
import Imaging
import Processing

/// Compares results with their scenes, picture by picture: whether the faces are others.
///
/// Not `Sendable`: one thread at a time, frames in their order.
package final class FaceComparer {
  /// A face that differs less from the scene's is the same one. `docs/decisions/local-engine.md` has what
  /// was measured: 99 % of encodings stay below, and no swap comes below 0.12.
  static let sameFace = 0.11
  /// Of a moving picture with new faces, a frame that differs less shows the scene's own still.
  static let keptFace = 0.07
  /// A picture no part of which differs more is the same one. Levels of 255.
  static let samePart = 4.0
  /// After so many pictures faces are looked for anew, because others may have come.
  static let patience = 24
  /// The mesh's network is that sure of a face that is still there.
  static let leastCertainty = 0.5

  private let engine: LocalSwap
  private let name: String
  private var known: [FaceMesh] = []
  private var age = 0
  private var differences: [Double] = []
  private var comparison = FaceComparison(frames: 0, faced: 0, unchanged: 0, isSameWhole: true)
  private let likeness: LikenessMeter?

  /// A comparer of what was made of the request's scene.
  package init(
    _ engine: LocalSwap, _ request: CompareFacesRequest, cancellation: Cancellation
  ) throws {
    self.engine = engine
    name = request.scene.split(separator: "/").last.map(String.init) ?? request.scene
    likeness = try LikenessMeter(request, engine: engine, cancellation: cancellation)
  }

  /// Compares two stills.
  package static func compare(
    _ request: CompareFacesRequest, with engine: LocalSwap, cancellation: Cancellation
  ) throws -> FaceComparison {
    let comparer = try FaceComparer(engine, request, cancellation: cancellation)
    func picture(_ file: String) throws -> RGBPicture {
      let pixels = try engine.imaging.pixels(
        of: file, limits: request.limits, maximumSide: Search.sceneSide,
        cancellation: cancellation)
      return try translatingErrors(of: comparer.name) {
        try RGBPicture(width: pixels.width, height: pixels.height, samples: pixels.rgb)
      }
    }
    var (scene, result) = (try picture(request.scene), try picture(request.result))
    if let faces = try? engine.finders.find(in: scene) { comparer.known = faces.map(\.mesh) }
    try translatingErrors(of: comparer.name) {
      try scene.withView { scene in try result.withView { try comparer.note(scene, $0) } }
    }
    return comparer.answer
  }

  /// Compares the next frames: RGBA samples of 8 bits, `width * height * 4` bytes.
  package func add(
    scene: UnsafeMutableRawBufferPointer, width: Int, height: Int,
    result: UnsafeMutableRawBufferPointer, resultWidth: Int, resultHeight: Int
  ) throws {
    try translatingErrors(of: name) {
      let scene = try PictureView(scene, width: width, height: height, channels: 4)
      let result = try PictureView(
        result, width: resultWidth, height: resultHeight, channels: 4)
      follow(scene)
      try note(scene, result)
    }
  }

  /// What was seen so far.
  package var answer: FaceComparison {
    var answer = comparison
    let sorted = differences.sorted()
    // What moves is another face only by little in some frames: they count for themselves when they are sure.
    let isSame = sorted.last.map { $0 < Self.sameFace } ?? false
    answer.unchanged = isSame ? answer.faced : sorted.count { $0 < Self.keptFace }
    answer.difference = sorted.isEmpty ? nil : sorted[sorted.count / 2]
    (answer.likeness, answer.sceneLikeness) = (likeness?.toFace, likeness?.toScene)
    return answer
  }

  /// Where the faces of the scene are now. Without the engine's networks none is known.
  private func follow(_ scene: PictureView) {
    age += 1
    known = known.compactMap { mesh in
      let found = try? engine.finders.lend { try $0.look(at: mesh, in: scene) }
      return found.flatMap { $0.mesh.certainty >= Self.leastCertainty ? $0.mesh : nil }
    }
    guard known.isEmpty || age > Self.patience else { return }
    age = 0
    known = (try? engine.finders.lend { try $0.find(in: scene).map(\.mesh) }) ?? []
  }

  private func note(_ scene: PictureView, _ result: PictureView) throws {
    comparison.frames += 1
    if comparison.isSameWhole {
      let apart = try FaceDifference.ofParts(scene: scene, result: result)
      comparison.isSameWhole = apart < Self.samePart
    }
    // A face beyond the picture's edge has nothing to compare.
    let found = known.map { mesh in
      (try? FaceDifference.ofFaces([mesh], scene: scene, result: result).first) ?? -1
    }
    guard let most = found.max(), most >= 0 else { return }
    comparison.faced += 1
    differences.append(most)
    guard let place = found.firstIndex(of: most) else { return }
    try likeness?.note(known[place], scene: scene, result: result)
  }
}
