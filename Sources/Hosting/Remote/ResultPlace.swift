import Core

/// A place elsewhere that a run's results are put at, under their names.
package protocol ResultPlace: Sendable {
  /// Where it is, for people.
  var shown: String { get }

  /// Puts a file under its key, in the place of what was there, and gives the storage's tag of it.
  /// `upload` is what an earlier run noted of a file that it did not finish; `note` notes the same for
  /// the next one. Throws `SwaplineError`, or `CancellationError` when the calling task was cancelled.
  func put(
    _ file: ResultFile, upload: String?, note: @escaping @Sendable (String?) async throws -> Void
  ) async throws -> String

  /// Whether the file that was put under `key` is still there, as it was.
  func holds(_ key: String, size: Int64, tag: String) async throws -> Bool

  /// Proves, before anything is paid, that the place is there and takes files from this user as far as that can
  /// be told without putting one; whether it gives a list of what it has. Throws `SwaplineError`.
  func check() async throws -> Bool

  /// Hands over everything that is at the place, page by page.
  func list(_ receive: ([ResultObject]) async throws -> Void) async throws
}

/// A file to be put at a place.
package struct ResultFile: Sendable, Hashable {
  /// Where it is on this machine.
  package var path: String
  /// Its name at the place, with slashes.
  package var key: String
  /// Its length in bytes.
  package var size: Int64
  /// SHA-256 of its bytes.
  package var digest: Digest
  /// Its format; nil for JSON.
  package var format: MediaFormat?

  /// A file to be put at a place.
  package init(path: String, key: String, size: Int64, digest: Digest, format: MediaFormat? = nil) {
    self.path = path
    self.key = key
    self.size = size
    self.digest = digest
    self.format = format
  }

  /// The type that it is served with.
  var type: String { format?.mimeType ?? "application/json" }

  /// How long others may keep it: a name stays when what is behind it is made anew.
  var cacheControl: String { format == nil ? "no-cache" : "public, max-age=3600" }
}

/// What lies at a place.
package struct ResultObject: Sendable, Hashable {
  /// Its name below the place.
  package let key: String
  /// Its length in bytes.
  package let size: Int64
  /// The storage's tag of its bytes.
  package let tag: String
}
