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
