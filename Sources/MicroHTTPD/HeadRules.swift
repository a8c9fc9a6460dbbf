import HTTP

/// What a request's head must be for every reader of HTTP/1.1 to read it the same way.
///
/// A proxy and a server that disagree on where a request ends let one client's bytes be taken for
/// another's request (request smuggling), so that what could be read in two ways is refused, and
/// its connection ended (RFC 9112, sections 2.2, 3.2, 5.1, 6.1 and 6.3).
enum HeadRules {
  /// What is wrong with a head; nil when nothing is.
  static func fault(_ head: RequestHead, version: String) -> String? {
    faultOfLine(head, version) ?? faultOfFields(head.headers) ?? faultOfHost(head, version)
      ?? faultOfLength(head.headers, version)
  }

  private static func faultOfLine(_ head: RequestHead, _ version: String) -> String? {
    guard HTTPHeaders.Field(head.method, "").isSendable else {
      return "The method contains characters that are not allowed."
    }
    guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
      return "The HTTP version must be 1.1 or 1.0."
    }
    let target = head.target
    guard !target.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F || $0 == UInt8(ascii: "#") })
    else { return "The request target contains characters that are not allowed." }
    let lowered = target.prefix(8).lowercased()
    guard
      target.hasPrefix("/") || lowered.hasPrefix("http://") || lowered.hasPrefix("https://")
        || (target == "*" && head.method == "OPTIONS")
    else { return "The request target must be a path or an http address." }
    return nil
  }

  private static func faultOfFields(_ headers: HTTPHeaders) -> String? {
    for field in headers.fields {
      guard HTTPHeaders.Field(field.name, "").isSendable else {
        return "A header name is empty or contains characters that are not allowed."
      }
      guard !field.value.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) else {
        return "The header \(field.name) contains control characters."
      }
      guard CombiningMarks.areFew(in: field.value) else {
        return "The header \(field.name) contains too many combining marks in a row."
      }
    }
    return nil
  }

  private static func faultOfHost(_ head: RequestHead, _ version: String) -> String? {
    let hosts = head.headers.values(of: "Host")
    if hosts.isEmpty, version == "HTTP/1.0" { return nil }
    guard hosts.count == 1 else {
      return hosts.isEmpty ? "The Host header is missing." : "There is more than one Host header."
    }
    let host = hosts[0].utf8
    guard !host.isEmpty, host.allSatisfy(isHostCharacter) else {
      return "The Host header is not a host name with an optional port."
    }
    return nil
  }

  private static func isHostCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "-._~%!$&'()*+;=:[]".utf8.contains(byte)
    }
  }

  private static func faultOfLength(_ headers: HTTPHeaders, _ version: String) -> String? {
    let lengths = headers.values(of: "Content-Length")
    let codings = headers.values(of: "Transfer-Encoding")
    guard lengths.count <= 1 else { return "There is more than one Content-Length header." }
    if let length = lengths.first {
      guard codings.isEmpty else {
        return "Content-Length and Transfer-Encoding must not be sent together."
      }
      guard !length.isEmpty, headers.contentLength != nil else {
        return "Content-Length must be a whole number."
      }
    }
    if let coding = codings.first {
      guard codings.count == 1, coding.isSameName(as: "chunked") else {
        return "The only supported Transfer-Encoding is chunked."
      }
      guard version == "HTTP/1.1" else { return "Transfer-Encoding requires HTTP/1.1." }
    }
    return nil
  }
}
