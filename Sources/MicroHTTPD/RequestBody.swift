import Glibc

/// A request's body: in memory when it is short, else in a file that lives as long as this value.
package struct RequestBody: Sendable {
  /// No bytes.
  package static let empty = RequestBody(bytes: [])

  /// The length in bytes.
  package let count: Int64
  /// The bytes, when they are in memory.
  package let bytes: [UInt8]?
  /// The file, when they are in one.
  package let file: SpooledFile?

  /// A body in memory.
  package init(bytes: [UInt8]) {
    count = Int64(bytes.count)
    self.bytes = bytes
    file = nil
  }

  init(file: SpooledFile, count: Int64) {
    self.count = count
    bytes = nil
    self.file = file
  }

  /// The bytes, read from the file if they are in one; nil when there are more than `limit`, or
  /// when the file cannot be read.
  package func read(limit: Int) -> [UInt8]? {
    guard count <= Int64(limit) else { return nil }
    guard let file else { return bytes }
    let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let wanted = Int(count)
    var isWhole = true
    let content = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
      while filled < wanted {
        let got = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), wanted - filled)
        if got < 0, errno == EINTR { continue }
        guard got > 0 else {
          isWhole = false
          return
        }
        filled += got
      }
    }
    return isWhole ? content : nil
  }
}

/// A temporary file that is removed when nobody holds it any more.
///
/// Who wants to keep it renames it away, or links it, while holding this object.
package final class SpooledFile: Sendable {
  /// Where it is.
  package let path: String

  init(path: String) {
    self.path = path
  }

  deinit {
    unlink(path)
  }
}
