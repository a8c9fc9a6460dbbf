/// Whatever does media work: worker processes, or this process itself.
///
/// Errors are `SwaplineError`, or `CancellationError` when the calling task was cancelled. Files
/// are written to a temporary name beside their place, synced and renamed.
public protocol MediaService: Sendable {
  /// Does one piece of work.
  func perform<Work: MediaWork>(_ work: Work) async throws -> Work.Answer
}
