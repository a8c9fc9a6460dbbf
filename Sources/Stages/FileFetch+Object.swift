import Core
import Hosting
import Pipelines

extension FileFetch {
  /// Brings an object of a bucket, as `s3://bucket/key` names it.
  func downloadObject(_ reference: String, to temporary: String) async throws -> SwaplineError? {
    guard let location = S3Location(reference), !location.key.isEmpty else {
      throw SwaplineError(
        .usage, "\(reference) names no file of a bucket.", hint: "Write s3://bucket/name.")
    }
    let storages = try context.resources.require(RemoteStoragesKey.self)
    let url = try await storages.address(of: location, lifetime: stage.timeout)
    do {
      // Where the storage is, the user's own settings say.
      return try await download(url, named: reference, to: temporary, policy: .any)
    } catch let error as SwaplineError {
      // The storage's own words say which key or right is missing.
      try await storages.explain(location)
      throw error
    }
  }
}
