import Core
import Glibc

/// The digest of a file, read in pieces.
public enum FileDigest {
  /// The SHA-256 of the bytes at `path`. Throws `SwaplineError`, or `CancellationError` when it was
  /// stopped between two pieces.
  public static func of(_ path: String, _ cancellation: Cancellation) throws -> Digest {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path, errno) }
    defer { close(descriptor) }
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { piece.deallocate() }
    var digester = Digester()
    while true {
      try cancellation.check()
      let count = read(descriptor, piece.baseAddress, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(path, errno) }
      if count == 0 { return digester.finish() }
      digester.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
    }
  }

  /// Why a file could not be read, by the number that the system gave.
  public static func unreadable(_ path: String, _ code: Int32) -> SwaplineError {
    guard code == ENOENT || code == ENOTDIR else {
      return SwaplineError(
        .storage, "\(path) cannot be read: \(String(cString: strerror(code))).",
        hint: "Check the file's permissions.")
    }
    return SwaplineError(.notFound, "There is no file \(path).", hint: "Check the path.")
  }
}
