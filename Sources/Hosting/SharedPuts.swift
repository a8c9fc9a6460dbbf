/// Puts each file once while a run lasts, however many items have it: what is under way is waited for
/// together, and what was put is used as long as it is good. A failure is nobody's but theirs who
/// waited for it.
actor SharedPuts<Place: Sendable> {
  private struct Flight {
    var task: Task<Place, any Error>
    var waiting: Int
  }

  private struct Known {
    var place: Place
    /// When it was asked for last, in order of asking.
    var used: Int
  }

  private var flights: [String: Flight] = [:]
  private var known: [String: Known] = [:]
  private var asked = 0
  private let most: Int

  /// Nothing put yet. Of what was put, the `most` places that were asked for last are kept.
  init(most: Int = 4_096) {
    self.most = max(1, most)
  }

  /// The place of `key`: one that is known and good, else one that `put` makes for everybody who asks
  /// meanwhile. `put` is cancelled when the last who waits for it is.
  func place(
    of key: String, isGood: (Place) -> Bool = { _ in true },
    put: @escaping @Sendable () async throws -> Place
  ) async throws -> Place {
    asked += 1
    if let place = known[key]?.place {
      if isGood(place) {
        known[key]?.used = asked
        return place
      }
      known[key] = nil
    }
    var flight = flights[key] ?? Flight(task: Task { try await put() }, waiting: 0)
    flight.waiting += 1
    flights[key] = flight
    let task = flight.task
    let result = await withTaskCancellationHandler {
      await task.result
    } onCancel: {
      Task { await self.leave(key, task) }
    }
    if flights[key]?.task == task {
      flights[key] = nil
      if case .success(let place) = result { keep(place, as: key) }
    }
    return try result.get()
  }

  private func keep(_ place: Place, as key: String) {
    known[key] = Known(place: place, used: asked)
    guard known.count > 2 * most else { return }
    let oldest = asked - most
    known = known.filter { $0.value.used > oldest }
  }

  private func leave(_ key: String, _ task: Task<Place, any Error>) {
    guard flights[key]?.task == task else { return }
    flights[key]?.waiting -= 1
    if flights[key]?.waiting == 0 {
      task.cancel()
      flights[key] = nil
    }
  }
}
