import Core
import Curl
import Hosting
import Pipelines
import Processing
import Providers

/// The HTTP client of a run.
package enum HTTPClientKey: ResourceKey {
  /// One client for all transfers.
  package typealias Value = HTTPClient
}

/// The hosts of a run, by name.
package enum HostsKey: ResourceKey {
  /// A host by its name in pipeline files.
  package typealias Value = [String: any Hosting.Host]
}

/// Looks at addresses before something is submitted; missing where nothing is to be looked at.
package enum StrangerProofKey: ResourceKey {
  /// One proof for all hosts.
  package typealias Value = StrangerProof
}

/// The providers of a run, by name.
package enum ProvidersKey: ResourceKey {
  /// A provider by its name in pipeline files.
  package typealias Value = [String: ConnectedProvider]
}

/// Fetches that several items of a run share.
package enum SharedFetchesKey: ResourceKey {
  /// What was fetched, by reference and limits.
  package typealias Value = SingleFlight<String, Media>
}

/// Swaps that several items of a run share.
package enum SharedSwapsKey: ResourceKey {
  /// What was swapped, by the ledger's key.
  package typealias Value = SingleFlight<Digest, BoughtSwap>
}

/// Standard input, which one reference of a run may take.
package enum StandardInputKey: ResourceKey {
  /// The file descriptor to read.
  package typealias Value = Int32
}

/// A host that hands this machine's own files to `fetch`, so that they too come over HTTP.
package enum LocalFilesKey: ResourceKey {
  /// A host that only this machine reaches.
  package typealias Value = any Hosting.Host
}

/// The storages behind `s3://` scenes.
package enum RemoteStoragesKey: ResourceKey {
  /// Storages by address.
  package typealias Value = RemoteStorages
}

/// The place of results that runs share; missing where none was named.
package enum SharedResultsKey: ResourceKey {
  /// A folder, or a part of a bucket.
  package typealias Value = any SharedResults
}

/// Whether submissions of unknown fate are sent again.
package enum RetryAmbiguousKey: ResourceKey {
  /// True after the user has said so.
  package typealias Value = Bool
}

/// A provider that a run can call.
package struct ConnectedProvider: Sendable {
  /// The client.
  package var provider: any Provider
  /// How its ledger entries call it: a local engine behind the same wire format is another one.
  package var identity: String
  /// How to wait for its tasks.
  package var waiter: Waiter
  /// How to go on when it declines for now.
  package var retries: SubmissionRetries
  /// Which addresses its results may lie at.
  package var resultPolicy: AddressPolicy
  /// Whether it is sure to take a submission once that is sent again with the same Idempotency-Key,
  /// so that one of unknown fate may be sent again unasked. True of the server in this process.
  package var takesKeysOnce: Bool
  /// Whether the local engine of this process does the swaps, so that nobody need look whether a face changed.
  package var swapsHere = false
  /// How long its tasks are waited for when the run ends because the disk is full: what records them is on it.
  package var fullDiskPatience = TimeSpan.seconds(5)
  /// Networks of the user's own, by whose embedder likeness is measured.
  package var engine: EngineWeights?
  /// Whether it is to call back, and can.
  package var wantsCallbacks = false
  /// Where it tells that tasks have ended; nil when it cannot reach this process.
  package var callbacks: CallbackBoard?
  /// How long a callback is waited for when a submission had no answer.
  package var callbackPatience = TimeSpan.minutes(2)
  /// How long a fresh result's address may answer that there is nothing yet.
  package var resultPatience = TimeSpan.seconds(30)
  /// How long the host is kept for a submission without an answer, whose inputs the provider may be
  /// about to fetch.
  package var fetchPatience = TimeSpan.minutes(1)
  /// The prices that the provider was asked for, by model.
  package let prices = SingleFlight<String, Double?>()
  /// How many submissions a minute it takes; nil where nobody knows.
  package let perMinute: Double?
  /// How fast submissions may follow each other.
  package let pace: SubmissionPace
  private let permits: [String: AsyncSemaphore]

  /// A provider that a run can call.
  package init(
    provider: any Provider, identity: String, waiter: Waiter = Waiter(),
    retries: SubmissionRetries = SubmissionRetries(), resultPolicy: AddressPolicy = .publicOnly,
    takesKeysOnce: Bool = false
  ) {
    self.provider = provider
    self.identity = identity
    self.waiter = waiter
    self.retries = retries
    self.resultPolicy = resultPolicy
    self.takesKeysOnce = takesKeysOnce
    permits = Dictionary(
      provider.models.map { ($0.name, AsyncSemaphore($0.profile.inFlight.value)) },
      uniquingKeysWith: { $1 })
    let perMinute = provider.models.compactMap(\.profile.requestsPerMinute.value).min()
    self.perMinute = perMinute.map(Double.init)
    pace = SubmissionPace(perMinute: perMinute)
  }

  /// As many swaps of a model in flight as the provider allows.
  func permits(of model: ProviderModel) -> AsyncSemaphore {
    permits[model.name] ?? AsyncSemaphore(1)
  }
}
