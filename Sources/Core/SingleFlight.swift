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
  private let keepsFailures: Bool

  /// Nothing asked for yet. Of what is done, the `most` outcomes that were asked for last are kept: a
  /// run of a million items would hold a million. Failures are outcomes too when `keepsFailures` says so;
  /// otherwise the next who asks tries again.
  package init(most: Int = 4_096, keepsFailures: Bool = true) {
    self.most = max(1, most)
    self.keepsFailures = keepsFailures
  }

  /// The value of `key`: made by `make` for the first who asks; the others wait for the same, and
  /// a failure is everybody's too, save a worker's crash: it costs the first only, and the next
  /// makes it anew. A value that `isGood` no longer accepts is made anew.
  ///
  /// The work is cancelled when the last who waits for it is; it is then made anew for the next who
  /// asks. One who gives up takes nothing from the others.
  package func value(
    of key: Key, isGood: (Value) -> Bool = { _ in true },
    make: @escaping @Sendable () async throws -> Value
  ) async throws -> (value: Value, isFirst: Bool) {
    while true {
      if case .ended(.success(let value))? = flights[key]?.state, !isGood(value) {
        flights[key] = nil
      }
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
  package var held: Int { flights.count }

  private func isUnderWay(_ key: Key, _ task: Task<Value, any Error>) -> Bool {
    guard case .underWay(task)? = flights[key]?.state else { return false }
    return true
  }

  /// Stores the outcome of work that has ended, and discards the least recently used outcomes.
  private func land(
    _ key: Key, _ task: Task<Value, any Error>, _ result: Result<Value, any Error>
  ) {
    if isUnderWay(key, task) {
      if !keepsFailures, case .failure = result {
        flights[key] = nil
        return
      }
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
