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
  /// `field` names the input in messages. Throws `SwaplineError` or `CancellationError`.
  func fetch(_ url: String, field: String, to path: String) async throws -> Input {
    if let (name, verdict) = links.ownFile(url) {
      switch verdict {
      case .valid: return try input(vault.path(name), field)
      case .expired:
        throw SwaplineError(
          .notFound, "\(field) cannot be fetched: its address has run out.")
      case .forged:
        throw SwaplineError(
          .forbiddenAddress, "\(field) cannot be fetched: its address was not made here.")
      }
    }
    let download: Download
    do {
      download = try await client.download(
        HTTPRequest(
          "GET", url, timeout: limits.fetchTimeout.duration,
          stallLimit: HTTPRequest.StallLimit(bytesPerSecond: 1_000, seconds: 15),
          maximumRedirects: 5, maximumBytes: limits.maximumSize.bytes,
          addressPolicy: allowsLoopback ? .publicAndLoopback : .publicOnly), to: path)
    } catch let error as CurlError {
      throw translated(error, field)
    }
    guard download.response.isSuccess else {
      throw SwaplineError(
        .notFound,
        "\(field) cannot be fetched: the address answers with status \(download.response.status).")
    }
    return try input(path, field)
  }

  private func input(_ path: String, _ field: String) throws -> Input {
    let head = SmallFile.head(path, MediaFormat.signatureLength)
    guard !head.isEmpty else {
      throw SwaplineError(.damaged, "\(field) is an empty file, or is not there any more.")
    }
    let wanted = limits.formats.map(\.name).joined(separator: ", ")
    guard let format = MediaFormat.sniff(head) else {
      throw SwaplineError(
        .unsupported,
        "\(field) is not an image: its content is of no known format. Supported: \(wanted).")
    }
    guard limits.formats.contains(format) else {
      throw SwaplineError(
        .unsupported,
        "\(field) is of the format \(format), which is not supported. "
          + "Supported: \(wanted).")
    }
    return Input(path: path, format: format)
  }

  /// Checks what was measured. Throws `SwaplineError`.
  func check(_ media: Media, field: String) throws(SwaplineError) {
    guard media.kind == .image else {
      throw SwaplineError(
        .unsupported, "\(field) has \(media.frames) frames; this model takes still images.")
    }
    let pixels = media.width * media.height
    guard pixels <= limits.maximumPixels else {
      throw SwaplineError(
        .limit,
        "\(field) is too large: \(media.width) x \(media.height) are \(pixels) pixels, and at most "
          + "\(limits.maximumPixels) are taken.")
    }
  }

  private func translated(_ error: CurlError, _ field: String) -> SwaplineError {
    switch error.kind {
    case .tooLarge:
      SwaplineError(
        .limit, "\(field) is too large: at most \(limits.maximumSize) are taken.")
    case .forbiddenAddress, .forbiddenRedirect:
      SwaplineError(
        .forbiddenAddress, "\(field) cannot be fetched: \(error.detail)",
        hint: "Only public addresses are fetched.")
    case .badAddress, .badRequest:
      SwaplineError(.usage, "\(field) cannot be fetched: \(error.detail)")
    case .writeFailed:
      SwaplineError(.storage, "The server could not keep \(field): \(error.detail)")
    default:
      SwaplineError(.network, "\(field) cannot be fetched: \(error.detail)")
    }
  }
}
