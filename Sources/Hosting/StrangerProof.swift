import Core
import Curl

/// Looks at addresses as a stranger does, before anything is paid: without cookies, sign-in or header fields
/// of ours.
///
/// The first file of each format on each host is looked at in full: its first byte, its beginning, and
/// HEAD. Of every other the first byte is asked for, which tells status, type and length.
package final class StrangerProof: Sendable {
  private let client: HTTPClient
  private let policy: AddressPolicy
  private let patience: Duration
  private let pause: Duration
  private let looks = SingleFlight<String, Bool>(keepsFailures: false)

  /// The user agent of a generic client: some servers reject unknown programs.
  package static let userAgent = "Mozilla/5.0 (compatible)"
  /// The most bytes of a file's beginning that are compared.
  private static let sample: Int64 = 4_096
  /// The most bytes that a server may send that does not know ranges.
  private static let most: Int64 = 16 << 20

  /// A proof by `client`, which must send nothing of its own; `policy` is where whoever fetches may go.
  /// What does not answer yet is asked again for as long as `patience` lasts, after `pause` at first.
  package init(
    client: HTTPClient, policy: AddressPolicy, patience: Duration = .seconds(20),
    pause: Duration = .milliseconds(250)
  ) {
    self.client = client
    self.policy = policy
    self.patience = patience
    self.pause = pause
  }

  /// Throws `SwaplineError` unless a stranger gets `file` at `address`, which the host called `host` has
  /// given. `isFresh` says whether the file has just been put, and may appear late.
  package func check(
    _ address: HostedAddress, of file: HostedFile, on host: String, isFresh: Bool = true
  ) async throws {
    let look = Look(
      url: address.url, file: file, host: host, client: client, policy: policy,
      patience: isFresh ? patience : .zero, pause: pause)
    try look.checkAddress()
    let kind = "\(host) \(file.format.name)"
    let isFirst = try await looks.value(of: kind) {
      try await look.first()
      try await look.whole()
      return true
    }.isFirst
    guard !isFirst else { return }
    _ = try await looks.value(of: "\(host) \(file.name) \(address.url.prefix { $0 != "?" })") {
      try await look.first()
      return true
    }
  }

  /// Throws `SwaplineError` unless `url` gives exactly `nonce`.
  package func check(_ url: String, gives nonce: String, of publicURL: String) async throws {
    func failed(_ what: String) -> SwaplineError {
      SwaplineError(
        .unavailable,
        "The public address \(publicURL.shownAddress) does not lead to this process: \(what).",
        hint:
          "Make sure that the tunnel or proxy runs and leads to the port of --host-port, and that no page of its "
          + "own stands in between.")
    }
    let deadline = ContinuousClock.now + patience
    var pause = pause
    while true {
      let problem: SwaplineError
      do {
        let response = try await client.send(
          HTTPRequest(
            "GET", url, timeout: .seconds(15), maximumRedirects: 3, maximumBytes: 1 << 20,
            addressPolicy: .any))
        if response.status == 200, response.text == nonce { return }
        problem =
          response.status == 200
          ? failed(
            Look.isPage(response)
              ? "there is a web page (HTML) at it" : "something else answers at it")
          : failed("it answers \(response.status)")
      } catch let error as CurlError {
        problem = failed(error.detail.withoutFullStop)
      }
      guard ContinuousClock.now < deadline else { throw problem }
      try await Task.pause(for: pause)
      pause = min(pause * 2, .seconds(3))
    }
  }

  /// One look at one address.
  private struct Look: Sendable {
    let url: String
    let file: HostedFile
    let host: String
    let client: HTTPClient
    let policy: AddressPolicy
    let patience: Duration
    let pause: Duration

    private func fault(
      _ code: SwaplineError.Code, _ what: String, _ hint: String
    ) -> SwaplineError {
      SwaplineError(
        code,
        "Whoever fetches \(url.shownAddress) (host '\(host)') would not get the file: \(what). Nothing was "
          + "submitted.", hint: hint, item: file.item)
    }

    /// What the address itself tells.
    func checkAddress() throws {
      guard let address = try? WebAddress(url) else {
        throw fault(.usage, "it is not a valid address", "Check the settings of '\(host)'.")
      }
      if file.needs.noQuery, address.query != nil {
        throw fault(
          .unsupported, "it has a query, which the provider does not take",
          "Use a host whose addresses have none: 's3' with 'public_base', 'webdav' or 'upload'.")
      }
      let names = [file.format.name] + file.format.aliases
      if file.needs.hasExtension,
        !names.contains(where: { address.path.lowercased().hasSuffix(".\($0)") })
      {
        throw fault(
          .unsupported,
          "it does not end with .\(file.format.name), by which the provider tells the type",
          "Use a host that keeps the extension.")
      }
    }

    /// Asks for the first byte.
    func first() async throws {
      let response = try await answer("GET", 0...0)
      try checkType(response)
      try checkLength(response, isWhole: response.status == 200)
    }

    /// Compares the beginning, and looks with HEAD.
    func whole() async throws {
      let count = min(file.size, StrangerProof.sample)
      let response = try await answer("GET", 0...max(0, count - 1))
      let bytes = Array(response.body.prefix(Int(count)))
      if MediaFormat.sniff(bytes) != file.format, let found = MediaFormat.sniff(bytes) {
        throw fault(
          .damaged, "it is \(found.name) by its content, and \(file.format.name) was put there",
          "Something in front of the host converts pictures: turn that off for these addresses.")
      }
      guard bytes == (try file.head(Int(count))) else {
        throw fault(
          .damaged, "the bytes that come back are not those that were uploaded",
          "Something in front of the host changes files, or there is another file.")
      }
      guard file.needs.head else { return }
      let head = try await answer("HEAD", nil)
      try checkType(head)
      try checkLength(head, isWhole: true)
    }

    /// The answer that a stranger gets, once there is one.
    private func answer(_ method: String, _ range: ClosedRange<Int64>?) async throws -> HTTPResponse
    {
      let deadline = ContinuousClock.now + patience
      var pause = pause
      while true {
        let (problem, mayPass): (SwaplineError, Bool)
        do {
          let response = try await client.send(
            HTTPRequest(
              method, url,
              headers: range.map { ["Range": "bytes=\($0.lowerBound)-\($0.upperBound)"] } ?? [:],
              timeout: .seconds(60), maximumRedirects: 5,
              maximumBytes: min(file.size + 1, StrangerProof.most), addressPolicy: policy))
          if response.status == 200 || response.status == 206 {
            if response.url.hasPrefix("http://"), url.hasPrefix("https://") {
              throw fault(
                .unsupported, "it redirects to an unencrypted address",
                "Let the server answer at the https address itself.")
            }
            return response
          }
          (problem, mayPass) = (
            status(response, method),
            [404, 409, 425, 429].contains(response.status) || response.status >= 500
          )
        } catch let error as CurlError {
          (problem, mayPass) = (transfer(error), error.isTransient || error.kind == .resolve)
        }
        guard mayPass, ContinuousClock.now < deadline else { throw problem }
        try await Task.pause(for: pause)
        pause = min(pause * 2, .seconds(3))
      }
    }

    private func status(_ response: HTTPResponse, _ method: String) -> SwaplineError {
      let code = S3Failure(response).code
      let said = "\(response.status)\(code.isEmpty ? "" : " \(code)")"
      if method == "HEAD" {
        return fault(
          .unsupported,
          "HEAD, with which the provider looks first, is answered with \(said)",
          "A signed address is signed for GET alone: use 'public_base', or another host.")
      }
      if Look.isPage(response), [401, 403, 429, 503].contains(response.status) {
        return fault(
          .unavailable, "a challenge or login page (HTML) is answered, with \(said)",
          "Turn bot protection and sign-in off for these addresses.")
      }
      switch response.status {
      case 401, 403:
        return fault(
          .unauthorized, "it is answered with \(said)",
          "Let everybody who knows an address read it; for signed addresses the keys need s3:GetObject, and "
            + "the clock must be right.")
      case 404, 410:
        return fault(
          .notFound, "nothing is there (\(said))",
          "Make sure that 'public_base' leads to where files are put, and nothing removes them.")
      default:
        return fault(
          .unavailable, "it is answered with \(said)", "Try again later, or use another host.")
      }
    }

    private func transfer(_ error: CurlError) -> SwaplineError {
      let detail = error.detail.withoutFullStop
      switch error.kind {
      case .forbiddenAddress:
        return fault(
          .forbiddenAddress, "its address is not a public one (\(detail))",
          "Use a host that the provider can reach: 'upload', or a bucket or server on the internet."
        )
      case .forbiddenRedirect, .tooManyRedirects, .redirectLoop:
        return fault(
          .unsupported, "its redirects lead nowhere (\(detail))",
          "Let the server answer at the address itself.")
      case .tooLarge:
        return fault(
          .damaged, "the answer to a part is longer than the file of \(file.size) bytes",
          "There is another file, or the server does not support ranges: see what it sends.")
      default:
        return fault(
          .network, detail, "Check the address, and try again; or use another host.")
      }
    }

    private func checkType(_ response: HTTPResponse) throws {
      let type = (response.headers["Content-Type"] ?? "").prefix { $0 != ";" }.lowercased()
        .filter { !$0.isWhitespace }
      if MediaFormat.mime(type) == file.format || (type == "image/jpg" && file.format == .jpg) {
        return
      }
      if Look.isPage(response) {
        throw fault(
          .unsupported, "there is a web page (HTML) at it",
          "Use an address of the file itself, and turn login and challenge pages off for it.")
      }
      throw fault(
        .unsupported,
        "its type is '\(type.prefix(60))', and the file is \(file.format.mimeType)",
        "Let the server send the type that the file was put with.")
    }

    private func checkLength(_ response: HTTPResponse, isWhole: Bool) throws {
      let length =
        isWhole
        ? response.headers.contentLength
          ?? (response.body.isEmpty ? nil : Int64(response.body.count))
        : response.headers["Content-Range"]?.split(separator: "/").last.flatMap { Int64($0) }
      guard let length, length != file.size else { return }
      throw fault(
        .damaged, "it has \(length) bytes, but \(file.size) were uploaded",
        "There is another file, or something in front of the host changes it.")
    }

    /// Whether an answer is a page for people.
    static func isPage(_ response: HTTPResponse) -> Bool {
      (response.headers["Content-Type"] ?? "").lowercased().hasPrefix("text/html")
        || response.text.prefix(256).lowercased().contains("<html")
    }
  }
}

extension String {
  fileprivate var withoutFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
