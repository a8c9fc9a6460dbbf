import Glibc

/// Writes the body of a successful answer into a file, behind what is kept of an earlier try.
final class FileSink: BodySink {
  /// How much of an unsuccessful answer's body is kept.
  static let errorBodyLimit = 65_536

  private let descriptor: Int32
  private let limit: Int64
  private let kept: PartialDownload?
  private let progress: (@Sendable (PartialDownload) -> Void)?

  /// What an answer means for the file.
  enum Verdict: Equatable {
    /// The file is whole once the body has come.
    case whole
    /// The file is a part, from its first byte on.
    case part
    /// The answer gives no file: an error, or nothing yet. What was kept still stands.
    case nothing
    /// The answer cannot be put together with what is kept, or with anything.
    case unusable
  }

  /// What the last answer means; nil before one came.
  private(set) var verdict: Verdict?
  /// What stands in the file now; nothing while an answer that asks for all of it has not begun.
  private(set) var partial: PartialDownload
  /// The bytes of an earlier try that this answer goes on behind.
  private(set) var resumedFrom: Int64 = 0
  /// The start of an unsuccessful answer's body.
  private(set) var errorBody: [UInt8] = []
  /// Whether the server says that the file was complete already.
  private(set) var wasComplete = false
  /// The first two bytes of the body, which tell compressed data.
  private(set) var signature: [UInt8] = []
  /// Whether anything was written or cut away.
  private(set) var isTouched = false
  private var isWriting = false
  /// Where a part ends for which the server named the end; nil where it may go on.
  private var end: Int64?

  /// Opens or makes the file; `kept` is what an earlier try left in it. Within one download a part may
  /// be gone on with although nothing tells its version: `isTrusted`.
  init(
    path: String, limit: Int64, resuming kept: PartialDownload?, isTrusted: Bool = false,
    progress: (@Sendable (PartialDownload) -> Void)?
  ) throws(CurlError) {
    let opened = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0o600)
    guard opened >= 0 else { throw .cannotWrite(errno, requestSent: false) }
    descriptor = opened
    self.limit = limit
    self.progress = progress
    let length = Int64(lseek(opened, 0, SEEK_END))
    let isUsable = kept.map {
      $0.received > 0 && $0.received <= length && (isTrusted || $0.validator != nil)
    }
    self.kept = isUsable == true ? kept : nil
    partial = self.kept ?? PartialDownload()
  }

  deinit {
    close(descriptor)
  }

  /// Whether only the rest is asked for.
  var isResuming: Bool { kept != nil }

  /// The header fields that ask for the rest only.
  var conditions: HTTPHeaders {
    guard let kept else { return [:] }
    var fields: HTTPHeaders = ["Range": "bytes=\(kept.received)-"]
    fields["If-Range"] = kept.validator
    return fields
  }

  func begin(_ head: ResponseHead, hasBody: Bool) throws(CurlError) {
    (isWriting, errorBody, signature, end) = (false, [], [], nil)
    let length = head.isEncoded ? nil : head.headers.contentLength
    switch head.status {
    case 206: try beginPart(head, length)
    // Taken but not done, and nothing to give.
    case 202, 204, 205: verdict = .nothing
    case 200..<300:
      verdict = .whole
      try start(at: 0, total: length, head)
    case 416:
      verdict = .nothing
      guard let kept, let total = head.contentRange?.total else { return }
      if total == kept.received {
        (wasComplete, resumedFrom, verdict) = (true, kept.received, .whole)
        partial.total = kept.received
      }
    default: verdict = .nothing
    }
  }

  private func beginPart(_ head: ResponseHead, _ length: Int64?) throws(CurlError) {
    let range = head.contentRange
    if head.isMultipart { throw unusable("several parts of the file at once") }
    guard let bytes = range?.bytes else {
      // Unasked and without a word about which part it is: nothing is said against its being all.
      guard kept == nil else { throw unusable("a part of the file without saying which") }
      verdict = .whole
      return try start(at: 0, total: length, head)
    }
    let named = "bytes \(bytes.lowerBound) to \(bytes.upperBound)"
    let isConsistent = length == nil || length == bytes.upperBound - bytes.lowerBound + 1
    let isLast = range?.total == bytes.upperBound + 1
    if bytes.lowerBound == 0 {
      if head.isEncoded, !isLast { throw unusable(named) }
      guard isConsistent || kept == nil else { throw unusable(named) }
      // Where the two contradict each other, the length counts: it is what comes.
      let total = isConsistent ? range?.total : length
      verdict = isLast || !isConsistent ? .whole : .part
      end = verdict == .part ? bytes.upperBound + 1 : nil
      return try start(at: 0, total: total, head)
    }
    guard let kept, bytes.lowerBound == kept.received, isConsistent, !head.isEncoded,
      head.isSameVersion(as: kept)
    else { throw unusable(named) }
    verdict = isLast ? .whole : .part
    end = bytes.upperBound + 1
    try start(at: kept.received, total: range?.total, head)
  }

  private func unusable(_ what: String) -> CurlError {
    verdict = .unusable
    return CurlError(
      .otherPart,
      "The server sent \(what), although \(kept.map { "byte \($0.received) and on" } ?? "the whole file") "
        + "was asked for.", requestSent: true)
  }

  private func start(at offset: Int64, total: Int64?, _ head: ResponseHead) throws(CurlError) {
    if let total, total > limit { throw .tooLarge(total, limit: limit) }
    isTouched = true
    guard ftruncate(descriptor, Int(offset)) == 0, lseek(descriptor, Int(offset), SEEK_SET) >= 0
    else { throw .cannotWrite(errno, requestSent: true) }
    isWriting = true
    resumedFrom = offset
    partial = PartialDownload(received: offset, total: total)
    // What was compressed on its way cannot be gone on with: the server counts other bytes.
    if !head.isEncoded {
      partial.entityTag = head.strongTag ?? (offset > 0 ? kept?.entityTag : nil)
      partial.lastModified =
        head.headers["Last-Modified"] ?? (offset > 0 ? kept?.lastModified : nil)
    }
    progress?(partial)
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(CurlError) {
    guard isWriting else {
      errorBody.append(contentsOf: bytes.prefix(Self.errorBodyLimit - errorBody.count))
      return
    }
    if resumedFrom > 0, let end, partial.received + Int64(bytes.count) > end {
      throw unusable("more than the part that it named")
    }
    guard partial.received + Int64(bytes.count) <= limit else {
      throw .tooLarge(nil, limit: limit)
    }
    if signature.count < 2 { signature += bytes.prefix(2 - signature.count) }
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

extension ResponseHead {
  fileprivate var contentRange: ContentRange? {
    headers["Content-Range"].flatMap { ContentRange($0) }
  }

  fileprivate var isMultipart: Bool {
    headers["Content-Type"]?.lowercased().hasPrefix("multipart/byteranges") == true
  }

  fileprivate var strongTag: String? {
    headers["ETag"].flatMap { $0.hasPrefix("\"") ? $0 : nil }
  }

  /// Whether the body is written otherwise than the file, such as compressed.
  fileprivate var isEncoded: Bool {
    headers.values(of: "Content-Encoding").contains {
      !$0.isEmpty && !$0.isSameName(as: "identity")
    }
  }

  fileprivate func isSameVersion(as kept: PartialDownload) -> Bool {
    if let tag = kept.entityTag { return strongTag == nil || strongTag == tag }
    guard let date = kept.lastModified, let told = headers["Last-Modified"] else { return true }
    return date == told
  }
}

extension CurlError {
  static func cannotWrite(_ number: Int32, requestSent: Bool) -> CurlError {
    CurlError(
      .writeFailed, "The file cannot be written: \(String(cString: strerror(number))).",
      requestSent: requestSent)
  }
}
