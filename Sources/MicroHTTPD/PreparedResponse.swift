import CMicroHTTPD
import Glibc

/// An answer made ready to send: libmicrohttpd's response, owned until it is destroyed.
final class PreparedResponse: @unchecked Sendable {
  // Made by one thread and used by the server's after it was handed over under the exchange's
  // mutex. libmicrohttpd's responses are reference counted and locked themselves.
  let status: UInt32
  let response: OpaquePointer

  private init(status: Int, response: OpaquePointer) {
    self.status = UInt32(status)
    self.response = response
  }

  deinit {
    MHD_destroy_response(response)
  }

  /// Makes an answer ready for a request with `method` and `headers`; nil when it is none that can
  /// be sent, and without memory.
  static func make(
    _ answer: ServerResponse, method: String, headers: HTTPHeaders
  ) -> PreparedResponse? {
    guard (200...999).contains(answer.status) else { return nil }
    return switch answer.body {
    case .bytes(let bytes): make(answer.status, answer.headers, bytes: bytes)
    case .file(let path):
      if answer.status == 200, method == "GET" || method == "HEAD",
        matches(headers["If-None-Match"], answer.headers["ETag"])
      {
        make(304, answer.headers, bytes: [])
      } else {
        make(answer, file: path, headers)
      }
    }
  }

  private static func make(
    _ answer: ServerResponse, file path: String, _ headers: HTTPHeaders
  ) -> PreparedResponse? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    var facts = stat()
    guard descriptor >= 0, fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      if descriptor >= 0 { close(descriptor) }
      return make(404, ["Content-Type": "text/plain"], bytes: Array("The file is gone.\n".utf8))
    }
    let length = Int64(facts.st_size)
    var range = 0..<length
    var status = answer.status
    var fields = answer.headers
    switch answer.status == 200
      ? ByteRange(headers, entityTag: answer.headers["ETag"], length: length) : .whole
    {
    case .whole: break
    case .part(let part):
      range = part
      status = 206
      fields["Content-Range"] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(length)"
    case .unsatisfiable:
      close(descriptor)
      return make(416, ["Content-Range": "bytes */\(length)"], bytes: [])
    }
    guard
      let response = MHD_create_response_from_fd_at_offset64(
        UInt64(range.count), descriptor, UInt64(range.lowerBound))
    else {
      close(descriptor)
      return nil
    }
    return make(status, fields, response)
  }

  private static func make(_ status: Int, _ fields: HTTPHeaders, bytes: [UInt8])
    -> PreparedResponse?
  {
    var copy = bytes
    let response = copy.withUnsafeMutableBytes {
      MHD_create_response_from_buffer($0.count, $0.baseAddress, .RESPMEM_MUST_COPY)
    }
    return response.flatMap { make(status, fields, $0) }
  }

  private static func make(
    _ status: Int, _ fields: HTTPHeaders, _ response: OpaquePointer
  ) -> PreparedResponse? {
    let prepared = PreparedResponse(status: status, response: response)
    for field in fields.fields where !isOwn(field.name) {
      guard field.isSendable,
        MHD_add_response_header(response, field.name, field.value) == .YES
      else { return nil }
    }
    return prepared
  }

  /// Fields that libmicrohttpd writes itself.
  private static func isOwn(_ name: String) -> Bool {
    ["Content-Length", "Transfer-Encoding", "Date"].contains { name.isSameName(as: $0) }
  }

  private static func matches(_ condition: String?, _ entityTag: String?) -> Bool {
    guard let condition, let entityTag else { return false }
    return condition.split(separator: ",").contains { part in
      let tag = part.filter { $0 != " " }
      return tag == "*" || tag == entityTag || tag == "W/" + entityTag
    }
  }
}
