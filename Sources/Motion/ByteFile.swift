import Core
import Files
import Glibc
import Processing

/// A file that grows, and gets its name only when it is whole.
final class ByteFile {
  private let output: String
  private let partial: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  /// How many bytes were written so far.
  private(set) var count = 0

  /// A file that will be at `output`; `base` is the name that the request gave, where `output` has
  /// an extension added to it.
  init(_ output: String, base: String? = nil) throws(SwaplineError) {
    self.output = output
    partial = PartialFile.path(for: base ?? output, process: getpid())
    descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, PrivateFiles.file)
    guard descriptor >= 0 else { throw PartialFile.failure(errno, output) }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(partial)
  }

  /// Appends bytes.
  func write(_ bytes: [UInt8]) throws(SwaplineError) {
    buffer += bytes
    count += bytes.count
    if buffer.count >= 1 << 20 { try flush() }
  }

  /// Puts `bytes` in the place of those written at `offset`.
  func replace(_ bytes: [UInt8], at offset: Int) throws(SwaplineError) {
    try flush()
    let count = bytes.withUnsafeBytes {
      pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset))
    }
    guard count == bytes.count else { throw PartialFile.failure(errno, output) }
  }

  /// Writes what is left, syncs, and puts the file in its place.
  func finish() throws {
    try flush()
    guard fsync(descriptor) == 0, close(descriptor) == 0 else {
      throw PartialFile.failure(errno, output)
    }
    descriptor = -1
    guard rename(partial, output) == 0 else { throw PartialFile.failure(errno, output) }
    try PartialFile.syncFolder(of: output)
  }

  private func flush() throws(SwaplineError) {
    var offset = 0
    while offset < buffer.count {
      let count = buffer.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress?.advanced(by: offset), $0.count - offset)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw PartialFile.failure(errno, output) }
      offset += count
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
