import Core
import HTTP

/// A part of a bucket that results are put into.
struct S3Results: ResultPlace {
  let host: S3Host
  /// What the objects' names begin with.
  let start: String

  var shown: String {
    "s3://\(host.bucket.name)" + (start.isEmpty ? "" : "/\(start.dropLast())")
  }

  func put(
    _ file: ResultFile, upload: String?, note: @escaping @Sendable (String?) async throws -> Void
  ) async throws -> String {
    let key = start + file.key
    let fields: HTTPHeaders = [
      "Content-Type": file.type, "Cache-Control": file.cacheControl,
    ]
    if file.size > host.parts.threshold, let format = file.format {
      let hosted = HostedFile(
        path: file.path, format: format, size: file.size, digest: file.digest)
      try hosted.checkIsThere()
      try await host.putInParts(
        hosted, fields, PlacedFiles.Placing(key: key, upload: upload, note: note))
      return try await tag(of: key, size: file.size)
    }
    // The storage refuses bytes that are not those of the signed digest.
    let response = try await host.send(
      "PUT", key, fields, body: .file(path: file.path), payload: file.digest.hex, to: "take a file")
    if let tag = response.headers["ETag"], !tag.isEmpty { return tag }
    return try await tag(of: key, size: file.size)
  }

  private func tag(of key: String, size: Int64) async throws -> String {
    let response = try await host.send(
      "HEAD", key, [:], body: .none, payload: Digest(of: "").hex, to: "tell of a file")
    guard response.headers.contentLength == size else {
      throw SwaplineError(
        .unavailable, "The storage reports another length for \(key) than was uploaded.",
        hint: "Try again; if that does not help, check the bucket's log.")
    }
    return response.headers["ETag"] ?? ""
  }

  func holds(_ key: String, size: Int64, tag: String) async throws -> Bool {
    let response = try await host.send(
      "HEAD", start + key, [:], body: .none, payload: Digest(of: "").hex, to: "tell of a file",
      passingStatus: 404)
    return response.isSuccess && response.headers.contentLength == size
      && (response.headers["ETag"] ?? tag) == tag
  }

  /// Keys that may only write see no list.
  func check() async throws -> Bool {
    let response = try await host.send(
      "GET", "", query: "?list-type=2&max-keys=1&prefix=\(PercentCoding.encode(start))", [:],
      body: .none, payload: Digest(of: "").hex, to: "be looked at", passing: ["AccessDenied"])
    return response.isSuccess
  }

  func list(_ receive: ([ResultObject]) async throws -> Void) async throws {
    var mark: String?
    repeat {
      let page = try await host.page(start, after: mark)
      try await receive(
        page.objects.map {
          ResultObject(key: String($0.key.dropFirst(start.count)), size: $0.size, tag: $0.tag)
        })
      mark = page.next
    } while mark != nil
  }
}
