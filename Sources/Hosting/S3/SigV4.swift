import Core
import Curl
import Glibc
import HTTP
import Nettle

/// Signs requests as S3 wants them: version 4 of AWS's signatures.
///
/// Source: "Authenticating Requests (AWS Signature Version 4)" of the Amazon S3 API Reference.
struct SigV4: Sendable {
  let credentials: AWSCredentials
  let region: String

  /// The digest of a body that is not signed.
  static let unsignedPayload = "UNSIGNED-PAYLOAD"
  /// The longest that a signed address works, in seconds: seven days.
  static let maximumLifetime: Int64 = 604_800

  /// `headers` with the fields that sign the request: every one of them, and the body by its
  /// `payload`, its SHA-256 in hexadecimal digits. `time` is in seconds since 1970.
  func signed(
    _ method: String, _ url: WebAddress, _ headers: HTTPHeaders = [:], payload: String,
    at time: Int64
  ) -> HTTPHeaders {
    var headers = headers
    let stamp = Self.stamp(time)
    headers["x-amz-content-sha256"] = payload
    headers["x-amz-date"] = stamp
    if let token = credentials.sessionToken {
      headers["x-amz-security-token"] = token.expose { $0 }
    }
    let (names, fields) = Self.canonical(headers, host: url.authority)
    let signature = signature(
      method, url.path, Query(parsing: url.query ?? ""), fields, names, payload, stamp)
    headers["Authorization"] =
      "AWS4-HMAC-SHA256 Credential=\(credentials.keyID)/\(scope(stamp)),"
      + "SignedHeaders=\(names),Signature=\(signature)"
    return headers
  }

  /// The address of `url` that anybody may GET for `lifetime` seconds from `time` on.
  func address(of url: WebAddress, lifetime: Int64, at time: Int64) -> String {
    let stamp = Self.stamp(time)
    var query = Query([
      .init("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
      .init("X-Amz-Credential", "\(credentials.keyID)/\(scope(stamp))"),
      .init("X-Amz-Date", stamp), .init("X-Amz-Expires", String(lifetime)),
      .init("X-Amz-SignedHeaders", "host"),
    ])
    if let token = credentials.sessionToken {
      query.items.append(.init("X-Amz-Security-Token", token.expose { $0 }))
    }
    let (names, fields) = Self.canonical([:], host: url.authority)
    let signature = signature(
      "GET", url.path, query, fields, names, Self.unsignedPayload, stamp)
    return "\(url.origin)\(url.path)?\(query.encoded)&X-Amz-Signature=\(signature)"
  }

  private func scope(_ stamp: String) -> String { "\(stamp.prefix(8))/\(region)/s3/aws4_request" }

  private func signature(
    _ method: String, _ path: String, _ query: Query, _ fields: String, _ names: String,
    _ payload: String, _ stamp: String
  ) -> String {
    let items = query.items.map { (PercentCoding.encode($0.name), PercentCoding.encode($0.value)) }
      .sorted { $0 < $1 }.map { "\($0.0)=\($0.1)" }
    let request = [method, path, items.joined(separator: "&"), fields, names, payload]
      .joined(separator: "\n")
    let text = [
      "AWS4-HMAC-SHA256", stamp, scope(stamp), Digest(of: request).hex,
    ].joined(separator: "\n")
    func code(_ message: String, _ key: [UInt8]) -> [UInt8] {
      HMACSHA256.code(Array(message.utf8), key: key)
    }
    return credentials.secret.expose { secret in
      var key = code(String(stamp.prefix(8)), Array("AWS4\(secret)".utf8))
      for part in [region, "s3", "aws4_request", text] { key = code(part, key) }
      return key.hexadecimal
    }
  }

  /// The names of the fields, and the fields as they are signed.
  private static func canonical(_ headers: HTTPHeaders, host: String) -> (String, String) {
    let fields =
      ([("host", host)] + headers.fields.map { ($0.name.lowercased(), $0.value) })
      .sorted { $0.0 < $1.0 }
    return (
      fields.map(\.0).joined(separator: ";"),
      fields.map { "\($0.0):\($0.1.split(separator: " ").joined(separator: " "))\n" }.joined()
    )
  }

  /// `20130524T000000Z`.
  static func stamp(_ time: Int64) -> String {
    var (seconds, parts) = (time_t(time), tm())
    gmtime_r(&seconds, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(parts.tm_year + 1_900)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))T"
      + "\(two(parts.tm_hour))\(two(parts.tm_min))\(two(parts.tm_sec))Z"
  }
}

extension WebAddress {
  /// The host, and the port where it is not the scheme's own: the field `Host`.
  var authority: String { String(origin.dropFirst(scheme.count + 3)) }
}
