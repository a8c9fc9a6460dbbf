import Core
import Files
import Ledgers
import Synchronization

/// The files that a host has put somewhere: each one once, with the items that use it. A file is removed
/// when it has been unused for a while, or at the end of the run.
///
/// Where there is a record, a file stands in it before it is put and until it is removed. What an
/// earlier run has left is used again, or removed with the rest.
package final class PlacedFiles: Sendable {
  /// A file at a place.
  struct Place: Sendable {
    var key: String
    var number: Int64?
    /// Where it can be fetched, for a host that knows that only when it puts the file.
    var address: HostedAddress?
    /// Seconds since 1970 when it was put.
    var since: Int64
    /// Whether an earlier run has put it.
    var isEarlier = false
    /// Whether it can be removed again.
    var isRemovable = true
  }

  /// What `put` throws when it is certain that nothing was put.
  struct NothingPut: Error {
    var reason: SwaplineError
  }

  /// A file that is about to be put.
  struct Placing: Sendable {
    /// The name that it gets.
    var key: String
    /// What an earlier run has noted about a file that it did not finish.
    var upload: String?
    /// Notes what is needed to go on with the file, or that there is nothing any more.
    var note: @Sendable (_ upload: String?) async throws -> Void = { _ in }
  }

  /// What putting a file has come to.
  struct Placed: Sendable {
    /// Its name where that is another one; nil where the name given was taken.
    var key: String?
    /// Where it can be fetched, where putting it has told that.
    var address: HostedAddress?
    /// Whether it can be removed again.
    var isRemovable = true
  }

  private struct State {
    var places: [String: Place] = [:]
    var begun: [String: HostingRecord.Entry] = [:]
    /// To be removed at the end: files left by earlier runs, and uploads whose outcome is unknown.
    var strays: [Place] = []
    var users: [String: Set<String>] = [:]
    var used: [String: Set<String>] = [:]
    var idle: [String: Int64] = [:]
  }

  private let host: String
  private let share: HostingShare?
  private let final: HostingRecord.State
  private let now: @Sendable () -> Int64
  private let flights = SingleFlight<String, Place>(keepsFailures: false)
  private let state: Mutex<State>

  /// The files of the host called `host`. `final` is how the record has what is there; `reuses` says
  /// whether files of earlier runs may be used again.
  init(
    _ host: String, _ share: HostingShare?, _ final: HostingRecord.State = .placed,
    reuses: Bool = true, now: @escaping @Sendable () -> Int64 = Clock.epoch
  ) {
    self.host = host
    self.share = share
    self.final = final
    self.now = now
    var state = State()
    for entry in share?.earlier ?? [] where entry.state != .left {
      let name = "\(entry.digest.hex).\(entry.format)"
      let place = Place(
        key: entry.key, number: entry.number, since: Int64(entry.since), isEarlier: true)
      if reuses, entry.state == .intended, entry.upload != nil, state.begun[name] == nil {
        state.begun[name] = entry
      } else if reuses, entry.state != .intended, state.places[name] == nil {
        state.places[name] = place
        state.idle[name] = now()
      } else {
        state.strays.append(place)
      }
    }
    self.state = Mutex(state)
  }

  /// The place of a file: the one where it is, as long as `isGood` says so, else the one where `put` has
  /// put it under `name`. What `put` throws is thrown.
  func place(
    of file: HostedFile, named name: @autoclosure () -> String,
    isGood: @Sendable (Place) -> Bool = { _ in true },
    put: @escaping @Sendable (Placing) async throws -> Placed
  ) async throws -> Place {
    let digest = file.name
    state.withLock { state in
      state.idle[digest] = nil
      if let item = file.item {
        state.users[digest, default: []].insert(item)
        state.used[item, default: []].insert(digest)
      }
    }
    defer { if file.item == nil { rest([digest]) } }
    if let known = state.withLock({ $0.places[digest] }), known.isEarlier, isGood(known) {
      return known
    }
    let fresh = name()
    return try await flights.value(
      of: digest,
      isGood: { place in
        isGood(place) && state.withLock { $0.places[digest]?.key == place.key }
      }, make: { try await self.make(file, named: fresh, put) }
    ).value
  }

  private func make(
    _ file: HostedFile, named fresh: String, _ put: @Sendable (Placing) async throws -> Placed
  ) async throws -> Place {
    let begun = state.withLock { $0.begun.removeValue(forKey: file.name) }
    let key = begun?.key ?? fresh
    var number = begun?.number
    if let share, number == nil {
      number = try await share.record.intend(
        key, at: host, share.route, digest: file.digest, format: file.format.name, size: file.size)
    }
    var placing = Placing(key: key, upload: begun?.upload)
    if let share, let number {
      placing.note = { try await share.record.note(number, upload: $0) }
    }
    var place = Place(key: key, number: number, since: now())
    let placed: Placed
    do {
      placed = try await put(placing)
    } catch let nothing as NothingPut {
      if let number { try? await share?.record.strike([number]) }
      throw nothing.reason
    } catch {
      if let error = error as? SwaplineError, error.meansThatNothingWasPut {
        if let number { try? await share?.record.strike([number]) }
      } else {
        state.withLock { $0.strays.append(place) }
      }
      throw error
    }
    place.key = placed.key ?? key
    place.address = placed.address
    place.isRemovable = placed.isRemovable
    let known = place
    // Known before it is written down: were that to fail, it would be removed all the same.
    let replaced = state.withLock { state in
      defer { state.places[file.name] = known }
      return state.places[file.name]
    }
    if let replaced { state.withLock { $0.strays.append(replaced) } }
    if let share, let number {
      try await share.record.put(
        number, place.isRemovable ? final : .left, key: placed.key, size: file.size)
    }
    return place
  }

  /// Whether an earlier run has put the file, and it may be gone since.
  package func isEarlier(_ file: HostedFile) -> Bool {
    state.withLock { $0.places[file.name]?.isEarlier == true }
  }

  /// A file of an earlier run is not there any more, or not as it was: it is put anew when it is needed.
  package func forget(_ file: HostedFile) {
    state.withLock { state in
      guard state.places[file.name]?.isEarlier == true,
        let place = state.places.removeValue(forKey: file.name)
      else { return }
      state.strays.append(place)
    }
  }

  /// The item has ended: it needs no file any more.
  package func release(_ item: String) {
    let unused = state.withLock { state -> [String] in
      var unused: [String] = []
      for name in state.used.removeValue(forKey: item) ?? [] {
        state.users[name]?.remove(item)
        guard state.users[name]?.isEmpty == true else { continue }
        state.users[name] = nil
        unused.append(name)
      }
      return unused
    }
    rest(unused)
  }

  private func rest(_ names: [String]) {
    let time = now()
    state.withLock { state in
      for name in names where state.users[name] == nil { state.idle[name] = time }
    }
  }

  /// How many files there are that may have to be removed.
  package var count: Int { state.withLock { $0.places.count + $0.strays.count + $0.begun.count } }

  /// Takes out the files that have been unused for `seconds` and are not meant to stay.
  func takeIdle(for seconds: Int64) -> [Place] {
    guard final == .placed else { return [] }
    let time = now()
    return state.withLock { state in
      let names = state.idle.filter { $0.value + seconds <= time }.map(\.key)
      return names.compactMap { name in
        guard state.places[name]?.isRemovable == true else { return nil }
        state.idle[name] = nil
        return state.places.removeValue(forKey: name)
      }
    }
  }

  /// All that is to be removed at the run's end, and what earlier runs have begun to put in parts.
  func takeAll() -> (places: [Place], begun: [HostingRecord.Entry]) {
    state.withLock { state in
      defer { state = State() }
      let places = final == .placed ? state.places.values.filter(\.isRemovable) : []
      return (state.strays.filter(\.isRemovable) + places, Array(state.begun.values))
    }
  }

  /// Notes what became of the removal of these places; `kept` has by key why those stay that do. They are
  /// tried again at the end.
  func note(_ places: [Place], kept: [String: SwaplineError]) async throws {
    let stays = places.filter { kept[$0.key] != nil }
    state.withLock { $0.strays += stays }
    guard let record = share?.record else { return }
    try await record.removed(places.filter { kept[$0.key] == nil }.compactMap(\.number))
    try await record.explain(
      Dictionary(
        stays.compactMap { place in place.number.map { ($0, kept[place.key]?.message ?? "") } },
        uniquingKeysWith: { $1 }))
  }

  /// Strikes out what was begun and is given up.
  func strike(_ entry: HostingRecord.Entry) async throws {
    try await share?.record.strike([entry.number])
  }
}

extension SwaplineError {
  /// Whether a host that ends with this has certainly put nothing: it was refused.
  fileprivate var meansThatNothingWasPut: Bool {
    [.usage, .unauthorized, .refusedByProvider, .limit, .notFound].contains(code)
  }
}
