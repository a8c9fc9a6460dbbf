import Core

/// How much the server keeps of what clients upload. Nil sets no limit.
package struct UploadLimits: Sendable, Hashable {
  /// The bytes that one key may keep at a time.
  package var bytesPerKey: ByteSize?
  /// The files that one key may keep at a time, addresses counted that were given out and not used.
  package var filesPerKey: Int?
  /// The bytes of all keys together.
  package var bytes: ByteSize?
  /// The files of all keys together.
  package var files: Int?

  /// 500 MB and 500 files a key, 5 GB and 20,000 files in all.
  package init(
    bytesPerKey: ByteSize? = .megabytes(500), filesPerKey: Int? = 500,
    bytes: ByteSize? = .gigabytes(5), files: Int? = 20_000
  ) {
    self.bytesPerKey = bytesPerKey
    self.filesPerKey = filesPerKey
    self.bytes = bytes
    self.files = files
  }

  /// No limits, for a server whose only client is its own run.
  package static let none = UploadLimits(
    bytesPerKey: nil, filesPerKey: nil, bytes: nil, files: nil)
}
