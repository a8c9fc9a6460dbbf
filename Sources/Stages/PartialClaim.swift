import Synchronization

/// Keeps two transfers of one address, such as two items' under different limits, from writing into
/// the same resumable file. Who comes second takes a file of its own.
final class PartialClaim: Sendable {
  // Only this process works in a run's folder, so its own memory is enough.
  private static let taken = Mutex<Set<String>>([])

  private let path: String

  /// Takes the file at `path` until the claim is gone; nil when somebody has it.
  init?(_ path: String) {
    guard Self.taken.withLock({ $0.insert(path).inserted }) else { return nil }
    self.path = path
  }

  deinit {
    _ = Self.taken.withLock { $0.remove(path) }
  }
}
