import Core
import Files
import Ledgers
import Processing
import Synchronization

/// What a stage may use: the work folder, the media service, the ledger, and whatever the library's
/// face has put at hand for the stages of this run.
public struct StageContext: Sendable {
  /// Where the run's files lie.
  public let folder: RunFolder
  /// Does media work.
  public let media: any MediaService
  /// The record of paid submissions.
  public let ledger: Ledger
  /// What the stages of this run share.
  public let resources: Resources
  /// The name of the stage at work.
  public let stage: String
  /// The item at work.
  public let item: String
  /// Whether and how the run is to stop.
  public let control: RunControl
  /// Tells whoever watches the run what happens.
  package let report: @Sendable (RunEvent.Kind) -> Void
  private let noted = StageNote()

  package init(
    folder: RunFolder, media: any MediaService, ledger: Ledger, resources: Resources,
    stage: String, item: String, control: RunControl,
    report: @escaping @Sendable (RunEvent.Kind) -> Void
  ) {
    self.folder = folder
    self.media = media
    self.ledger = ledger
    self.resources = resources
    self.stage = stage
    self.item = item
    self.control = control
    self.report = report
  }

  /// Says in a few words what the stage did, for the item's record; the last one said stands.
  public func note(_ text: String) {
    noted.text.withLock { $0 = text }
  }

  /// What the stage said of its work; nil when it said nothing.
  package var note: String? { noted.text.withLock(\.self) }

  /// Tells whoever watches the run how far the stage is, in a few words.
  public func progress(_ text: String) {
    report(.progress(text))
  }

  /// Tells whoever watches the run what became of a task at the provider.
  public func task(_ name: String, _ step: RunEvent.TaskStep) {
    report(.task(name, step))
  }
}

extension StageContext {
  /// Runs `body` so that media work of more than half a second tells how far it is.
  package func reporting<Result: Sendable>(_ body: () async throws -> Result) async rethrows
    -> Result
  {
    let listener = MediaProgress.Listener { [report] share in
      report(.progress("\(Int((share * 100).rounded())) %"))
    }
    return try await MediaProgress.$listener.withValue(listener) { try await body() }
  }
}

/// What one stage says of its work on one item.
private final class StageNote: Sendable {
  let text = Mutex<String?>(nil)
}

/// Names one thing that stages share.
public protocol ResourceKey {
  /// The type of the thing.
  associatedtype Value: Sendable
}

/// What the stages of a run share, by key: an HTTP client, hosts, providers.
public struct Resources: Sendable {
  private var values: [ObjectIdentifier: any Sendable] = [:]

  /// Nothing yet.
  public init() {}

  /// What is at hand for `key`; nil when nothing was put there.
  public subscript<Key: ResourceKey>(key: Key.Type) -> Key.Value? {
    get { values[ObjectIdentifier(key)] as? Key.Value }
    set { values[ObjectIdentifier(key)] = newValue }
  }

  /// What is at hand for `key`; throws what is missing.
  public func require<Key: ResourceKey>(_ key: Key.Type) throws(SwaplineError) -> Key.Value {
    guard let value = self[key] else {
      throw SwaplineError(
        .internal, "The run was started without \(Key.Value.self).",
        hint: "Start it through Swapline's own runtime, or put one into its resources.")
    }
    return value
  }
}
