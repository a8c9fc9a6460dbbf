import Core
import Pipelines

extension Pipeline {
  /// Runs the pipeline over items and tells each one's outcome as it ends.
  ///
  /// `folder` is made when it is missing. Running again with the same folder goes on where the last
  /// run stopped: what is done is not done again, what was paid is not paid again. One item's
  /// failure is an outcome; the stream throws only when the run as a whole cannot go on, with
  /// `SwaplineError`. A consumer that stops reading stops the run.
  public func run(
    _ items: [Item], into folder: String, options: RunOptions = RunOptions(),
    observe: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) -> AsyncThrowingStream<Runner.Outcome, any Error> {
    AsyncThrowingStream { continuation in
      let work = Task {
        do {
          let folder = try RunFolder(folder)
          try await Session.with(self, in: folder, options: options) { session in
            let runner = try Runner(
              self, in: folder, media: session.media, resources: session.resources,
              control: options.control, width: options.width, observe: observe)
            try await runner.run(try uniquelyNamed(items)) { continuation.yield($0) }
          }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in work.cancel() }
    }
  }

  // Two items of one name would write into one folder.
  private func uniquelyNamed(_ items: [Item]) throws -> [Item] {
    var seen: Set<String> = []
    for item in items where !seen.insert(item.id).inserted {
      throw SwaplineError(
        .usage, "Two items are called '\(item.id)'.", hint: "Give each a name of its own.")
    }
    if needsFace, let item = items.first(where: { $0.face == nil }) {
      throw SwaplineError(
        .usage, "The item '\(item.id)' has no face, and the pipeline swaps one.",
        hint: "Name a face for it.")
    }
    return items
  }
}
