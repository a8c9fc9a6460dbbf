import Core
import Files
import Hosting
import Pipelines

/// A run's results at the place that it shares with others, where there is one.
struct SharedResultFiles: Sendable {
  let context: StageContext

  private var place: (any SharedResults)? { context.resources[SharedResultsKey.self] }

  /// Puts a result of this folder there. A place that does not take it fails no item: the result is here, and
  /// others ask the provider for it.
  func put(_ media: Media) async {
    guard let place else { return }
    do {
      try await place.put(media, from: context.folder.file(media))
    } catch let error as SwaplineError {
      context.progress(
        "the result could not be put at \(place.shown), and others will ask the provider for it: \(error.message)"
      )
    } catch {
      // A stop; the next run puts it.
    }
  }

  /// Brings a result from there; false, and said, where it is not there or not whole: then the provider is
  /// asked for it again, which costs nothing.
  func take(_ media: Media) async throws -> Bool {
    guard let place else { return false }
    let temporary = context.folder.temporaryFile("shared")
    let problem: String
    do {
      switch try await place.take(media, to: temporary) {
      case .whole:
        try context.folder.keep(temporary, as: media)
        return true
      case .missing: problem = "is not at \(place.shown)"
      case .damaged: problem = "was damaged at \(place.shown), and was removed there"
      }
    } catch let error as SwaplineError {
      problem = "could not be taken from \(place.shown) (\(error.message))"
    }
    FileSystem.remove(temporary)
    context.progress("a result that was bought \(problem); looking for it elsewhere")
    return false
  }
}
