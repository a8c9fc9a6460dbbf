import Cancelling

extension Cancellation {
  func check(_ operation: String) throws(AVError) {
    guard isCancelled else { return }
    throw AVError(.interrupted, operation: operation, detail: "interrupted")
  }
}

/// Called by libavformat while it waits for the disk.
func stopsWhenCancelled(_ data: UnsafeMutableRawPointer?) -> Int32 {
  guard let data else { return 0 }
  return Unmanaged<Cancellation>.fromOpaque(data).takeUnretainedValue().isCancelled ? 1 : 0
}
