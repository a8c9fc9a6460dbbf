import Core
import Curl

/// What a request asks for, whatever the addresses of its pictures are signed with today.
///
/// An Idempotency-Key that comes again brings the first task only where both requests mean the same:
/// taking another picture's task for one's own would show one customer another's picture.
enum OrderMeaning {
  /// The meaning of an order as one line. `contents` are the digests of files that are known by
  /// their address.
  static func text(
    _ order: SwapOrder, facade: String, contents: [String: String] = [:]
  ) throws -> String {
    var param = order.param
    if case .object(var parts) = param {
      // Where the end is told changes nothing about the work, and a client that was started again
      // listens elsewhere.
      parts["callback_url"] = nil
      param = .object(parts)
    }
    return try JSONText.line(
      ["facade": .string(facade), "param": plain(param, contents)] as JSONValue)
  }

  private static func plain(_ value: JSONValue, _ contents: [String: String]) -> JSONValue {
    switch value {
    case .string(let text) where text.contains("://"):
      .string(contents[text].map { "sha256:" + $0 } ?? address(text))
    case .object(let parts): .object(parts.mapValues { plain($0, contents) })
    case .array(let list): .array(list.map { plain($0, contents) })
    default: value
    }
  }

  /// An address without what changes each time it is signed. One that names its file by the digest
  /// of its bytes, as the embedded host's do, stands for these bytes wherever they lie.
  static func address(_ text: String) -> String {
    guard let address = try? WebAddress(text) else { return text }
    let name = address.path.split(separator: "/").last ?? ""
    let stem = name.prefix { $0 != "." }
    if stem.utf8.count == 64, stem.allSatisfy(\.isHexDigit) {
      return "sha256:" + stem.lowercased()
    }
    var items = address.query.map { Query(parsing: $0).items } ?? []
    let names = Set(items.map { $0.name.lowercased() })
    for scheme in schemes where names.contains(scheme.signature) {
      items.removeAll { item in
        let name = item.name.lowercased()
        return scheme.names.contains(name) || scheme.prefix.map(name.hasPrefix) ?? false
      }
    }
    items.removeAll { isOfSignature($0.name) }
    let query = Query(items.sorted { ($0.name, $0.value) < ($1.name, $1.value) }).encoded
    return address.origin + address.path + (query.isEmpty ? "" : "?" + query)
  }

  /// Whether a name says that it is a signature or the end of one: `signed`, `x-sign`, `url_expiry`.
  private static func isOfSignature(_ name: String) -> Bool {
    name.lowercased().split { !$0.isLetter }.contains {
      $0.hasPrefix("sign") || $0.hasPrefix("expir")
    }
  }

  private struct Scheme {
    /// The parameter without which it is another scheme, or none.
    var signature: String
    var names: Set<String>
    var prefix: String?
  }

  /// How stores sign addresses, in small letters. A parameter that none of them has may say which
  /// picture is meant, and counts.
  ///
  /// Sources: Amazon S3 "Authenticating Requests: Using Query Parameters" (versions 4 and 2),
  /// CloudFront "Use signed URLs", Google Cloud Storage "Signed URLs" (V4, V2), Azure "Create a
  /// service SAS" and "Create a user delegation SAS", Alibaba Cloud OSS "Add signatures to URLs".
  private static let schemes = [
    Scheme(signature: "x-amz-signature", names: [], prefix: "x-amz-"),
    Scheme(signature: "x-goog-signature", names: [], prefix: "x-goog-"),
    Scheme(signature: "x-oss-signature", names: [], prefix: "x-oss-"),
    Scheme(
      signature: "signature",
      names: [
        "awsaccesskeyid", "googleaccessid", "ossaccesskeyid",
        "security-token", "x-amz-security-token", "key-pair-id", "policy",
      ]),
    Scheme(
      signature: "sig",
      names: [
        "sig", "sv", "st", "se", "sp", "sr", "spr", "sip", "skoid", "sktid", "skt", "ske", "sks",
        "skv",
      ]),
  ]
}
