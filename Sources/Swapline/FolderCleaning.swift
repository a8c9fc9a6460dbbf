import Core
import Curl
import Files
import Hosting
import Ledgers
import Pipelines
import Runs

/// What a run's folder has elsewhere and here, listed and removed.
package enum FolderCleaning {
  /// What hosts have put for the runs of the folder at `path`, and may still have; nothing is changed.
  package static func hosted(_ path: String) throws -> [HostingRecord.Entry] {
    let record = HostingRecord.path(in: path)
    return FileSystem.exists(record) ? try HostingRecord.read(record) : []
  }

  /// Removes all that hosts have put for the folder's runs, what was to stay included, and gives what
  /// could not be removed. Throws who holds the folder.
  package static func removeHosted(
    _ path: String, environment: [String: String]
  ) async throws -> (removed: Int, problems: [SwaplineError]) {
    let folder = try RunFolder(path)
    let lock = try RunLock(folder)
    defer { lock.release() }
    let client = HTTPClient(HTTPClient.Options(userAgent: "swapline/\(SwaplineVersion.text)"))
    defer { client.shutdown() }
    let record = try await ThreadPool.disk.run { _ in try HostingRecord(folder) }
    let problems = try await HostCleaning(record, environment: environment, client: client)
      .remove(try await record.entries(), removesKept: true)
    return (record.tally.removed, problems)
  }

  /// The places of results that the runs of the folder at `path` share with others.
  package static func sharedResults(_ path: String) throws -> [String] {
    ResultsOfFolder(try RunFolder(path)).places
  }

  /// Removes from those places what the runs of the folder at `path` have bought, or only counts what there may
  /// be. Others may still have needed it: they ask the provider again. Throws who holds the folder.
  package static func removeSharedResults(
    _ path: String, environment: [String: String], isDry: Bool
  ) async throws -> Int {
    let folder = try RunFolder(path)
    let lock = try RunLock(folder)
    defer { lock.release() }
    let results = try await LedgersOfFolder(folder).ownResults()
    let places = ResultsOfFolder(folder).places
    guard !isDry else { return results.count * places.count }
    let client = HTTPClient(HTTPClient.Options(userAgent: "swapline/\(SwaplineVersion.text)"))
    defer { client.shutdown() }
    let storages = RemoteStorages(hosts: [:], environment: environment, client: client)
    var removed = 0
    for place in try places.map({ try storages.results(at: $0) }) {
      for result in results where try await place.remove(result) { removed += 1 }
    }
    return removed
  }

  /// Removes the media of the folder at `path`, or only counts them. Throws who holds the folder.
  package static func removeMedia(_ path: String, isDry: Bool) async throws -> RunPurge.Outcome {
    let folder = try RunFolder(path)
    let lock = try RunLock(folder)
    defer { lock.release() }
    return try await RunPurge(folder).run(isDry: isDry)
  }
}
