import Cancelling

extension Cancellation {
  func check(_ operation: String) throws(AVError) {
    guard isCancelled else { return }
    throw AVError(.interrupted, operation: operation, detail: "interrupted")
  }
}

/// What libavformat asks whether to stop. It keeps the address, and the cancellation changes with the file's owner.
final class Watch {
  var cancellation: Cancellation

  init(_ cancellation: Cancellation) {
    self.cancellation = cancellation
  }
}

/// Called by libavformat while it waits for the disk.
func stopsWhenCancelled(_ data: UnsafeMutableRawPointer?) -> Int32 {
  guard let data else { return 0 }
  return Unmanaged<Watch>.fromOpaque(data).takeUnretainedValue().cancellation.isCancelled ? 1 : 0
}
