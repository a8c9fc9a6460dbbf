import Curl
import Glibc
import Synchronization
import TestSupport
import Testing

/// A file in a folder of its own that goes when this goes.
final class ScratchFile: Sendable {
  let folder: String
  var path: String { folder + "/file" }

  init(_ bytes: [UInt8]? = nil) {
    folder = TestFolder.unique("curl")
    mkdir(folder, 0o700)
    if let bytes { write(bytes) }
  }

  deinit {
    unlink(path)
    rmdir(folder)
  }

  func write(_ bytes: [UInt8]) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    _ = Glibc.write(descriptor, bytes, bytes.count)
    close(descriptor)
  }

  /// Whether it holds these bytes. A question of yes or no, because working out the difference of
  /// long arrays would take the test longer than its time.
  func holds(_ expected: [UInt8]) -> Bool { bytes == expected }

  var bytes: [UInt8] {
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
      content += buffer.prefix(count)
    }
    return content
  }
}

/// `count` bytes whose period is no multiple of any buffer's size.
func pattern(_ count: Int) -> [UInt8] {
  let block = (0..<4_093).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count + block.count)
  while bytes.count < count { bytes += block }
  return Array(bytes.prefix(count))
}

/// The `CurlError` that `body` throws.
func failure(_ body: () async throws -> Void) async -> CurlError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? CurlError
  }
}

/// A request to this machine.
func local(
  _ method: String = "GET", _ url: String, headers: HTTPHeaders = [:],
  body: HTTPRequest.Body = .none, timeout: Duration = .seconds(10), redirects: Int = 0,
  maximumBytes: Int64 = 10_000_000
) -> HTTPRequest {
  HTTPRequest(
    method, url, headers: headers, body: body, timeout: timeout, maximumRedirects: redirects,
    maximumBytes: maximumBytes, addressPolicy: .publicAndLoopback)
}
