import Core
import Glibc
import Processing

/// A file that is to be read, known by its first bytes and not by its name.
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

  /// Looks at the file without decoding anything.
  init(_ path: String, limits: DecodingGuard) throws {
    self.path = path
    name = Reason.name(path.split(separator: "/").last.map(String.init) ?? path)
    // Not blocking, so that a named pipe cannot hold the worker.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileDigest.unreadable(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileDigest.unreadable(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let what = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "not a regular file"
      throw SwaplineError(.usage, "\(name) is \(what).", hint: "Name a picture file.")
    }
    size = Int64(status.st_size)
    guard size <= limits.maximumSize.bytes else {
      throw SwaplineError(
        .limit,
        "\(name) has \(ByteSize(bytes: size)), more than the \(limits.maximumSize) allowed.",
        hint: "Use a smaller file.")
    }
    var head = [UInt8](repeating: 0, count: 1024)
    let count = read(descriptor, &head, head.count)
    guard count >= 0 else { throw FileDigest.unreadable(path, errno) }
    head.removeSubrange(count...)
    guard let format = MediaFormat.sniff(Array(head.prefix(MediaFormat.signatureLength))) else {
      throw Unrecognized(head).error(name: name)
    }
    guard !format.kinds.isDisjoint(with: [.image, .animation]) else {
      throw SwaplineError(
        .unsupported,
        "\(name) is a film (\(format.name)), and this step works on pictures only.",
        hint: "Use a picture, or take a still out of the film with the stage posters first.")
    }
    self.format = format
    self.head = head
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
