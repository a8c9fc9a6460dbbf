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
