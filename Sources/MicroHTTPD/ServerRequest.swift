/// A request's first line and header fields: what is known before its body is read.
package struct RequestHead: Sendable, Hashable {
  /// `GET`, `POST`, …
  package var method: String
  /// The path and query as they came.
  package var target: String
  /// The path as it came, still encoded, so that `%2F` is not a `/`.
  package var path: String
  /// The names and values behind the `?`, decoded.
  package var query: Query
  /// The header fields.
  package var headers: HTTPHeaders

  /// A head; `target` is a path with a query, or an absolute address (RFC 9112, section 3.2).
  package init(method: String, target: String, headers: HTTPHeaders = [:]) {
    self.method = method
    self.target = target
    self.headers = headers
    var local = target[...]
    if !target.hasPrefix("/"), let scheme = local.firstRange(of: "://"),
      !local[..<scheme.lowerBound].contains("/")
    {
      local = local[scheme.upperBound...].drop { $0 != "/" && $0 != "?" }
    }
    let mark = local.utf8.firstIndex(of: UInt8(ascii: "?")) ?? local.endIndex
    path = mark == local.startIndex ? "/" : String(local[..<mark])
    query =
      mark < local.endIndex ? Query(parsing: local[local.utf8.index(after: mark)...]) : Query()
  }

  /// The body's length in bytes as announced; nil when it comes in chunks or there is none.
  package var contentLength: Int64? { headers.contentLength }
}

/// A whole request.
package struct ServerRequest: Sendable {
  /// First line and header fields.
  package var head: RequestHead
  /// The body.
  package var body: RequestBody
  /// The parts of the path that the route names, decoded; the router fills them in.
  package var parameters: [String: String]

  /// A request.
  package init(_ head: RequestHead, body: RequestBody = .empty) {
    self.head = head
    self.body = body
    parameters = [:]
  }

  /// `GET`, `POST`, …
  package var method: String { head.method }
  /// The path as it came, still encoded.
  package var path: String { head.path }
  /// The names and values behind the `?`, decoded.
  package var query: Query { head.query }
  /// The header fields.
  package var headers: HTTPHeaders { head.headers }
}
