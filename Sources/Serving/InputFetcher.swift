import Core
import Curl
import Processing

/// Brings scene and face home, within bounds, and says exactly what is wrong with them.
struct InputFetcher: Sendable {
  let client: HTTPClient
  let links: FileLinks
  let vault: FileVault
  let limits: InputLimits
  let allowsLoopback: Bool

  /// One input, at home.
  struct Input: Sendable {
    var path: String
    var format: MediaFormat
  }

  /// Fetches `url` to `path`, unless it is one of the server's own files, which is used in place.
  ///
  /// `kind` is what it has to be; `field` names the input in messages. Throws `SwaplineError` or `CancellationError`.
  func fetch(
    _ url: String, as kind: MediaKind, field: String, to path: String
  ) async throws -> Input {
    if let (name, verdict) = links.ownFile(url) {
      switch verdict {
      case .valid: return try input(vault.path(name), kind, field)
      case .expired:
        throw SwaplineError(
          .notFound, "\(field) cannot be fetched: its address has expired.")
      case .forged:
        throw SwaplineError(
          .forbiddenAddress, "\(field) cannot be fetched: its address was not made here.")
      }
    }
    let download: Download
    do {
      download = try await client.download(
        HTTPRequest(
          "GET", url, timeout: limits.fetchTimeout.duration * (kind == .image ? 1 : 5),
          stallLimit: HTTPRequest.StallLimit(bytesPerSecond: 1_000, seconds: 15),
          maximumRedirects: 5, maximumBytes: limits.size(of: kind).bytes,
          addressPolicy: allowsLoopback ? .publicAndLoopback : .publicOnly), to: path)
    } catch let error as CurlError {
      throw translated(error, kind, field)
    }
    guard download.isWhole else {
      throw SwaplineError(
        .notFound,
        "\(field) cannot be fetched: the address answers with status \(download.response.status).")
    }
    return try input(path, kind, field)
  }

  private func input(_ path: String, _ kind: MediaKind, _ field: String) throws -> Input {
    let head = SmallFile.head(path, MediaFormat.signatureLength)
    guard !head.isEmpty else {
      throw SwaplineError(.damaged, "\(field) is an empty file, or is not there any more.")
    }
    let formats = limits.formats(of: kind)
    let wanted = formats.map(\.name).joined(separator: ", ")
    let noun = kind == .image ? "an image" : kind == .video ? "a video" : "a GIF"
    guard let format = MediaFormat.sniff(head) else {
      throw SwaplineError(
        .unsupported,
        "\(field) is not \(noun): its content is of no known format. Supported: \(wanted).")
    }
    guard formats.contains(format) else {
      throw SwaplineError(
        .unsupported,
        "\(field) is of the format \(format), which is not supported. "
          + "Supported: \(wanted).")
    }
    return Input(path: path, format: format)
  }

  private func translated(
    _ error: CurlError, _ kind: MediaKind, _ field: String
  ) -> SwaplineError {
    switch error.kind {
    case .tooLarge:
      SwaplineError(
        .limit, "\(field) is too large: at most \(limits.size(of: kind)) are accepted.")
    // One sentence for all of them: what a name resolves to in here, and whether there is such a
    // name, is nothing that a stranger should learn.
    case .forbiddenAddress, .forbiddenRedirect, .resolve:
      SwaplineError(
        .forbiddenAddress, "\(field) cannot be fetched: its host has no public address.",
        hint: "Only public addresses are fetched.")
    case .connect, .tls:
      SwaplineError(
        .network,
        "\(field) cannot be fetched: no \(error.kind == .tls ? "TLS " : "")connection to "
          + "its host could be made.")
    case .badAddress, .badRequest:
      SwaplineError(.usage, "\(field) cannot be fetched: \(error.detail)")
    case .writeFailed:
      SwaplineError(.storage, "The server could not keep \(field): \(error.detail)")
    default:
      SwaplineError(.network, "\(field) cannot be fetched: \(error.detail)")
    }
  }
}
