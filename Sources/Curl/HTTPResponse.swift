/// A complete answer.
package struct HTTPResponse: Sendable, Hashable {
  /// The status code.
  package var status: Int
  /// The header fields.
  package var headers: HTTPHeaders
  /// The body.
  package var body: [UInt8]
  /// The address that answered: behind the redirects, if there were any.
  package var url: String
  /// From the call to the last byte, in seconds.
  package var seconds: Double

  /// An answer.
  package init(
    status: Int, headers: HTTPHeaders = [:], body: [UInt8] = [], url: String, seconds: Double = 0
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.url = url
    self.seconds = seconds
  }

  /// Whether the status is one of 200 to 299.
  package var isSuccess: Bool { (200..<300).contains(status) }
  /// Whether the status says that the same request may be answered better at another time.
  package var mayPass: Bool { [408, 425, 429].contains(status) || status >= 500 }
  /// Whether it sends the client to another address.
  package var isRedirect: Bool { ResponseHead.redirects.contains(status) }
  /// The body as text; bytes that are not UTF-8 come out as U+FFFD.
  package var text: String { String(decoding: body, as: UTF8.self) }
}

/// The status and header fields of an answer, before its body.
struct ResponseHead: Sendable {
  var status = 0
  var headers = HTTPHeaders()

  /// Those that a `Location` belongs to; with 300 it is the server's own choice (RFC 9110, 15.4.1).
  static let redirects = [300, 301, 302, 303, 307, 308]

  var isRedirect: Bool { Self.redirects.contains(status) && headers["Location"] != nil }
}
