/// What stands in the file of a download that has not ended: enough to go on with it later, in
/// another process too.
public struct PartialDownload: Sendable, Hashable, Codable {
  /// The bytes that are written.
  public var received: Int64
  /// The bytes that the whole file has; nil when the server did not say.
  public var total: Int64?
  /// The server's strong entity tag; going on asks for the same one.
  public var entityTag: String?
  /// The server's date of the last change, used where there is no entity tag.
  public var lastModified: String?

  /// What stands in a file.
  public init(
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
public struct Download: Sendable, Hashable {
  /// The answer; unless `response.isSuccess` the file was not touched, and the body's first 64 KiB
  /// stand in `response.body`.
  public var response: HTTPResponse
  /// The file's length in bytes.
  public var size: Int64
  /// The bytes that were there before and were kept.
  public var resumedFrom: Int64
}
