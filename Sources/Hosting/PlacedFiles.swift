import Core
import Synchronization

/// The random names of what a run put into a storage, to be removed at its end. A million take some
/// tens of megabytes.
final class PlacedFiles: Sendable {
  /// An unguessable name with an extension.
  struct Name: Sendable, Hashable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64
    private let ending: String

    /// A new name for a file of this format.
    init(_ format: MediaFormat) {
      var generator = SystemRandomNumberGenerator()
      (high, low, ending) = (generator.next(), generator.next(), format.name)
    }

    var description: String {
      [high, low].map { number in
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
      }.joined() + ".\(ending)"
    }
  }

  private let names = Mutex<[Name]>([])

  /// Notes a name before anything is put there: what comes of it may never be known.
  func add(_ name: Name) {
    names.withLock { $0.append(name) }
  }

  /// Gives every name, once.
  func take() -> [Name] {
    names.withLock { names in
      defer { names = [] }
      return names
    }
  }
}
