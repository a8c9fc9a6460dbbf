import Core
import Hosting
import MicroHTTPD

/// The server's own paths of files: signed uploads and downloads.
struct FileRoutes: Sendable {
  let context: ServerContext

  func add(to router: inout Router) {
    router.onImmediate("/files/{name}") { download($0) }
    let most = context.configuration.inputs.maximumMovingSize.bytes
    router.on("PUT", "/uploads/{name}", bodyLimit: most, check: { check($0, most) }) {
      await upload($0)
    }
  }

  private func download(_ request: ServerRequest) -> ServerResponse {
    let name = request.parameters["name"] ?? ""
    if let refusal = refusal(context.links.checkDownload(name, request.query)) { return refusal }
    // A name is given to one file only, so it stands for the content.
    var answer = ServerResponse.file(
      context.vault.path(name),
      contentType: Self.format(of: name)?.mimeType ?? "application/octet-stream",
      entityTag: name)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    if let title = FileName.title(name) {
      answer.headers["Content-Disposition"] = FileName.disposition(title)
    }
    return answer
  }

  /// Whether the body of an upload is read.
  private func check(_ request: ServerRequest, _ most: Int64) -> ServerResponse? {
    let name = request.parameters["name"] ?? ""
    if let refusal = refusal(context.links.checkUpload(name, request.query)) { return refusal }
    guard let length = request.head.contentLength else {
      return .text(411, "An upload needs a Content-Length.\n")
    }
    // What is longer than any upload may be is told so before anything is counted.
    return length > most ? nil : context.uploads.begin(name, size: length)
  }

  private func upload(_ request: ServerRequest) async -> ServerResponse {
    let name = request.parameters["name"] ?? ""
    let type = request.headers["Content-Type"] ?? ""
    guard let wanted = Self.format(of: name), MediaFormat.mime(type) == wanted else {
      return .text(422, "The Content-Type must be the one that the address was asked for with.\n")
    }
    let inputs = context.configuration.inputs
    let most = inputs.size(of: inputs.stills.contains(wanted) ? .image : .video)
    guard request.body.count <= most.bytes else {
      return .text(413, "At most \(most) are accepted of a \(wanted).\n")
    }
    let head: [UInt8] =
      if let file = request.body.file {
        SmallFile.head(file.path, MediaFormat.signatureLength)
      } else {
        Array((request.body.bytes ?? []).prefix(MediaFormat.signatureLength))
      }
    guard let format = MediaFormat.sniff(head), format == wanted else {
      return .text(422, "The content is not of the type \(type).\n")
    }
    // The download's address ends with the upload's; the file goes with it.
    let expires = request.query["expires"].flatMap { Int64($0) } ?? 0
    do {
      let digest = try await context.vault.digest(of: request.body)
      try await context.store.keep(
        name, until: expires, size: request.body.count, digest: digest)
      guard try await context.vault.keep(request.body, as: name) else {
        return .text(409, "This file was uploaded before; files are written once.\n")
      }
      context.uploads.keep(name, size: request.body.count)
      return ServerResponse(200)
    } catch {
      return .text(500, "The server could not keep the file.\n")
    }
  }

  /// The name of the file whose upload a request was let begin with; nil for other requests.
  static func upload(_ request: AnsweredRequest) -> String? {
    guard request.isAdmitted, request.method == "PUT", request.path.hasPrefix("/uploads/") else {
      return nil
    }
    return PercentCoding.decode(request.path.dropFirst("/uploads/".count))
  }

  private static func format(of name: String) -> MediaFormat? {
    name.split(separator: ".").last.flatMap { MediaFormat.named(String($0)) }
  }

  private func refusal(_ verdict: SignedLinks.Verdict) -> ServerResponse? {
    switch verdict {
    case .valid: nil
    case .expired: .text(410, "This address has expired.\n")
    case .forged: .text(403, "This address was not made here, or was changed.\n")
    }
  }
}
