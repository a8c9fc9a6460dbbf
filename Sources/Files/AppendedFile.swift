import Core
import Glibc

/// A file that is written piece by piece and gets its name only when it is whole.
public final class AppendedFile {
  private let path: String
  private var file: Int32
  private var waiting: [UInt8] = []

  /// Begins a file at a temporary `path`.
  public init(_ path: String) throws(SwaplineError) {
    self.path = path
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, PrivateFiles.file)
    guard file >= 0 else { throw FileSystem.failure("write", path) }
    self.file = file
  }

  deinit {
    guard file >= 0 else { return }
    close(file)
    unlink(path)
  }

  /// Adds text.
  public func append(_ text: String) throws(SwaplineError) {
    waiting += text.utf8
    if waiting.count > 1 << 20 { try flush() }
  }

  /// Adds what stands in the file at `path`, piece by piece, and an end of line where its last line has none; a
  /// file that is not there adds nothing.
  package func append(linesOf path: String) throws(SwaplineError) {
    let source = open(path, O_RDONLY | O_CLOEXEC)
    guard source >= 0 else {
      guard errno != ENOENT else { return }
      throw FileSystem.failure("read", path)
    }
    defer { close(source) }
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var last: UInt8 = 0x0A
    while true {
      let count = Glibc.read(source, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileSystem.failure("read", path) }
      guard count > 0 else { break }
      waiting += chunk[..<count]
      last = chunk[count - 1]
      if waiting.count > 1 << 20 { try flush() }
    }
    if last != 0x0A { waiting.append(0x0A) }
  }

  /// Whether anything was added.
  package var isEmpty: Bool { waiting.isEmpty && lseek(file, 0, SEEK_CUR) == 0 }

  /// Ends the file and gives it its name.
  public func finish(as target: String) throws(SwaplineError) {
    try flush()
    guard fsync(file) == 0 else { throw FileSystem.failure("write", path) }
    close(file)
    file = -1
    try FileSystem.move(path, to: target)
  }

  private func flush() throws(SwaplineError) {
    try FileSystem.writeAll(waiting, to: file, path: path)
    waiting = []
  }
}
