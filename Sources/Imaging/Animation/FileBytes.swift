import Core
import Glibc

/// A file from which a few bytes are read here and there: a walk over the chunks of a large file
/// touches a few of its pages only.
final class FileBytes {
  private let descriptor: Int32

  /// Opens the file at `path`.
  init(_ path: String) throws(SwaplineError) {
    // Non-blocking, so that opening a named pipe cannot block the worker.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw SwaplineError(
        .storage, "\(path) cannot be read: \(String(cString: strerror(errno))).",
        hint: "Check the file's permissions.")
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// `count` bytes from `offset` on; nil where the file ends before.
  func bytes(_ offset: Int, _ count: Int) -> Bytes? {
    var bytes = [UInt8](repeating: 0, count: count)
    guard pread(descriptor, &bytes, count, off_t(offset)) == count else { return nil }
    return Bytes(values: bytes)
  }

  /// A few bytes of a file.
  struct Bytes {
    let values: [UInt8]

    /// Whether the four letters `name` stand at `offset`.
    func `is`(_ name: String, at offset: Int) -> Bool {
      values[offset...].starts(with: name.utf8)
    }

    /// A whole number of `count` bytes, the most significant one first.
    func big(_ offset: Int, _ count: Int) -> Int {
      values[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
    }

    /// A whole number of `count` bytes, the least significant one first.
    func little(_ offset: Int, _ count: Int) -> Int {
      values[offset..<offset + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
  }
}
