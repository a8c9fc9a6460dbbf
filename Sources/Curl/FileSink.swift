import Glibc

/// Writes the body of a successful answer into a file, behind what is kept of an earlier try.
final class FileSink: BodySink {
  /// How much of an unsuccessful answer's body is kept.
  static let errorBodyLimit = 65_536

  private let descriptor: Int32
  private let limit: Int64
  private let kept: PartialDownload?
  private let progress: (@Sendable (PartialDownload) -> Void)?

  /// What stands in the file now.
  private(set) var partial: PartialDownload
  /// The bytes of an earlier try that this answer goes on behind.
  private(set) var resumedFrom: Int64 = 0
  /// The start of an unsuccessful answer's body.
  private(set) var errorBody: [UInt8] = []
  /// Whether the server says that the file was complete already.
  private(set) var wasComplete = false
  private var isWriting = false

  /// Opens or makes the file; `kept` is what an earlier try left in it.
  init(
    path: String, limit: Int64, resuming kept: PartialDownload?,
    progress: (@Sendable (PartialDownload) -> Void)?
  ) throws(CurlError) {
    let opened = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0o644)
    guard opened >= 0 else { throw .cannotWrite(errno, requestSent: false) }
    descriptor = opened
    self.limit = limit
    self.progress = progress
    let length = Int64(lseek(opened, 0, SEEK_END))
    let isUsable = kept.map { $0.received > 0 && $0.received <= length && $0.validator != nil }
    self.kept = isUsable == true ? kept : nil
    partial = self.kept ?? PartialDownload()
  }

  deinit {
    close(descriptor)
  }

  /// The header fields that ask for the rest only.
  var conditions: HTTPHeaders {
    guard let kept, let validator = kept.validator else { return [:] }
    return ["Range": "bytes=\(kept.received)-", "If-Range": validator]
  }

  func begin(_ head: ResponseHead, hasBody: Bool) throws(CurlError) {
    isWriting = false
    errorBody = []
    let range = head.headers["Content-Range"].flatMap { ContentRange($0) }
    switch head.status {
    case 206:
      guard let kept, let range, range.start == kept.received else {
        throw CurlError(
          .other, "The server sent another part of the file than was asked for.",
          requestSent: true)
      }
      try start(at: kept.received, total: range.total, head)
    case 200..<300:
      try start(at: 0, total: head.headers.contentLength, head)
    case 416 where kept != nil && range?.total == kept?.received:
      wasComplete = true
      resumedFrom = partial.received
      partial.total = partial.received
    default: break
    }
  }

  private func start(at offset: Int64, total: Int64?, _ head: ResponseHead) throws(CurlError) {
    let length = total ?? head.headers.contentLength.map { $0 + offset }
    if let length, length > limit { throw .tooLarge(length, limit: limit) }
    guard ftruncate(descriptor, Int(offset)) == 0, lseek(descriptor, Int(offset), SEEK_SET) >= 0
    else { throw .cannotWrite(errno, requestSent: true) }
    isWriting = true
    resumedFrom = offset
    let tag = head.headers["ETag"]
    partial = PartialDownload(
      received: offset, total: length, entityTag: tag?.hasPrefix("\"") == true ? tag : nil,
      lastModified: head.headers["Last-Modified"])
    progress?(partial)
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(CurlError) {
    guard isWriting else {
      errorBody.append(contentsOf: bytes.prefix(Self.errorBodyLimit - errorBody.count))
      return
    }
    guard partial.received + Int64(bytes.count) <= limit else {
      throw .tooLarge(nil, limit: limit)
    }
    var rest = bytes
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw .cannotWrite(errno, requestSent: true)
      }
      partial.received += Int64(count)
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    progress?(partial)
  }
}

/// `Content-Range: bytes 10-99/100` or `bytes */100` (RFC 9110, section 14.4).
struct ContentRange: Equatable {
  var start: Int64?
  var total: Int64?

  init?(_ text: String) {
    guard text.lowercased().hasPrefix("bytes ") else { return nil }
    let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    total = Int64(parts[1])
    guard parts[0] != "*" else { return }
    guard let start = Int64(parts[0].prefix { $0 != "-" }) else { return nil }
    self.start = start
  }
}

extension CurlError {
  static func cannotWrite(_ number: Int32, requestSent: Bool) -> CurlError {
    CurlError(
      .writeFailed, "The file cannot be written: \(String(cString: strerror(number))).",
      requestSent: requestSent)
  }
}
