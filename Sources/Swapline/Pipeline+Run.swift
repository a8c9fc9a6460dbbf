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
          try await run(items, into: folder, options: options, observe: observe) {
            continuation.yield($0)
          }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in work.cancel() }
    }
  }

  /// Runs the pipeline over items and hands each one's outcome to `receive` as it ends.
  ///
  /// As `run(_:into:options:observe:)`, for callers who want to wait until everything is taken down:
  /// a cancelled call returns when transfers and workers are stopped and the ledger is written.
  public func run(
    _ items: [Item], into path: String, options: RunOptions = RunOptions(),
    observe: @escaping @Sendable (RunEvent) -> Void = { _ in },
    receive: (Runner.Outcome) throws -> Void
  ) async throws {
    let items = try checked(items)
    let folder = try RunFolder(path)
    try await Session.with(self, in: folder, options: options) { session in
      let runner = try Runner(
        self, in: folder, media: session.media, resources: session.resources,
        control: options.control, width: options.width,
        budget: budget.replacing(with: options.budget), observe: observe)
      try await runner.run(items, receive: receive)
    }
  }

  // Two items of one name would write into one folder.
  private func checked(_ items: [Item]) throws -> [Item] {
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
