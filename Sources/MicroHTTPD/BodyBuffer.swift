import Glibc

/// Takes a body as it arrives: into memory first, into a file from `threshold` bytes on.
///
/// Used on the server's thread only.
final class BodyBuffer {
  private let folder: String
  private let threshold: Int
  private var bytes: [UInt8] = []
  private var descriptor: Int32 = -1
  private var file: SpooledFile?
  private(set) var count: Int64 = 0
  /// Whether bytes were lost because the file could not be written.
  private(set) var hasFailed = false

  init(folder: String, threshold: Int) {
    self.folder = folder
    self.threshold = threshold
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  func append(_ chunk: UnsafeRawBufferPointer) {
    count += Int64(chunk.count)
    guard !hasFailed else { return }
    if file == nil, count <= Int64(threshold) {
      bytes.append(contentsOf: chunk)
      return
    }
    if file == nil {
      openFile()
      bytes.withUnsafeBytes { write($0) }
      bytes = []
    }
    write(chunk)
  }

  /// Gives up what has arrived: it will not be used.
  func discard() {
    bytes = []
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    file = nil
  }

  /// The whole body; nil when it could not be kept.
  func finish() -> RequestBody? {
    guard !hasFailed else { return nil }
    guard let file else { return RequestBody(bytes: bytes) }
    return RequestBody(file: file, count: count)
  }

  private func openFile() {
    let name = UInt64.random(in: .min ... .max)
    let path = "\(folder)/swapline-upload-\(String(name, radix: 36))"
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      hasFailed = true
      return
    }
    file = SpooledFile(path: path)
  }

  private func write(_ chunk: UnsafeRawBufferPointer) {
    var rest = chunk
    while !rest.isEmpty, !hasFailed {
      let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if written >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      } else if errno != EINTR {
        hasFailed = true
      }
    }
  }
}
