import Glibc

/// The bytes to send, read as libcurl asks for them, and again from the start when it must.
final class UploadSource {
  private let bytes: [UInt8]
  private let descriptor: Int32
  private var offset: Int64 = 0
  /// How many bytes there are; nil for a request without a body.
  let length: Int64?

  init(_ body: HTTPRequest.Body) throws(CurlError) {
    switch body {
    case .none:
      (bytes, descriptor, length) = ([], -1, nil)
    case .form(_, let path, _, _):
      guard access(path, R_OK) == 0 else { throw .cannotRead(errno) }
      // libcurl reads it by itself.
      (bytes, descriptor, length) = ([], -1, nil)
    case .bytes(let content):
      (bytes, descriptor, length) = (content, -1, Int64(content.count))
    case .file(let path):
      let opened = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
      var facts = stat()
      guard opened >= 0 else { throw .cannotRead(errno) }
      guard fstat(opened, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
        close(opened)
        throw CurlError(.readFailed, "What should be sent is not a regular file.")
      }
      (bytes, descriptor, length) = ([], opened, Int64(facts.st_size))
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Starts again at `offset`; false when that is not within the body.
  func seek(to offset: Int64) -> Bool {
    guard (0...(length ?? 0)).contains(offset) else { return false }
    self.offset = offset
    return true
  }

  /// Copies the next bytes; zero at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(CurlError) -> Int {
    let wanted = Int(min(Int64(buffer.count), (length ?? 0) - offset))
    guard wanted > 0 else { return 0 }
    if descriptor < 0 {
      let start = Int(offset)
      buffer.copyBytes(from: bytes[start..<start + wanted])
      offset += Int64(wanted)
      return wanted
    }
    while true {
      let count = pread(descriptor, buffer.baseAddress, wanted, Int(offset))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .cannotRead(errno) }
      guard count > 0 else {
        throw CurlError(.readFailed, "The file became shorter while it was sent.")
      }
      offset += Int64(count)
      return count
    }
  }
}

extension CurlError {
  static func cannotRead(_ number: Int32) -> CurlError {
    CurlError(
      .readFailed, "The file to send cannot be read: \(String(cString: strerror(number))).")
  }
}
