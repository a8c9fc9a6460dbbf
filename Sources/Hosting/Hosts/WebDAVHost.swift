import Core
import Curl
import FoundationEssentials
import HTTP

extension HostDescriptor {
  /// See `WebDAVHost`.
  package static let webDAV = HostDescriptor(
    name: "webdav",
    summary: "A folder on your web server that accepts files over WebDAV.",
    settings: [
      HostSetting("url", "The folder's address, where files are put.", isRequired: true) {
        HostSetting.addressProblem($0, "url")
      },
      .publicBase,
      HostSetting(
        "user", "The name to sign in with, beside the password; without one a token is used."),
      HostSetting(
        "password_variable", "The environment variable that holds the password.",
        defaultValue: "WEBDAV_PASSWORD"),
      HostSetting(
        "token_variable",
        "The environment variable that holds a bearer token, where there is no user.",
        defaultValue: "WEBDAV_TOKEN"),
      HostSetting(
        "link_secret_variable",
        "The environment variable that holds the secret of nginx's secure_link; addresses then expire after "
          + "'lifetime'."),
      .keep,
    ],
    reach: { values, _ in
      let seen = values["public_base"] ?? values["url"]
      return seen.flatMap { try? WebAddress($0) }?.isLoopback == true ? .thisMachine : .everyone
    },
    fault: { values, wanted in
      guard values["link_secret_variable"] != nil, wanted.needs.noQuery else { return nil }
      return SwaplineError(
        .unsupported,
        "The provider does not accept addresses with a query, and one that expires has one.",
        hint: "Leave out 'link_secret_variable', or name another host after this one.")
    },
    build: { settings in
      let folder = try WebAddress(try settings.wanted("url"))
      let sign = try WebDAVHost.authorization(settings)
      guard sign == nil || folder.scheme == "https" || folder.isLoopback else {
        throw SwaplineError(
          .usage,
          "The host '\(settings.given.name)' would send its password unencrypted to \(folder.origin).",
          hint: "Use an https address.")
      }
      return WebDAVHost(
        name: settings.given.name, folder: folder, authorization: sign,
        publicBase: try settings.text("public_base").map { try WebAddress($0).folder },
        keepsFiles: settings.text("keep") == "true", client: settings.given.client,
        share: settings.given.share, links: try SecureLinks(settings))
    })
}

/// Puts files into a folder of a web server by WebDAV (RFC 4918) under unguessable names, and creates the
/// folder if it is missing. What it put is removed after its last use.
///
/// The same bytes are put once. Addresses work until the file is removed, those of `secure_link` until they run
/// out.
package struct WebDAVHost: Host {
  let name: String
  let folder: WebAddress
  let authorization: Secret?
  let publicBase: String?
  let keepsFiles: Bool
  package var withdrawsFiles: Bool { !keepsFiles }
  let client: HTTPClient
  var attempts = 4
  var pause = Duration.seconds(1)
  private let links: SecureLinks?
  var now: @Sendable () -> Int64 = Clock.epoch
  private let folders = SingleFlight<String, Bool>(keepsFailures: false)
  private let files: PlacedFiles
  package var placed: PlacedFiles? { files }

  init(
    name: String, folder: WebAddress, authorization: Secret?, publicBase: String?, keepsFiles: Bool,
    client: HTTPClient, share: HostingShare? = nil, links: SecureLinks? = nil
  ) {
    self.links = links
    self.name = name
    self.folder = folder
    self.authorization = authorization
    self.publicBase = publicBase
    self.keepsFiles = keepsFiles
    self.client = client
    files = PlacedFiles(name, share, keepsFiles ? .kept : .placed)
  }

  /// The field that signs in; nil where neither a user nor a token is there.
  static func authorization(_ settings: ValidHostSettings) throws -> Secret? {
    func variable(_ setting: String) -> (name: String, value: String) {
      let name = settings.text(setting) ?? ""
      return (name, settings.given.environment[name] ?? "")
    }
    let secret: Secret
    let source: String
    if let user = settings.text("user") {
      let password = variable("password_variable")
      guard !user.contains(":"), !user.isEmpty else {
        throw SwaplineError(
          .usage,
          "The user '\(user)' of the host '\(settings.given.name)' is not a valid user name.",
          hint: "A name has no colon.")
      }
      guard !password.value.isEmpty else {
        throw SwaplineError(
          .unauthorized,
          "The password of the host '\(settings.given.name)' is missing: \(password.name) is not set.",
          hint: "Set it in the environment; 'password_variable' names another variable.")
      }
      let text = Data("\(user):\(password.value)".utf8).base64EncodedString()
      (secret, source) = (Secret("Basic " + text), password.name)
    } else {
      let token = variable("token_variable")
      guard !token.value.isEmpty else { return nil }
      (secret, source) = (Secret("Bearer " + token.value), token.name)
    }
    guard secret.expose({ HTTPHeaders.Field("Authorization", $0).isSendable }) else {
      throw SwaplineError(
        .unauthorized, "The value of \(source) cannot be sent: it contains a line break.",
        hint: "Set it again, in one line.")
    }
    return secret
  }

  package func publish(_ file: HostedFile) async throws -> HostedAddress {
    try file.checkIsThere()
    let place = try await files.place(
      of: file, named: SecretName(file.format).description,
      put: { placing in
        try await put(path: file.path, ["Content-Type": file.format.mimeType], as: placing.key)
        return PlacedFiles.Placed()
      })
    let url = "\(publicBase ?? folder.folder)/\(place.key)"
    guard let links else { return HostedAddress(url: url) }
    let end = now() + (file.lifetime.milliseconds + 999) / 1_000
    return HostedAddress(url: try links.address(of: url, until: end), expires: end)
  }

  /// Puts the file at `path` under `name`, percent-encoded with slashes, and makes the folders of it.
  func put(path: String, _ headers: HTTPHeaders, as name: String) async throws {
    func put() async throws -> HTTPResponse {
      try await send(
        "PUT", "\(folder.folder)/\(name)", headers, body: .file(path: path))
    }
    var response = try await put()
    // 409 is RFC 4918's answer to a missing folder; some servers say 404, nginx says 500 or 409.
    if [404, 409, 500].contains(response.status) {
      let parent = name.split(separator: "/").dropLast().joined(separator: "/")
      _ = try await folders.value(of: parent) {
        try await makeFolders(downTo: parent)
        return true
      }
      response = try await put()
    }
    guard response.isSuccess else { throw refusal(response.status, "take a file") }
  }

  /// Answers what is told of the file called `name`.
  func look(at name: String) async throws -> HTTPResponse {
    try await send("HEAD", "\(folder.folder)/\(name)", [:], body: .none)
  }

  /// Makes the folder, those above it and those down to `parent` that are missing.
  func makeFolders(downTo parent: String) async throws {
    var path = ""
    let own = folder.path.split(separator: "/")
    for (index, part) in (own + parent.split(separator: "/")).enumerated() {
      path += "/\(part)"
      let status = try await send("MKCOL", "\(folder.origin)\(path)/", [:], body: .none).status
      // 405: it exists. A parent folder may be closed to these credentials.
      guard [401, 403].contains(status), index + 1 >= own.count else { continue }
      throw refusal(status, "make the folder \(folder.origin)\(path)")
    }
  }

  /// Sends a request until there is an answer that stays the same.
  private func send(
    _ method: String, _ url: String, _ headers: HTTPHeaders, body: HTTPRequest.Body
  ) async throws -> HTTPResponse {
    var headers = headers
    if let authorization { headers["Authorization"] = authorization.expose { $0 } }
    var attempt = 1
    while true {
      do {
        let response = try await client.send(
          HTTPRequest(
            method, url, headers: headers, body: body, timeout: .seconds(3_600),
            stallLimit: .init(bytesPerSecond: 100, seconds: 60), addressPolicy: .any))
        guard [429, 502, 503, 504].contains(response.status), attempt < attempts else {
          return response
        }
      } catch let error as CurlError {
        guard error.isTransient, attempt < attempts else { throw SwaplineError(error) }
      }
      try await Task.pause(for: pause * (1 << (attempt - 1)))
      attempt += 1
    }
  }

  private func refusal(_ status: Int, _ what: String) -> SwaplineError {
    let start = "The server of the host '\(name)' refused to \(what) (\(status))"
    switch status {
    case 401:
      return SwaplineError(
        .unauthorized,
        "\(start): \(authorization == nil ? "it requires a user or a token" : "it does not accept the credentials").",
        hint: "Set 'user' and the password's variable, or the token's variable.")
    case 403, 405, 501:
      return SwaplineError(
        .refusedByProvider, "\(start): it does not accept files at \(folder.folder).",
        hint: "Make sure that WebDAV's PUT is allowed there, and to whom.")
    case 413:
      return SwaplineError(
        .limit, "\(start): the file is larger than it accepts.",
        hint: "Raise the server's limit (nginx: client_max_body_size).")
    case 507:
      return SwaplineError(.unavailable, "\(start): its disk is full.", hint: "Make room there.")
    default:
      return SwaplineError(
        status >= 500 || status == 429 ? .unavailable : .refusedByProvider, "\(start).",
        hint: "Check the server's log.")
    }
  }

  package func stop() async throws {
    try await removeAll(of: name, from: folder.folder)
  }

  /// Removes files, eight at a time.
  package func remove(_ keys: [String]) async -> [String: SwaplineError] {
    await withTaskGroup(of: (String, SwaplineError?).self) { group in
      var kept: [String: SwaplineError] = [:]
      for (index, key) in keys.enumerated() {
        if index >= 8, let (key, error) = await group.next() { kept[key] = error }
        group.addTask { (key, await problem(ofRemoving: key)) }
      }
      for await (key, error) in group { kept[key] = error }
      return kept
    }
  }

  /// Why a file was not removed; nil for one that is gone.
  private func problem(ofRemoving name: String) async -> SwaplineError? {
    let response = try? await send("DELETE", "\(folder.folder)/\(name)", [:], body: .none)
    if let response, response.isSuccess || response.status == 404 { return nil }
    return SwaplineError(
      .refusedByProvider,
      "DELETE was answered with \(response.map { "\($0.status)" } ?? "nothing").",
      hint: "Allow DELETE there, or write 'keep: true' and remove files otherwise.")
  }
}
