/// One request, with everything that bounds it.
package struct HTTPRequest: Sendable, Hashable {
  /// What is sent behind the header fields.
  package enum Body: Sendable, Hashable {
    /// Nothing.
    case none
    /// These bytes.
    case bytes([UInt8])
    /// The file at this path, read as it is sent.
    case file(path: String)
    /// The file at this path as a form's only field (`multipart/form-data`), read as it is sent. The request is
    /// a POST, and has its `Content-Type` from here.
    case form(field: String, path: String, name: String, type: String)
  }

  /// Slower than this for this long is a failure. Waiting for the first byte of an answer counts.
  package struct StallLimit: Sendable, Hashable {
    /// Bytes a second, in either direction.
    package var bytesPerSecond: Int
    /// Whole seconds, at least one.
    package var seconds: Int

    /// A limit of `bytesPerSecond` over `seconds`.
    package init(bytesPerSecond: Int, seconds: Int) {
      self.bytesPerSecond = max(1, bytesPerSecond)
      self.seconds = max(1, seconds)
    }
  }

  /// `GET`, `POST`, …
  package var method: String
  /// An http or https address; checked when the request is sent.
  package var url: String
  /// The header fields. `Host` and `Content-Length` are added.
  package var headers: HTTPHeaders
  /// What is sent behind them.
  package var body: Body
  /// The time for everything, redirects included; nil for no limit.
  package var timeout: Duration?
  /// The time to resolve the name, connect and set up TLS.
  package var connectTimeout: Duration
  /// How slow is too slow; nil for any speed.
  package var stallLimit: StallLimit?
  /// How many redirects are followed. With zero a redirect is an answer like any other.
  package var maximumRedirects: Int
  /// The longest body taken, in bytes.
  package var maximumBytes: Int64
  /// Where connections may go.
  package var addressPolicy: AddressPolicy
  /// Whether a `Content-Encoding` of the answer is undone.
  var decodesBody = true

  /// A request with the usual bounds: 60 s, 10 s to connect, no redirects, 10 MB, public addresses.
  package init(
    _ method: String = "GET", _ url: String, headers: HTTPHeaders = [:], body: Body = .none,
    timeout: Duration? = .seconds(60), connectTimeout: Duration = .seconds(10),
    stallLimit: StallLimit? = nil, maximumRedirects: Int = 0, maximumBytes: Int64 = 10_000_000,
    addressPolicy: AddressPolicy = .publicOnly
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.connectTimeout = connectTimeout
    self.stallLimit = stallLimit
    self.maximumRedirects = maximumRedirects
    self.maximumBytes = maximumBytes
    self.addressPolicy = addressPolicy
  }

  /// Whether the method may be sent twice without asking for two things (RFC 9110, 9.2.2).
  var isIdempotent: Bool {
    ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"].contains(method)
  }

  func check() throws(CurlError) {
    guard HTTPHeaders.Field(method, "").isSendable else {
      throw CurlError(.badRequest, "The method is not a token.")
    }
    for field in headers.fields where !field.isSendable {
      throw CurlError(.badRequest, "A header field contains characters that cannot be sent.")
    }
  }
}
