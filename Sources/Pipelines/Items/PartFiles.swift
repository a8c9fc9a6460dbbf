import Core
import Files
import Glibc

/// Many files that are written at the same time, of which one is open at a time: what is meant for the
/// others waits in memory, 24 MB in all.
final class PartFiles {
  private static let memory = 24 << 20

  private let paths: [String]
  private let most: Int
  private var waiting: [[UInt8]]

  /// Files at `paths`, which must not be there, each beginning with `header`.
  init(_ paths: [String], header: [UInt8]) throws(SwaplineError) {
    self.paths = paths
    most = max(512, Self.memory / max(1, paths.count))
    waiting = Array(repeating: [], count: paths.count)
    for index in paths.indices {
      waiting[index] = header
      try write(index)
    }
  }

  /// Adds bytes to a file.
  func append(_ bytes: [UInt8], to index: Int) throws(SwaplineError) {
    if waiting[index].count + bytes.count > most { try write(index) }
    if waiting[index].isEmpty { waiting[index].reserveCapacity(min(most, 4_096)) }
    waiting[index].append(contentsOf: bytes)
  }

  /// Writes what waits, and returns when all of it is on the disk.
  func finish() throws(SwaplineError) {
    for index in paths.indices where !waiting[index].isEmpty { try write(index) }
    for path in paths {
      let file = open(path, O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { throw FileSystem.failure("write", path) }
      defer { close(file) }
      guard fdatasync(file) == 0 else { throw FileSystem.failure("write", path) }
    }
  }

  private func write(_ index: Int) throws(SwaplineError) {
    let path = paths[index]
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, PrivateFiles.file)
    guard file >= 0 else { throw FileSystem.failure("write", path) }
    defer { close(file) }
    try FileSystem.writeAll(waiting[index], to: file, path: path)
    // The memory of a part that is full is another's soon.
    waiting[index].removeAll(keepingCapacity: true)
  }
}
