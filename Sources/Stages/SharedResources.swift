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
    pace = SubmissionPace(
      perMinute: provider.models.compactMap(\.profile.requestsPerMinute.value).min())
  }

  /// As many swaps of a model in flight as the provider allows.
  func permits(of model: ProviderModel) -> AsyncSemaphore {
    permits[model.name] ?? AsyncSemaphore(1)
  }
}

/// Does work once for everybody who asks for it under the same key while the run lasts.
package actor SingleFlight<Key: Hashable & Sendable, Value: Sendable> {
  private enum State {
    case underWay(Task<Value, any Error>)
    /// A task that has ended is not kept for its value: it would keep all its memory.
    case ended(Result<Value, any Error>)
  }

  private struct Flight {
    var state: State
    var waiting: Int
    /// When it was asked for last, in order of asking.
    var used: Int
  }

  private var flights: [Key: Flight] = [:]
  private var asked = 0
  private let most: Int

  /// Nothing asked for yet. Of what is done, the `most` values that were asked for last are kept: a
  /// run of a million items would hold a million.
  package init(most: Int = 4_096) {
    self.most = max(1, most)
  }

  /// The value of `key`: made by `make` for the first who asks; the others wait for the same, and
  /// a failure is everybody's too, save a worker's crash: it costs the first only, and the next
  /// makes it anew.
  ///
  /// The work is cancelled when the last who waits for it is; it is then made anew for the next who
  /// asks. One who gives up takes nothing from the others.
  package func value(
    of key: Key, make: @escaping @Sendable () async throws -> Value
  ) async throws -> (value: Value, isFirst: Bool) {
    while true {
      let isFirst = flights[key] == nil
      var flight =
        flights[key] ?? Flight(state: .underWay(Task { try await make() }), waiting: 0, used: 0)
      asked += 1
      flight.used = asked
      let task: Task<Value, any Error>
      switch flight.state {
      case .ended(let result):
        flights[key] = flight
        return (try result.get(), false)
      case .underWay(let work): task = work
      }
      flight.waiting += 1
      flights[key] = flight
      let result = await withTaskCancellationHandler {
        await task.result
      } onCancel: {
        Task { await self.leave(key, task) }
      }
      if case .failure(let error as SwaplineError) = result, error.code == .workerCrashed {
        if isUnderWay(key, task) { flights[key] = nil }
        if isFirst { throw error }
        continue
      }
      // Who gave up has left already.
      if !Task.isCancelled { land(key, task, result) }
      return (try result.get(), isFirst)
    }
  }

  /// How many values, failures and works are held.
  var held: Int { flights.count }

  private func isUnderWay(_ key: Key, _ task: Task<Value, any Error>) -> Bool {
    guard case .underWay(task)? = flights[key]?.state else { return false }
    return true
  }

  /// Stores the outcome of work that has ended, and discards the least recently used outcomes.
  private func land(
    _ key: Key, _ task: Task<Value, any Error>, _ result: Result<Value, any Error>
  ) {
    if isUnderWay(key, task) {
      flights[key]?.state = .ended(result)
      flights[key]?.waiting = 0
    }
    guard flights.count > 2 * most else { return }
    let oldest = asked - most
    flights = flights.filter { $0.value.waiting > 0 || $0.value.used > oldest }
  }

  private func leave(_ key: Key, _ task: Task<Value, any Error>) {
    guard isUnderWay(key, task), var flight = flights[key] else { return }
    flight.waiting -= 1
    if flight.waiting == 0 {
      task.cancel()
      flights[key] = nil
    } else {
      flights[key] = flight
    }
  }
}
