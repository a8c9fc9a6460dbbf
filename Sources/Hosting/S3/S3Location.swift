import Core

/// An object of an S3 storage, or a part of a bucket, as `s3://bucket/key` names it.
package struct S3Location: Sendable, Hashable, CustomStringConvertible {
  /// The bucket's name.
  package var bucket: String
  /// The object's name, or what names begin with.
  package var key: String

  /// A location.
  package init(bucket: String, key: String) {
    self.bucket = bucket
    self.key = key
  }

  /// Reads `s3://bucket/key`, the key as it is: nothing in it is percent-encoded. Nil for what names no
  /// bucket.
  package init?(_ text: String) {
    guard text.hasPrefix("s3://") else { return nil }
    let rest = text.dropFirst(5)
    let bucket = rest.prefix { $0 != "/" }
    guard S3Bucket.problem(with: String(bucket)) == nil else { return nil }
    self.init(bucket: String(bucket), key: String(rest.dropFirst(bucket.count + 1)))
  }

  package var description: String { "s3://\(bucket)/\(key)" }
}
