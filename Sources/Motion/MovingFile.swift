import Core
import Glibc
import Processing

/// A film or animation that is to be read, known by its first bytes and not by its name.
struct MovingFile {
  /// The absolute path.
  let path: String
  /// The last part of the path, for messages.
  let name: String
  /// The length in bytes.
  let size: Int64
  /// The format by content; nil for one that Swapline does not know.
  let format: MediaFormat?

  /// Looks at the file without decoding anything.
  init(_ path: String) throws(SwaplineError) {
    self.path = path
    name = path.split(separator: "/").last.map(String.init) ?? path
    // Not blocking, so that a named pipe cannot hold the worker.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileDigest.unreadable(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileDigest.unreadable(path, errno) }
    size = status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : 0
    var head = [UInt8](repeating: 0, count: MediaFormat.signatureLength)
    let count = read(descriptor, &head, head.count)
    format = MediaFormat.sniff(Array(head.prefix(max(0, count))))
  }

  /// The SHA-256 of the bytes.
  func digest(_ cancellation: Cancellation) throws -> Digest {
    try FileDigest.of(path, cancellation)
  }
}
