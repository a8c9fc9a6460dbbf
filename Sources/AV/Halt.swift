import Synchronization

/// Stops reading, decoding and encoding that began with it, from any thread.
public final class Halt: Sendable {
  private let flag = Atomic(false)

  /// A stop that nobody has asked for yet.
  public init() {}

  /// Stops running work at its next packet or frame, and every later one at once.
  public func stop() { flag.store(true, ordering: .relaxed) }

  /// Whether `stop` was called.
  public var isStopped: Bool { flag.load(ordering: .relaxed) }

  func check(_ operation: String) throws(AVError) {
    guard isStopped else { return }
    throw AVError(.interrupted, operation: operation, detail: "interrupted")
  }
}

/// Called by libavformat while it waits for the disk.
func stopsWhenAsked(_ data: UnsafeMutableRawPointer?) -> Int32 {
  guard let data else { return 0 }
  return Unmanaged<Halt>.fromOpaque(data).takeUnretainedValue().isStopped ? 1 : 0
}
