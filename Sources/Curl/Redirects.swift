extension HTTPRequest {
  /// Header fields that say nothing about who asks: the only ones that go to another server.
  private static let harmless = [
    "Accept", "Accept-Language", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
    "If-Unmodified-Since", "Range", "User-Agent",
  ]

  /// The request that follows a redirect (RFC 9110, section 15.4).
  ///
  /// To another scheme, host or port go only harmless header fields, and never a body.
  func redirected(
    from address: WebAddress, to target: String, status: Int
  ) throws(CurlError) -> HTTPRequest {
    let next: WebAddress
    do throws(CurlError) {
      next = try WebAddress(target)
    } catch {
      throw CurlError(
        .forbiddenRedirect,
        "\(address.host) redirects to an address from which fetching is not allowed. "
          + error.detail, requestSent: true)
    }
    var copy = self
    copy.url = next.description
    let becomesGet = status == 303 || (status < 303 && method == "POST")
    if becomesGet && method != "HEAD" {
      copy.method = "GET"
      copy.body = .none
      copy.headers["Content-Type"] = nil
    }
    guard !next.isSameOrigin(as: address) else { return copy }
    guard copy.body == .none else {
      throw CurlError(
        .forbiddenRedirect,
        "\(address.host) redirects what was sent to another server, \(next.host).",
        requestSent: true)
    }
    copy.headers = headers.filter { field in
      Self.harmless.contains { field.name.isSameName(as: $0) }
    }
    return copy
  }
}
