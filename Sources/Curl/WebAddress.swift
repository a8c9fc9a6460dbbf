import CCurl

/// An http or https address in parts, checked and normalised by libcurl's own parser, so that what
/// is checked is what is fetched.
package struct WebAddress: Sendable, Hashable, CustomStringConvertible {
  /// `http` or `https`.
  package let scheme: String
  /// The host as it is resolved: lower case, an IPv6 address without brackets, a number such as
  /// `2130706433` as dotted quad.
  package let host: String
  /// The port, the scheme's own when none is written.
  package let port: Int
  /// The path, encoded, at least `/`.
  package let path: String
  /// The query without `?`, encoded; nil when there is none.
  package let query: String?

  /// Reads an address. Spaces and letters outside ASCII are percent-encoded as UTF-8, in the host they
  /// become `xn--…` (RFC 5891); a fragment is dropped.
  package init(_ text: String) throws(CurlError) {
    guard let handle = curl_url() else { throw CurlError(.other, "There is no memory left.") }
    defer { curl_url_cleanup(handle) }
    let status = curl_url_set(
      handle, CURLUPART_URL, text, UInt32(CURLU_URLENCODE) | UInt32(CURLU_NON_SUPPORT_SCHEME))
    guard status == CURLUE_OK else {
      throw CurlError(
        .badAddress, "The address cannot be read: \(String(cString: curl_url_strerror(status))).")
    }
    func part(_ what: CURLUPart, _ flags: Int32 = 0) -> String? {
      var value: UnsafeMutablePointer<CChar>?
      guard curl_url_get(handle, what, &value, UInt32(flags)) == CURLUE_OK, let value else {
        return nil
      }
      defer { curl_free(value) }
      return String(cString: value)
    }
    let scheme = part(CURLUPART_SCHEME)?.lowercased() ?? ""
    guard scheme == "http" || scheme == "https" else {
      throw CurlError(
        .badAddress, "The address begins with \(scheme)://, and only http and https are fetched.")
    }
    guard part(CURLUPART_USER) == nil, part(CURLUPART_PASSWORD) == nil else {
      throw CurlError(.badAddress, "The address carries a user name or password.")
    }
    guard let host = part(CURLUPART_HOST), !host.isEmpty else {
      throw CurlError(.badAddress, "The address names no host.")
    }
    if !host.utf8.allSatisfy({ $0 < 0x80 }) {
      // libcurl would read the letters as the locale has them; and the plain form may be a number.
      let plain = try Self.plain(host)
      guard curl_url_set(handle, CURLUPART_HOST, plain, 0) == CURLUE_OK,
        let whole = part(CURLUPART_URL), plain.utf8.allSatisfy({ $0 < 0x80 })
      else { throw CurlError(.badAddress, "The host's name '\(host)' cannot be used.") }
      self = try WebAddress(whole)
      return
    }
    self.scheme = scheme
    let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host.lowercased()
    // An address has several spellings; with one of them two can be compared.
    self.host = IPAddress(bare)?.description ?? bare
    port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap { Int($0) } ?? 0
    path = part(CURLUPART_PATH) ?? "/"
    query = part(CURLUPART_QUERY)
  }

  /// The host's name as DNS has it: `bücher.example` is `xn--bcher-kva.example`.
  private static func plain(_ host: String) throws(CurlError) -> String {
    var status: Int32 = 0
    // Some names are only allowed as the older rules have them.
    for rules in [IDN2_NONTRANSITIONAL, IDN2_TRANSITIONAL] {
      var name: UnsafeMutablePointer<UInt8>?
      status = idn2_lookup_u8(host, &name, Int32(IDN2_NFC_INPUT.rawValue | rules.rawValue))
      if status == IDN2_OK.rawValue, let name {
        defer { idn2_free(name) }
        return String(cString: name)
      }
    }
    throw CurlError(
      .badAddress,
      "The host's name '\(host)' is not one that can exist: \(String(cString: idn2_strerror(status)))."
    )
  }

  /// The whole address.
  package var description: String {
    origin + path + (query.map { "?" + $0 } ?? "")
  }

  /// Scheme, host and port: what `description` begins with. The scheme's own port is left out.
  package var origin: String {
    let name = host.contains(":") ? "[\(host)]" : host
    let usual = scheme == "https" ? 443 : 80
    return "\(scheme)://\(name)" + (port == usual ? "" : ":\(port)")
  }

  /// Whether it leads to this machine by its own name or number.
  package var isLoopback: Bool { host == "localhost" || IPAddress(host)?.isLoopback == true }

  /// Whether both lead to one server: credentials may go along.
  package func isSameOrigin(as other: WebAddress) -> Bool {
    scheme == other.scheme && host == other.host && port == other.port
  }
}
