import Synchronization

/// Sends HTTP requests with libcurl, on one thread of its own, within the bounds of each request.
///
/// It keeps no cookies, reads no `.netrc`, asks for no compression (and undoes what comes all the
/// same, within the limit on bytes), uses no proxy unless told to, and retries nothing. A cancelled task's transfer is removed at once. Connections are kept for
/// later requests, except those with methods that must not be repeated, which get a new one.
package final class HTTPClient: Sendable {
  /// What holds for every request of a client.
  package struct Options: Sendable, Hashable {
    /// The `User-Agent` field, where a request has none.
    package var userAgent: String
    /// Whether `http_proxy`, `https_proxy` and `no_proxy` count. A proxy resolves names itself, so
    /// the address policy then holds only for numeric addresses.
    package var usesEnvironmentProxy: Bool
    /// A file of trusted certificates in PEM; nil for the system's.
    package var certificateAuthorities: String?

    /// Options.
    package init(
      userAgent: String = "swapline", usesEnvironmentProxy: Bool = false,
      certificateAuthorities: String? = nil
    ) {
      self.userAgent = userAgent
      self.usesEnvironmentProxy = usesEnvironmentProxy
      self.certificateAuthorities = certificateAuthorities
    }
  }

  private struct State {
    /// Nil until the first request: many a run has none, and libcurl takes a while to start.
    var loop: TransferLoop?
    var isShutDown = false
  }

  private let options: Options
  private let state = Mutex(State())

  /// A client, whose thread starts with the first request.
  package init(_ options: Options = Options()) {
    self.options = options
  }

  deinit {
    shutdown()
  }

  /// Ends what is under way with `CancellationError`, and closes every connection.
  package func shutdown() {
    state.withLock { state in
      state.isShutDown = true
      return state.loop
    }?.close()
  }

  /// The thread of transfers, which starts here.
  private func running() throws(CurlError) -> TransferLoop {
    try state.withLock { state throws(CurlError) in
      if let loop = state.loop { return loop }
      guard !state.isShutDown else { throw CurlError(.other, "The client is shut down.") }
      guard let loop = TransferLoop(options: options) else {
        throw CurlError(.other, "libcurl could not be started.")
      }
      state.loop = loop
      return loop
    }
  }

  /// Sends a request and waits for the whole answer, whatever its status.
  ///
  /// Throws `CurlError`, or `CancellationError` when the calling task was cancelled.
  package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    let sink = MemorySink(limit: request.maximumBytes)
    var response = try await follow(request, into: sink)
    response.body = sink.bytes
    return response
  }

  /// Fetches an address into the file at `path`, which is made when it is not there.
  ///
  /// `resuming` is the `partial` of the `CurlError` of an earlier try that left its bytes in the
  /// same file: the server is asked for the rest, provided that its file is still the same one. An
  /// answer that cannot be put together with those bytes is followed by one request for the whole
  /// file; a server that gives a file in several parts is asked for the next one while each brings
  /// something. `progress` is called on the transfer thread for each piece and must be quick. The
  /// file is not synced.
  ///
  /// Throws `CurlError`, or `CancellationError` when the calling task was cancelled.
  package func download(
    _ request: HTTPRequest, to path: String, resuming: PartialDownload? = nil,
    progress: (@Sendable (PartialDownload) -> Void)? = nil
  ) async throws -> Download {
    let clock = ContinuousClock()
    var start = clock.now
    var kept = resuming?.isDoubted == true ? nil : resuming
    var standing = resuming
    var (mayForget, isTrusted) = (true, false)
    var request = request
    while true {
      let sink = try FileSink(
        path: path, limit: request.maximumBytes, resuming: kept, isTrusted: isTrusted,
        progress: progress)
      var asked = request
      if let timeout = request.timeout { asked.timeout = timeout - (clock.now - start) }
      for field in sink.conditions.fields { asked.headers[field.name] = field.value }
      func forget() -> Bool {
        guard sink.isResuming, mayForget else { return false }
        (kept, mayForget, start) = (nil, false, clock.now)
        return true
      }
      do {
        var response = try await follow(asked, into: sink)
        response.body = sink.errorBody
        switch sink.verdict {
        case .whole:
          if sink.wasComplete { response.status = 200 }
          if !request.decodesBody, sink.signature == [0x1F, 0x8B] {
            throw CurlError(
              .badEncoding, "The compressed answer is damaged, and cannot be undone.",
              requestSent: true)
          }
          return Download(
            isWhole: true, response: response, size: sink.partial.received,
            resumedFrom: sink.resumedFrom)
        case .part:
          if sink.partial.received > kept?.received ?? 0 {
            (kept, standing, isTrusted) = (sink.partial, sink.partial, true)
          } else if !forget() {
            throw CurlError(
              .otherPart,
              "The server sends only the first \(sink.partial.received) bytes of the file.",
              requestSent: true)
          }
        case .nothing, .unusable, nil:
          // Some servers refuse every request for a part, whatever they would say to one for all.
          if !response.mayPass, forget() { continue }
          if sink.isResuming { standing?.isDoubted = true } else { standing?.isDoubted = nil }
          return Download(
            isWhole: false, response: response, size: standing?.received ?? 0, resumedFrom: 0,
            partial: standing)
        }
      } catch var error as CurlError {
        if sink.verdict == .unusable, forget() { continue }
        if error.kind == .badEncoding, request.decodesBody {
          // A header may lie about a body that is plain; one that is compressed and damaged stays so.
          request.decodesBody = false
          (kept, mayForget, start) = (nil, false, clock.now)
          continue
        }
        if sink.isTouched {
          error.partial = sink.partial.received > 0 ? sink.partial : nil
        } else {
          error.partial = standing
          error.partial?.isDoubted = sink.isResuming && error.requestSent ? true : nil
        }
        if sink.isTouched, sink.isResuming, sink.partial.received == sink.resumedFrom {
          error.partial?.isDoubted = true
        }
        throw error
      }
    }
  }

  private func follow(_ original: HTTPRequest, into sink: any BodySink) async throws -> HTTPResponse
  {
    let clock = ContinuousClock()
    let start = clock.now
    var request = original
    var redirects = 0
    var visited: Set<String> = []
    while true {
      let outcome: TransferOutcome
      let address: WebAddress
      do {
        try request.check()
        address = try WebAddress(request.url)
        try checkNumericHost(address, request.addressPolicy)
        let left = original.timeout.map { $0 - (clock.now - start) }
        outcome = try await transfer(request, to: address, into: sink, timeout: left)
      } catch var error as CurlError {
        // An earlier hop was answered, so something was sent.
        if redirects > 0 { error.requestSent = true }
        throw error
      }
      guard original.maximumRedirects > 0, let target = outcome.redirect else {
        return HTTPResponse(
          status: outcome.head.status, headers: outcome.head.headers,
          url: address.description, seconds: (clock.now - start) / .seconds(1))
      }
      redirects += 1
      visited.insert(address.description)
      request = try request.redirected(from: address, to: target, status: outcome.head.status)
      guard redirects <= original.maximumRedirects else {
        if visited.contains(request.url) {
          throw CurlError(
            .redirectLoop, "\(address.host) redirects in a circle, back to where it began.",
            requestSent: true)
        }
        throw CurlError(
          .tooManyRedirects,
          "\(address.host) redirects again after \(original.maximumRedirects) redirects.",
          requestSent: true)
      }
    }
  }

  /// Behind a proxy no socket address can be checked, but a number in the address can.
  private func checkNumericHost(_ address: WebAddress, _ policy: AddressPolicy) throws(CurlError) {
    guard let ip = IPAddress(address.host), !policy.allows(ip) else { return }
    throw CurlError(
      .forbiddenAddress, "Fetching from \(address.host) is not allowed.")
  }

  private func transfer(
    _ request: HTTPRequest, to address: WebAddress, into sink: any BodySink, timeout: Duration?
  ) async throws -> TransferOutcome {
    let loop = try running()
    let upload = try UploadSource(request.body)
    let ticket = Ticket()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        loop.start(
          Transfer(
            request, to: address, upload: upload, sink: sink, timeout: timeout, ticket: ticket,
            continuation: continuation))
      }
    } onCancel: {
      loop.cancel(ticket)
    }
  }
}
