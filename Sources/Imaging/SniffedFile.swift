import Core
import Glibc
import Processing

/// A file of any kind, known by its first bytes and not by its name: the one look that every reader of
/// pictures, animations and videos begins with.
package struct SniffedFile: Sendable {
  /// The absolute path.
  package let path: String
  /// The last part of the path, for messages.
  package let name: String
  /// The length in bytes; 0 for what is no regular file.
  package let size: Int64
  /// The format by content; nil for one that Swapline does not know.
  package let format: MediaFormat?
  /// The first bytes, as many as there are up to 1024.
  package let head: [UInt8]
  /// What is there instead of a regular file, in words; nil for a regular file.
  let otherKind: String?
  /// Why the first bytes could not be read, by the system's number; nil where they were.
  let failure: Int32?

  /// Looks at the file without decoding anything. Throws where it cannot be opened.
  package init(_ path: String) throws(SwaplineError) {
    self.path = path
    name = Reason.name(path.split(separator: "/").last.map(String.init) ?? path)
    // Not blocking, so that a named pipe cannot hold the worker.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileDigest.unreadable(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileDigest.unreadable(path, errno) }
    let kind = status.st_mode & S_IFMT
    otherKind = kind == S_IFREG ? nil : kind == S_IFDIR ? "a folder" : "not a regular file"
    size = kind == S_IFREG ? Int64(status.st_size) : 0
    var head = [UInt8](repeating: 0, count: 1024)
    let count = read(descriptor, &head, head.count)
    failure = count < 0 ? errno : nil
    head.removeSubrange(max(0, count)...)
    self.head = head
    format = MediaFormat.sniff(Array(head.prefix(MediaFormat.signatureLength)))
  }

  /// Whether it is a video.
  package var isVideo: Bool { format?.kinds.contains(.video) == true }

  /// Whether it may be an animation.
  package var mayMove: Bool { format?.kinds.contains(.animation) == true }

  /// The SHA-256 of the bytes.
  package func digest(_ cancellation: Cancellation) throws -> Digest {
    try FileDigest.of(path, cancellation)
  }
}
