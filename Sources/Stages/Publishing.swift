import Core
import FoundationEssentials
import Hosting
import Pipelines
import Providers

/// Waits until a submission's inputs were fetched, as long as the patience lasts.
typealias InputWatch = @Sendable (_ patience: TimeSpan) async -> Void

/// Puts files where the provider can fetch them, on the host that the item was put on.
struct Publishing: Sendable {
  private let host: any Hosting.Host
  private let lifetime: TimeSpan
  private let folder: RunFolder
  private let known: [Digest: Address]

  /// How long an address must still work when it is submitted: the provider fetches when it likes.
  private static let least = 300.0

  init(_ asset: Asset, _ context: StageContext) throws {
    guard let hosting = asset.hosting,
      let host = try context.resources.require(HostsKey.self)[hosting.host]
    else { throw SwaplineError(.internal, "The item's host was not made ready for this run.") }
    self.host = host
    lifetime = hosting.lifetime
    folder = context.folder
    known = Dictionary(
      asset.addresses.compactMap { role, address in
        asset.media[role].map { ($0.digest, address) }
      }, uniquingKeysWith: { $1 })
  }

  /// Notes who has fetched the files of `submission` until now; the answer waits until both were
  /// asked for again, or `patience` is over.
  func watch(_ submission: SwapSubmission) -> InputWatch {
    guard let host = host as? any FetchCounting else { return { _ in } }
    let counts = [submission.sceneURL, submission.faceURL].map { ($0, host.fetches(of: $0)) }
    return { patience in
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          for (url, count) in counts { try? await host.waitForFetch(of: url, beyond: count) }
        }
        group.addTask { try? await Task.pause(for: patience.duration) }
        await group.next()
        group.cancelAll()
      }
    }
  }

  /// Where `media` can be fetched: where it was put before, unless that is about to end.
  func address(of media: Media) async throws -> String {
    if let address = known[media.digest] {
      let left = (address.expires ?? .infinity) - Date.now.timeIntervalSince1970
      if left > min(Self.least, lifetime.seconds / 2) { return address.url }
    }
    return try await host.publish(
      HostedFile(
        path: folder.file(media), format: media.format, size: media.size, digest: media.digest,
        lifetime: lifetime)
    ).url
  }
}
