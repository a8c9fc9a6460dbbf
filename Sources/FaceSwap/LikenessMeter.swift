import Core
import Faces
import Processing

/// Measures how like the faces of a result are to the one that was inserted, by the user's embedder.
///
/// What the mesh says of a face is its expression and pose more than its identity, so that without an embedder
/// no number is given. Not `Sendable`: one thread at a time.
final class LikenessMeter {
  /// Of the frames with a face every so many are measured: they are much alike.
  static let step = 8

  private let engine: LocalSwap
  private let way: OwnWay
  private let face: [Float]
  private var number = 0
  private var measured: [(face: Double, scene: Double)] = []

  /// A meter for the request's face; nil where it names none or no embedder.
  init?(_ request: CompareFacesRequest, engine: LocalSwap, cancellation: Cancellation) throws {
    guard let file = request.face, let weights = request.weights else { return nil }
    // The swap network is not needed, and large.
    var alone = weights
    (alone.model, alone.matrix) = (nil, nil)
    let search = Search(engine: engine, limits: request.limits, cancellation: cancellation)
    let subject = try search.largestFace(file)
    let way = try engine.ways.take(alone)
    do {
      face = try way.identity(of: subject)
    } catch {
      engine.ways.give(way)
      throw error
    }
    self.way = way
    self.engine = engine
  }

  deinit {
    engine.ways.give(way)
  }

  /// Measures the face of `result` that lies where `mesh` says in `scene`.
  func note(_ mesh: FaceMesh, scene: PictureView, result: PictureView) throws {
    defer { number += 1 }
    guard number.isMultiple(of: Self.step) else { return }
    let scale = Double(result.width) / Double(scene.width)
    let found = try translatingErrors(of: "the result") {
      try engine.finders.lend { try $0.look(at: mesh.scaled(by: scale), in: result) }
    }
    let made = try way.identity(of: found.mesh, in: result)
    let before = try way.identity(of: mesh, in: scene)
    measured.append((OwnWay.likeness(made, face), OwnWay.likeness(made, before)))
  }

  var toFace: Double? { middle(measured.map(\.face)) }
  var toScene: Double? { middle(measured.map(\.scene)) }

  private func middle(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.sorted()[values.count / 2]
  }
}
