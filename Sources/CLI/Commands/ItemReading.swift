import Pipelines
import Runs
import Swapline
import Synchronization

/// A source of items that one task reads while another asks how far it is.
final class ItemReading: @unchecked Sendable {
  // Proof: `source` is iterated by `run` alone, which is called once; the rest is behind its mutex.
  private let source: ItemArguments.Source
  private let state = Mutex(State())

  private struct State {
    var fraction: Double?
    var count = 0
    var isOver = false
  }

  init(_ source: ItemArguments.Source) {
    self.source = source
  }

  /// How much of the items was read, 0 to 1; nil where that is not known.
  var fraction: Double? { state.withLock(\.fraction) }
  /// How many were read.
  var count: Int { state.withLock(\.count) }
  /// Whether there are no more.
  var isOver: Bool { state.withLock(\.isOver) }

  /// Runs the pipeline over the items.
  func run(
    _ pipeline: Pipeline, into folder: String, options: RunOptions, _ printer: RunPrinter
  ) async throws -> RunSummary {
    let items = source.makeIterator()
    let entries = AnySequence {
      AnyIterator { [self] in
        let entry = items.next()
        let fraction = source.fraction()
        state.withLock { state in
          state.fraction = fraction
          if entry == nil { state.isOver = true } else { state.count += 1 }
        }
        return entry
      }
    }
    return try await pipeline.run(
      entries: entries, into: folder, options: options, observe: { printer.observe($0) },
      receive: { _ in })
  }
}
