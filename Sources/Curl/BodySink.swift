/// Where the body of an answer goes. Called on the transfer thread, one call at a time.
protocol BodySink: AnyObject {
  /// Takes the head of an answer that is not a redirect to be followed; throwing ends the transfer.
  func begin(_ head: ResponseHead, hasBody: Bool) throws(CurlError)
  /// Takes the next bytes of the body; throwing ends the transfer.
  func write(_ bytes: UnsafeRawBufferPointer) throws(CurlError)
}

/// Keeps the body in memory, up to a limit.
final class MemorySink: BodySink {
  private let limit: Int64
  private(set) var bytes: [UInt8] = []

  init(limit: Int64) {
    self.limit = limit
  }

  func begin(_ head: ResponseHead, hasBody: Bool) throws(CurlError) {
    bytes = []
    guard hasBody, let length = head.headers.contentLength else { return }
    guard length <= limit else { throw .tooLarge(length, limit: limit) }
    bytes.reserveCapacity(Int(min(length, 1 << 20)))
  }

  func write(_ chunk: UnsafeRawBufferPointer) throws(CurlError) {
    guard Int64(bytes.count + chunk.count) <= limit else { throw .tooLarge(nil, limit: limit) }
    bytes.append(contentsOf: chunk)
  }
}

extension CurlError {
  static func tooLarge(_ length: Int64?, limit: Int64) -> CurlError {
    CurlError(
      .tooLarge,
      length.map { "The server announces \($0) bytes, more than the \(limit) allowed." }
        ?? "The server sent more than the \(limit) bytes allowed.",
      requestSent: true)
  }
}
