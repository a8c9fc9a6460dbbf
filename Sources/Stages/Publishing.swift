import Core
import Files
import FoundationEssentials
import Hosting
import Pipelines
import Providers

/// Waits until a submission's inputs were fetched, as long as the patience lasts.
typealias InputWatch = @Sendable (_ patience: TimeSpan) async -> Void

/// Puts files where the provider can fetch them, on the hosts that the item was put on.
struct Publishing: Sendable {
  private let trial: HostTrial
  private let lifetime: TimeSpan
  private let folder: RunFolder
  private let item: String
  private let known: [Digest: Address]

  /// How long an address must still work when it is submitted, in seconds: the provider may fetch for as
  /// long as its task is waited for.
  private let least: Double

  /// The files of an asset whose submissions are waited for as long as `timeout`.
  init(_ asset: Asset, _ context: StageContext, timeout: TimeSpan) throws {
    least = timeout.seconds
    guard let hosting = asset.hosting else {
      throw SwaplineError(.internal, "The item was put on no host.")
    }
    trial = try HostTrial(hosting.hosts, in: context)
    lifetime = hosting.lifetime
    folder = context.folder
    item = context.item
    known = Dictionary(
      asset.addresses.compactMap { role, address in
        asset.media[role].map { ($0.digest, address) }
      }, uniquingKeysWith: { $1 })
  }

  /// Notes who has fetched the files of `submission` until now; the answer waits until both were
  /// asked for again, or `patience` is over. Where nobody can tell what was fetched, and the files go
  /// with the run, it waits as long as the patience lasts.
  func watch(_ submission: SwapSubmission) -> InputWatch {
    let counts = [submission.sceneURL, submission.faceURL].map { url in
      trial.counter(of: url).map { (counter: $0, url: url, count: $0.fetches(of: url)) }
    }
    // Nobody tells when these are fetched.
    if trial.withdrawsUncounted, counts.contains(where: { $0 == nil }) {
      return { try? await Task.pause(for: $0.duration) }
    }
    let counted = counts.compactMap(\.self)
    guard !counted.isEmpty else { return { _ in } }
    return { patience in
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          for (counter, url, count) in counted {
            try? await counter.waitForFetch(of: url, beyond: count)
          }
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
      if left > min(least, lifetime.seconds / 2) { return address.url }
    }
    try await ThreadPool.disk.run { [folder] _ in try folder.own(media) }
    let fresh = try await trial.publish(
      HostedFile(path: folder.file(media), media: media, lifetime: lifetime, item: item)
    ).address
    let left = fresh.expires.map { Double($0) - Date.now.timeIntervalSince1970 } ?? .infinity
    // Half of a lifetime is what was settled for when it was short from the beginning.
    guard left > min(least, lifetime.seconds / 2) else {
      throw SwaplineError(
        .unauthorized,
        "The address of a hosted file ends in \(Figures.time(max(0, left))), and the swap may take "
          + "\(Figures.time(least)): the credentials that signed it end then.",
        hint: "Sign in to the storage again, and run the same command again.")
    }
    return fresh.url
  }
}
