import CCurl
import Glibc
import Synchronization

/// How one exchange with a server ended well.
struct TransferOutcome: Sendable {
  var head: ResponseHead
  /// Where a redirect leads, absolute; nil when the answer is none.
  var redirect: String?
}

/// One exchange with a server: the request, the state of its callbacks, and who waits for it.
///
/// `@unchecked Sendable`: it is made by the task that waits, and handed through the loop's mutex to
/// the transfer thread, which alone touches it (C callbacks run there too) until it resumes the
/// continuation. Only `ticket`, which has a mutex of its own, is used by others.
final class Transfer: @unchecked Sendable {
  /// The longest header that is taken, in bytes; libcurl itself limits only one line.
  private static let headerLimit = 262_144

  let request: HTTPRequest
  let address: WebAddress
  let sink: any BodySink
  let timeout: Duration?
  let ticket: Ticket
  private let continuation: CheckedContinuation<TransferOutcome, any Error>

  let upload: UploadSource
  private(set) var head = ResponseHead()
  private var headerBytes = 0
  private var hasBegun = false
  private var bodyBytes: Int64 = 0
  private let started = ContinuousClock.now
  /// Whether libcurl said that it is about to send the request.
  private var isSending = false
  private var refusedAddress: IPAddress?
  private var openedSocket = false
  /// What a callback found before it ended the transfer.
  private var failure: CurlError?

  init(
    _ request: HTTPRequest, to address: WebAddress, upload: UploadSource, sink: any BodySink,
    timeout: Duration?, ticket: Ticket,
    continuation: CheckedContinuation<TransferOutcome, any Error>
  ) {
    self.request = request
    self.address = address
    self.upload = upload
    self.sink = sink
    self.timeout = timeout
    self.ticket = ticket
    self.continuation = continuation
  }

  func finish(_ result: Result<TransferOutcome, any Error>) {
    continuation.resume(with: result)
  }

  func finish(redirect: String?) {
    do throws(CurlError) {
      // libcurl takes a header that ends in the middle of a line for a whole answer.
      guard hasBegun else { throw error(for: CURLE_PARTIAL_FILE) }
      finish(.success(TransferOutcome(head: head, redirect: head.isRedirect ? redirect : nil)))
    } catch {
      finish(.failure(error))
    }
  }

  // MARK: Called by libcurl

  /// Takes one header line; false ends the transfer.
  func take(headerLine line: UnsafeRawBufferPointer) -> Bool {
    headerBytes += line.count
    guard headerBytes <= Self.headerLimit else {
      return fail(CurlError(.tooLarge, "The answer's header is too long."))
    }
    // Behind the body come trailers, which say nothing that is used.
    guard !hasBegun else { return true }
    let text = String(decoding: line, as: UTF8.self)
    if text.hasPrefix("HTTP/") {
      let status = text.split(separator: " ", maxSplits: 2).dropFirst().first
      head = ResponseHead(status: status.flatMap { Int($0.prefix(3)) } ?? 0)
    } else if let colon = text.firstIndex(of: ":") {
      let value = text[text.index(after: colon)...].trimmed
      head.headers.add(String(text[..<colon]), value)
    } else if text.trimmed.isEmpty, head.status >= 200 {
      return attempt { () throws(CurlError) in try begin() }
    }
    return true
  }

  /// Takes a piece of the body; false ends the transfer.
  func take(body bytes: UnsafeRawBufferPointer) -> Bool {
    bodyBytes += Int64(bytes.count)
    if isFollowing {
      guard bodyBytes <= request.maximumBytes else {
        return fail(.tooLarge(nil, limit: request.maximumBytes))
      }
      return true
    }
    return attempt { () throws(CurlError) in try sink.write(bytes) }
  }

  /// Whether a connection to `socketAddress` may be opened.
  func mayConnect(to socketAddress: UnsafePointer<sockaddr>, policy: AddressPolicy) -> Bool {
    guard let ip = IPAddress(socketAddress), policy.allows(ip) else {
      refusedAddress = IPAddress(socketAddress)
      return false
    }
    openedSocket = true
    return true
  }

  /// Whether the request may go out over a connection to `ip`, which may be one that an earlier
  /// request with another policy opened.
  func maySend(to ip: String, policy: AddressPolicy) -> Bool {
    guard policy == .any || IPAddress(ip).map(policy.allows) == true else {
      refusedAddress = IPAddress(ip)
      openedSocket = false
      return false
    }
    isSending = true
    return true
  }

  /// The next bytes of the body to send; nil ends the transfer.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    do throws(CurlError) {
      return try upload.read(into: buffer)
    } catch {
      _ = fail(error)
      return nil
    }
  }

  // MARK: Outcome

  /// The error for libcurl's `code`.
  func error(for code: CURLcode) -> CurlError {
    var error = failure ?? classify(code)
    error.requestSent = isSending
    return error
  }

  private func classify(_ code: CURLcode) -> CurlError {
    let reason = String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_OPERATION_TIMEDOUT: return late
    case CURLE_COULDNT_CONNECT, CURLE_ABORTED_BY_CALLBACK:
      if let refusedAddress, !openedSocket {
        return CurlError(
          .forbiddenAddress,
          "\(address.host) is at \(refusedAddress), and fetching from there is not allowed.")
      }
      return CurlError(.connect, "The connection to \(address.host) failed: \(reason).")
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
      return CurlError(.resolve, "The name \(address.host) could not be resolved.")
    case CURLE_UNSUPPORTED_PROTOCOL:
      // The scheme was checked before: this is an answer that begins like no HTTP version.
      return CurlError(.other, "\(address.host) answered something that is not HTTP.")
    case CURLE_URL_MALFORMAT:
      return CurlError(.badAddress, "The address cannot be used: \(reason).")
    case CURLE_BAD_CONTENT_ENCODING:
      return CurlError(
        .badEncoding,
        "\(address.host) says that its answer is encoded as "
          + "'\((head.headers["Content-Encoding"] ?? "").prefix(40))', and it is not.")
    case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2,
      CURLE_HTTP2_STREAM, CURLE_WEIRD_SERVER_REPLY:
      return CurlError(
        .cutOff, "\(address.host) ended the connection before its answer was whole: \(reason).")
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT,
      CURLE_SSL_ENGINE_INITFAILED, CURLE_USE_SSL_FAILED:
      return CurlError(.tls, "TLS with \(address.host) failed: \(reason).")
    default:
      return CurlError(.other, "The transfer with \(address.host) failed: \(reason).")
    }
  }

  /// libcurl has one code for three limits.
  private var late: CurlError {
    // Its clock and this one are read at slightly different times.
    let slack = Duration.milliseconds(20)
    if let timeout, ContinuousClock.now - started + slack >= timeout {
      let allowed = (request.timeout ?? timeout).inSeconds
      return CurlError(
        .timeout,
        "\(address.host) had not answered in full when the \(allowed) allowed passed.")
    }
    if isSending, let stall = request.stallLimit {
      return CurlError(
        .stalled,
        "\(address.host) moved fewer than \(stall.bytesPerSecond) bytes a second for "
          + "\(stall.seconds) s.")
    }
    return CurlError(
      .timeout,
      "\(address.host) did not accept a connection within \(request.connectTimeout.inSeconds).")
  }

  private var isFollowing: Bool { request.maximumRedirects > 0 && head.isRedirect }

  private func begin() throws(CurlError) {
    hasBegun = true
    if !isFollowing { try sink.begin(head, hasBody: request.method != "HEAD") }
  }

  private func attempt(_ body: () throws(CurlError) -> Void) -> Bool {
    do throws(CurlError) {
      try body()
      return true
    } catch {
      return fail(error)
    }
  }

  private func fail(_ error: CurlError) -> Bool {
    failure = failure ?? error
    return false
  }
}

/// Names one transfer to the task that may cancel it, before and after it has begun.
final class Ticket: Sendable {
  private let cancelled = Mutex(false)

  var isCancelled: Bool { cancelled.withLock { $0 } }

  func cancel() {
    cancelled.withLock { $0 = true }
  }
}

extension StringProtocol {
  /// Without spaces, tabs and line ends around it.
  var trimmed: String {
    func isSpace(_ character: Character) -> Bool { character.isWhitespace }
    let start = drop(while: isSpace)
    guard let last = start.lastIndex(where: { !isSpace($0) }) else { return "" }
    return String(start[...last])
  }
}
