/// An answer.
package struct ServerResponse: Sendable, Hashable {
  /// What is sent behind the header fields.
  package enum Body: Sendable, Hashable {
    /// These bytes.
    case bytes([UInt8])
    /// The regular file at this path, by `sendfile`, or the part of it that the request asks for.
    case file(path: String)
  }

  /// The status code, 200 to 999. Codes that no standard knows go out as they are.
  package var status: Int
  /// The header fields. `Content-Length`, `Date` and `Connection` are added.
  package var headers: HTTPHeaders
  /// The body. Answers to HEAD keep its length and lose its bytes.
  package var body: Body

  /// An answer.
  package init(_ status: Int, headers: HTTPHeaders = [:], body: Body = .bytes([])) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// An answer of plain text.
  package static func text(_ status: Int, _ text: String) -> ServerResponse {
    ServerResponse(
      status, headers: ["Content-Type": "text/plain; charset=utf-8"],
      body: .bytes(Array(text.utf8)))
  }

  /// An answer of JSON.
  package static func json(_ status: Int, _ bytes: [UInt8]) -> ServerResponse {
    ServerResponse(status, headers: ["Content-Type": "application/json"], body: .bytes(bytes))
  }

  /// A file with its type and entity tag, `entityTag` without quotes. The server answers `Range`,
  /// `If-Range` and `If-None-Match` from these; a file that is gone becomes a 404.
  package static func file(
    _ path: String, contentType: String, entityTag: String
  ) -> ServerResponse {
    ServerResponse(
      200,
      headers: [
        "Content-Type": contentType, "ETag": "\"\(entityTag)\"", "Accept-Ranges": "bytes",
      ], body: .file(path: path))
  }
}
