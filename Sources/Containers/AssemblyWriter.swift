import Core
import Glibc

extension Assembly {
  /// Writes the file to `path`, in pieces, and syncs it. `check` stops it by throwing.
  func write(of source: FileBytes, to path: String, check: () throws -> Void) throws {
    let target = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard target >= 0 else { throw failure(errno) }
    defer { close(target) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    for piece in pieces {
      try check()
      switch piece {
      case .bytes(let bytes):
        try bytes.withUnsafeBytes { try writeAll($0, to: target) }
      case .zeros(let count):
        // Not a hole: what reads the copy shall not depend on the file system.
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        var left = count
        while left > 0 {
          try check()
          let part = Int(min(left, Int64(buffer.count)))
          try writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<part]), to: target)
          left -= Int64(part)
        }
      case .copy(let range):
        try copy(range, of: source, to: target, buffer, check)
      }
    }
    guard fsync(target) == 0 else { throw failure(errno) }
  }

  private func copy(
    _ range: Range<Int64>, of source: FileBytes, to target: Int32,
    _ buffer: UnsafeMutableRawBufferPointer, _ check: () throws -> Void
  ) throws {
    var place = range.lowerBound
    while place < range.upperBound {
      try check()
      let wanted = Int(min(range.upperBound - place, Int64(buffer.count)))
      let count = pread(
        source.descriptor, buffer.baseAddress, wanted, Int(place))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure(count == 0 ? EIO : errno) }
      try writeAll(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: target)
      place += Int64(count)
    }
  }

  private func writeAll(_ bytes: UnsafeRawBufferPointer, to target: Int32) throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = Glibc.write(target, rest.baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure(errno) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  private func failure(_ code: Int32) -> SwaplineError {
    SwaplineError(
      .storage, "A file could not be written: \(String(cString: strerror(code))).",
      hint: code == ENOSPC ? "Free some space there, or choose another folder." : "Check the disk.")
  }
}
