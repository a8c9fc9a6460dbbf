/// A provider with storage of its own, for users without a public address.
public protocol UploadingProvider: Provider {
  /// A place to put one file of this type, by a PUT with the same `Content-Type`.
  ///
  /// Throws `SwaplineError`, or `CancellationError` when the calling task was cancelled.
  func uploadTarget(mimeType: String, fileExtension: String) async throws -> UploadTarget
}
