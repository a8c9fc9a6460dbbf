import Core
import Curl
import HTTP

/// An object that a bucket lists.
struct S3Object: Sendable, Hashable {
  let key: String
  /// Its length in bytes.
  let size: Int64
  /// The storage's tag of its bytes.
  let tag: String
}

/// A part of a bucket's list, in the order of the names.
struct S3Page: Sendable {
  let objects: [S3Object]
  /// The mark with which the next part is asked for; nil at the end.
  let next: String?
}

extension S3Host {
  /// One page of the objects whose names begin with `start`, a thousand at most; `mark` is that of the page
  /// before.
  ///
  /// Source: "ListObjectsV2" of the Amazon S3 API Reference. Names come percent-encoded, since XML cannot
  /// hold every character that a name may have.
  func page(_ start: String, after mark: String? = nil) async throws -> S3Page {
    var query = "?encoding-type=url&list-type=2&prefix=\(PercentCoding.encode(start))"
    if let mark { query += "&continuation-token=\(PercentCoding.encode(mark))" }
    let response = try await send(
      "GET", "", query: query, [:], body: .none, payload: Digest(of: "").hex,
      to: "list files (s3:ListBucket)")
    let text = response.text
    guard text.contains("<ListBucketResult") else {
      throw SwaplineError(
        .unavailable,
        "What answers at \(bucket.endpoint.origin) lists no files of '\(bucket.name)'.",
        hint: "Make sure that 'endpoint' leads to an S3 storage.")
    }
    let objects = text.split(separator: "<Contents>").dropFirst().compactMap { part -> S3Object? in
      let part = String(part)
      guard let name = S3Failure.element("Key", of: part)?.unescapedFromXML,
        let size = S3Failure.element("Size", of: part).flatMap({ Int64($0) })
      else { return nil }
      return S3Object(
        key: PercentCoding.decode(name.replacing("+", with: " ")) ?? name, size: size,
        tag: S3Failure.element("ETag", of: part)?.unescapedFromXML ?? "")
    }
    let next = S3Failure.element("NextContinuationToken", of: text)?.unescapedFromXML
    let isCut = S3Failure.element("IsTruncated", of: text) == "true"
    return S3Page(objects: objects, next: isCut && next != mark ? next : nil)
  }
}
