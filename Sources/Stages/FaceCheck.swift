import Core
import Pipelines
import Processing

/// Whether a result shows another face than its scene: a provider may encode the scene anew, charge, and
/// swap nothing.
struct FaceCheck {
  let comparison: FaceComparison

  /// Compares a result with its scene; nil where that cannot be done, which is no reason to lose what was
  /// paid.
  init?(
    scene: Media, result: Media, face: Media, engine: EngineWeights?, in context: StageContext
  ) async throws {
    // Put over itself a face stays what it is.
    guard face.digest != scene.digest else { return nil }
    let request = CompareFacesRequest(
      scene: context.folder.file(scene), result: context.folder.file(result),
      face: engine == nil ? nil : context.folder.file(face), weights: engine)
    do {
      comparison = try await context.reporting { try await context.media.compareFaces(request) }
    } catch let error as SwaplineError {
      // Somebody asked for a number, and is told why there is none.
      guard engine != nil else { return nil }
      context.progress("the likeness is not measured: \(error.message)")
      return nil
    }
  }

  /// Why nothing was swapped; nil when something was.
  var fault: String? {
    guard comparison.changedNothing else { return nil }
    let seen = comparison.frames == 1 ? "" : " in any of the \(comparison.frames) frames looked at"
    return comparison.faced == 0
      ? "nothing in the scene changed\(seen) apart from re-encoding"
      : "no face of the scene changed\(seen); it was re-encoded at most"
  }

  /// What is told of frames that still show the scene's own faces; nil when none does.
  var change: Change? {
    guard comparison.unchanged > 0, !comparison.changedNothing else { return nil }
    var change = Change(
      .face, from: "\(comparison.faced) frames with a face, of \(comparison.frames) looked at",
      to: "\(comparison.unchanged) of them show the scene's own",
      reason: "the provider returned them so")
    change.role = .result
    return change
  }
}
