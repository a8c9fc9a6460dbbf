import Core
import Glibc
import Hosting
import TestSupport

/// A small PNG-like file in a folder of its own that goes when this goes.
final class Sample: Sendable {
  let bytes: [UInt8]
  let path: String

  init(_ count: Int = 5_000) {
    bytes = [0x89, 0x50, 0x4E, 0x47] + (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    path = TestFolder.unique("hosted")
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    _ = write(descriptor, bytes, bytes.count)
    close(descriptor)
  }

  deinit {
    unlink(path)
  }

  func file(lifetime: TimeSpan = .hours(1)) -> HostedFile {
    HostedFile(
      path: path, format: .png, size: Int64(bytes.count), digest: Digest(of: bytes),
      lifetime: lifetime)
  }
}
