import Core
import Glibc
import Processing

/// A picture file that is to be read.
struct SourceFile {
  /// The absolute path.
  let path: String
  /// The last part of the path, for messages.
  let name: String
  /// The length in bytes.
  let size: Int64
  /// The format by content.
  let format: MediaFormat
  /// The first bytes, as many as there are up to 1024.
  let head: [UInt8]

  /// The picture file at `path`, within `limits`.
  init(_ path: String, limits: DecodingGuard) throws {
    let file = try SniffedFile(path)
    (self.path, name, size, head) = (path, file.name, file.size, file.head)
    if let kind = file.otherKind {
      throw SwaplineError(.usage, "\(name) is \(kind).", hint: "Name a picture file.")
    }
    guard size <= limits.maximumSize.bytes else {
      throw SwaplineError(
        .limit,
        "\(name) has \(ByteSize(bytes: size)), more than the \(limits.maximumSize) allowed.",
        hint: "Use a smaller file.")
    }
    if let failure = file.failure { throw FileDigest.unreadable(path, failure) }
    guard let format = file.format else { throw UnknownFileDiagnosis(head).error(name: name) }
    guard !format.kinds.isDisjoint(with: [.image, .animation]) else {
      throw SwaplineError(
        .unsupported,
        "\(name) is a video (\(format.name)), and this step works on pictures only.",
        hint: "Use a picture, or take a still out of the video with the stage posters first.")
    }
    self.format = format
  }

  /// The SHA-256 of the bytes.
  func digest(_ cancellation: Cancellation) throws -> Digest {
    try FileDigest.of(path, cancellation)
  }

  /// Every byte.
  func bytes() throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileDigest.unreadable(path, errno) }
    defer { close(descriptor) }
    var problem: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, count in
      while count < buffer.count {
        let got = read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
        if got < 0, errno == EINTR { continue }
        if got < 0 { problem = errno }
        guard got > 0 else { return }
        count += got
      }
    }
    guard problem == 0 else { throw FileDigest.unreadable(path, problem) }
    return bytes
  }
}

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
    // Non-blocking, so that opening a named pipe cannot block the worker.
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
