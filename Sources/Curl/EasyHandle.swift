import CCurl
import Glibc

/// Owns libcurl's handle for one transfer, with the options set. Lives on the transfer thread.
final class EasyHandle {
  let transfer: Transfer
  /// What the socket callbacks check against.
  let socketPolicy: AddressPolicy
  let easy: UnsafeMutableRawPointer
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var form: OpaquePointer?

  init(_ transfer: Transfer, options: HTTPClient.Options) throws(CurlError) {
    guard let easy = curl_easy_init() else {
      throw CurlError(.other, "libcurl could not make a handle.")
    }
    self.easy = easy
    self.transfer = transfer
    // A proxy's own address says nothing about where the request goes.
    socketPolicy = options.usesEnvironmentProxy ? .any : transfer.request.addressPolicy
    bound(transfer)
    hook()
    addHeaders(transfer.request, options)
    if case .form = transfer.request.body {
      try addForm(transfer.request.body)
    } else {
      addMethod(transfer)
    }
    if !options.usesEnvironmentProxy { swapline_set_text(easy, CURLOPT_PROXY, "") }
    if let path = options.certificateAuthorities {
      swapline_set_text(easy, CURLOPT_CAINFO, path)
    }
  }

  deinit {
    curl_easy_cleanup(easy)
    if let form { curl_mime_free(form) }
    curl_slist_free_all(headerList)
  }

  private func bound(_ transfer: Transfer) {
    let request = transfer.request
    swapline_set_text(easy, CURLOPT_URL, transfer.address.description)
    swapline_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    // `HTTPClient` follows redirects itself, because libcurl would take header fields such as
    // x-api-key along to another host.
    swapline_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    swapline_set_text(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    swapline_set_long(easy, CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    // Signals belong to the program; without them time limits hold all the same, because Debian's
    // libcurl resolves names on threads.
    swapline_set_long(easy, CURLOPT_NOSIGNAL, 1)
    // Lets a cancelled transfer go while its name is still being resolved, rather than waiting.
    swapline_set_long(easy, CURLOPT_QUICK_EXIT, 1)
    swapline_set_long(
      easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, request.connectTimeout.milliseconds))
    // Asks for none. Being set, it makes libcurl undo what a server compressed all the same.
    if request.decodesBody { swapline_set_text(easy, CURLOPT_ACCEPT_ENCODING, "identity") }
    if let timeout = transfer.timeout {
      swapline_set_long(easy, CURLOPT_TIMEOUT_MS, max(1, timeout.milliseconds))
    }
    if let stall = request.stallLimit {
      swapline_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, stall.bytesPerSecond)
      swapline_set_long(easy, CURLOPT_LOW_SPEED_TIME, stall.seconds)
    }
    // When a kept connection turns out dead, libcurl sends the request again by itself, whatever
    // its method. What costs money must not go twice, so it gets a connection of its own.
    if !request.isIdempotent { swapline_set_long(easy, CURLOPT_FRESH_CONNECT, 1) }
  }

  private func hook() {
    let context = Unmanaged.passUnretained(self).toOpaque()
    swapline_set_pointer(easy, CURLOPT_PRIVATE, context)
    swapline_on_header(easy, takeHeader, context)
    swapline_on_body(easy, takeBody, context)
    swapline_on_read(easy, giveBody, context)
    swapline_on_seek(easy, seekBody, context)
    swapline_on_open_socket(easy, openSocket, context)
    swapline_on_request(easy, aboutToSend, context)
  }

  private func addHeaders(_ request: HTTPRequest, _ options: HTTPClient.Options) {
    let headers = request.headers
    var isForm = false
    if case .form = request.body { isForm = true }
    var lines = headers.fields
      .filter { !$0.name.isSameName(as: "Content-Length") }
      .map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    if headers["User-Agent"] == nil { lines.append("User-Agent: \(options.userAgent)") }
    // libcurl would call every POST a form.
    if headers["Content-Type"] == nil, !isForm { lines.append("Content-Type:") }
    for line in lines {
      if let longer = curl_slist_append(headerList, line) { headerList = longer }
    }
    if let headerList { swapline_set_headers(easy, headerList) }
  }

  private func addForm(_ body: HTTPRequest.Body) throws(CurlError) {
    guard case .form(let field, let path, let name, let type) = body else { return }
    guard let form = curl_mime_init(easy), let part = curl_mime_addpart(form) else {
      throw CurlError(.other, "libcurl could not make a form.")
    }
    self.form = form
    for code in [
      curl_mime_name(part, field), curl_mime_filedata(part, path), curl_mime_filename(part, name),
      curl_mime_type(part, type), swapline_set_form(easy, form),
    ] where code != CURLE_OK {
      throw CurlError(
        .readFailed, "The form cannot be made: \(String(cString: curl_easy_strerror(code))).")
    }
  }

  private func addMethod(_ transfer: Transfer) {
    let method = transfer.request.method
    switch (method, transfer.upload.length) {
    case ("GET", nil): break
    case ("HEAD", nil): swapline_set_long(easy, CURLOPT_NOBODY, 1)
    case ("POST", let length):
      swapline_set_long(easy, CURLOPT_POST, 1)
      swapline_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(length ?? 0))
    case (_, let length?):
      swapline_set_long(easy, CURLOPT_UPLOAD, 1)
      swapline_set_offset(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(length))
      swapline_set_text(easy, CURLOPT_CUSTOMREQUEST, method)
    case (_, nil): swapline_set_text(easy, CURLOPT_CUSTOMREQUEST, method)
    }
  }
}

extension Duration {
  /// For people, in hundredths at most: `10 s`, `0.5 s`.
  var inSeconds: String {
    let seconds = (self / .milliseconds(10)).rounded() / 100
    return Int(exactly: seconds).map { "\($0) s" } ?? "\(seconds) s"
  }

  /// Whole milliseconds, rounded up.
  var milliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(seconds) * 1_000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}
