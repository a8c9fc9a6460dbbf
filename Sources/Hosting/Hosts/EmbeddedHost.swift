import Core
import MicroHTTPD

extension HostDescriptor {
  /// See `EmbeddedHost`.
  package static let embedded = HostDescriptor(
    name: "embedded",
    summary: "A server in this process, on loopback, with signed addresses that expire.",
    reach: { _, publicURL in publicURL == nil ? .thisMachine : .everyone },
    fault: { _, wanted in
      !wanted.needs.noQuery
        ? nil
        : SwaplineError(
          .unsupported, "Its addresses have a query, which the provider does not accept.",
          hint: "Use 'upload', 'webdav', or 's3' with 'public_base'.")
    },
    build: { settings in
      try EmbeddedHost(port: settings.given.port, publicURL: settings.given.publicURL)
    })
}

/// Serves files from this process, at addresses that are signed and run out.
///
/// Only this machine can fetch them, unless a tunnel or reverse proxy leads here and its address is
/// given as the public one.
package final class EmbeddedHost: Host, FetchCounting {
  private let server: HTTPServer
  private let files: SignedFiles
  private let board = CallbackBoard()
  private let publicURL: String?
  private let nonce = RandomToken.hex(bytes: 16)

  /// Starts the server.
  ///
  /// `port` 0 takes any free one. `publicURL` is what replaces `http://127.0.0.1:PORT` in the
  /// addresses. `signer` lets addresses outlive the process when its key is kept. Throws
  /// `SwaplineError` when the server cannot be started.
  package init(
    address: String = "127.0.0.1", port: Int = 0, publicURL: String? = nil,
    signer: Signer = Signer(), now: @escaping @Sendable () -> Int64 = Clock.epoch
  ) throws(SwaplineError) {
    // The addresses need the port, which is known once the server runs; nobody knows an address
    // before.
    let box = FilesBox()
    var router = Router()
    router.onImmediate("/files/{name}") { request in
      box.files?.respond(name: request.parameters["name"] ?? "", to: request.head)
        ?? .text(503, "The server is starting.\n")
    }
    let nonce = nonce
    router.onImmediate("/proof/{name}") { request in
      // Asked for by its first half, answered with the other: an echo proves nothing.
      request.parameters["name"] == String(nonce.prefix(16))
        ? .text(200, String(nonce.suffix(16))) : .text(404, "")
    }
    let board = board
    router.on(
      "POST", CallbackBoard.path, bodyLimit: CallbackBoard.maximumBody,
      // Whoever does not know an address has nothing read, let alone parsed.
      check: { board.mayBeOpen($0.parameters["token"] ?? "") ? nil : Self.unknownCallback }
    ) { request in
      let token = request.parameters["token"] ?? ""
      guard board.mayBeOpen(token) else { return Self.unknownCallback }
      guard let bytes = request.body.read(limit: Int(CallbackBoard.maximumBody)),
        let body = try? JSONValue(parsing: bytes, lenient: true)
      else { return .text(422, "The body of a callback must be JSON.\n") }
      do {
        return try await board.receive(body, for: token) ? .text(200, "") : Self.unknownCallback
      } catch {
        return .text(503, "The callback cannot be kept now.\n")
      }
    }
    do throws(ServerError) {
      server = try HTTPServer(.init(address: address, port: port), router: router)
    } catch {
      throw SwaplineError(error)
    }
    let base = publicURL.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 } ?? server.origin
    files = SignedFiles(base: base + "/files", signer: signer, now: now)
    box.files = files
    board.base = base
    self.publicURL = publicURL == nil ? nil : base
  }

  private static let unknownCallback = ServerResponse.text(404, "Unknown callback address.\n")

  /// The port that it listens at.
  package var port: Int { server.port }
  package var fetchCounter: (any FetchCounting)? { self }
  package var withdrawsFiles: Bool { true }
  /// Where providers tell that tasks have ended.
  package var callbacks: CallbackBoard? { board }

  package func publish(_ file: HostedFile) async throws -> HostedAddress {
    try file.checkIsThere()
    return files.add(file)
  }

  /// On loopback this process gives the files out itself, and no stranger is let near them.
  package var isProved: Bool { publicURL != nil }

  package func proveAccess(_ proof: StrangerProof) async throws {
    guard let publicURL else { return }
    try await proof.check(
      "\(publicURL)/proof/\(nonce.prefix(16))", gives: String(nonce.suffix(16)), of: publicURL)
  }

  package func gave(_ url: String) -> Bool { files.links.name(in: url) != nil }

  package func fetches(of url: String) -> Int {
    files.links.name(in: url).map { files.fetches(of: $0) } ?? 0
  }

  package func waitForFetch(of url: String, beyond count: Int) async throws {
    guard let name = files.links.name(in: url) else { return }
    try await files.waitForFetch(of: name, beyond: count)
  }

  /// Lets downloads under way end, for half a minute at most and five seconds when the calling task
  /// is cancelled, and stops.
  package func stop() async {
    await server.stop(within: Task.isCancelled ? .seconds(5) : .seconds(30))
  }
}
