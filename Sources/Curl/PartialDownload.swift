/// What stands in the file of a download that has not ended: enough to go on with it later, in
/// another process too.
package struct PartialDownload: Sendable, Hashable, Codable {
  /// The bytes that are written.
  package var received: Int64
  /// The bytes that the whole file has; nil when the server did not say.
  package var total: Int64?
  /// The server's strong entity tag; going on asks for the same one.
  package var entityTag: String?
  /// The server's date of the last change, used where there is no entity tag.
  package var lastModified: String?
  /// Whether the last request for the rest brought nothing, so that the next one asks for the whole
  /// file: a server that answers such requests badly must not be asked the same for ever.
  package var isDoubted: Bool?

  /// What stands in a file.
  package init(
    received: Int64 = 0, total: Int64? = nil, entityTag: String? = nil,
    lastModified: String? = nil
  ) {
    self.received = received
    self.total = total
    self.entityTag = entityTag
    self.lastModified = lastModified
  }

  /// What tells the server which version of the file the bytes belong to (RFC 9110, 13.1.5);
  /// without it going on would risk two halves of different files.
  var validator: String? { entityTag ?? lastModified }
}

/// A download that ended.
package struct Download: Sendable, Hashable {
  /// Whether the file is there. If not, the answer was an error or one without a file (202, 204, 205):
  /// the file was not touched, and the body's first 64 KiB are in `response.body`.
  package var isWhole: Bool
  /// The answer.
  package var response: HTTPResponse
  /// The file's length in bytes.
  package var size: Int64
  /// The bytes that were there before and were kept.
  package var resumedFrom: Int64
  /// What an earlier try left in the file, when this one brought nothing.
  package var partial: PartialDownload?
}
