import Glibc
import Synchronization

/// The connections that are open, who holds them, and how long each has kept the server waiting.
///
/// libmicrohttpd ends a connection only when no byte comes for a while, so that a thousand clients
/// that send one now and then would keep everybody else out. This ends them by the clock, and lets
/// the one that has waited longest go when there are too many. A connection is ended by shutting its
/// socket down, which libmicrohttpd takes for the client's own hanging up.
final class Connections: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// What a connection is at.
  enum Phase {
    /// No byte of a request has to have come.
    case idle
    /// The first line is there.
    case head
    /// The head is there.
    case body
    /// A handler works on the request.
    case handling
    /// The answer is on its way.
    case sending
  }

  private struct Entry {
    let socket: Int32
    let client: ClientAddress
    var phase = Phase.idle
    var since: Instant
    var received: Int64 = 0
    /// There were too many when it came.
    var isSurplus = false
    /// Its socket is shut down; libmicrohttpd has not closed it yet.
    var isEnded = false
  }

  private struct State {
    var entries: [UInt64: Entry] = [:]
    var counts: [ClientAddress: Int] = [:]
    var live = 0
    var last: UInt64 = 0
  }

  private let limits: ConnectionLimits
  private let state = Mutex(State())

  init(_ limits: ConnectionLimits) {
    self.limits = limits
  }

  /// How many connections are open.
  var count: Int { state.withLock { $0.live } }

  /// Takes a new connection, and gives the number by which it is known here.
  func open(_ socket: Int32, _ client: ClientAddress, at now: Instant = .now) -> UInt64 {
    state.withLock { state in
      state.last += 1
      let number = state.last
      if state.counts[client, default: 0] >= limits.maximumPerClient {
        _ = makeRoom(&state, of: client, now)
      }
      var isSurplus = state.counts[client, default: 0] >= limits.maximumPerClient
      if state.live >= limits.maximum {
        // Whoever holds most of them gives one up.
        let heaviest = state.counts.max { $0.value < $1.value }?.key
        let hasRoom =
          heaviest.map { makeRoom(&state, of: $0, now) } ?? false || makeRoom(&state, of: nil, now)
        isSurplus = isSurplus || !hasRoom
      }
      state.entries[number] = Entry(
        socket: socket, client: client, since: now, isSurplus: isSurplus)
      state.counts[client, default: 0] += 1
      state.live += 1
      return number
    }
  }

  /// Forgets a connection; called before its socket is closed.
  func close(_ number: UInt64) {
    state.withLock { state in
      guard let entry = state.entries.removeValue(forKey: number), !entry.isEnded else { return }
      Self.uncount(entry, &state)
    }
  }

  /// Says that a connection has gone on to another phase.
  func enter(_ phase: Phase, _ number: UInt64, at now: Instant = .now) {
    state.withLock { state in
      state.entries[number]?.phase = phase
      state.entries[number]?.since = now
      state.entries[number]?.received = 0
    }
  }

  /// Says that bytes of a body have come.
  func receive(_ count: Int, _ number: UInt64) {
    state.withLock { $0.entries[number]?.received += Int64(count) }
  }

  /// Who holds a connection.
  func client(_ number: UInt64) -> ClientAddress? { state.withLock { $0.entries[number]?.client } }

  /// Whether there were too many when the connection came, and still are.
  func isSurplus(_ number: UInt64) -> Bool {
    state.withLock { state in
      guard let entry = state.entries[number], entry.isSurplus else { return false }
      return state.live > limits.maximum
        || state.counts[entry.client, default: 0] > limits.maximumPerClient
    }
  }

  /// Ends what has taken too long.
  func sweep(at now: Instant = .now) {
    state.withLock { state in
      for (number, entry) in state.entries where !entry.isEnded && isLate(entry, now) {
        end(number, &state)
      }
    }
  }

  private func isLate(_ entry: Entry, _ now: Instant) -> Bool {
    let time = now - entry.since
    switch entry.phase {
    case .idle: return time > .seconds(limits.idleSeconds)
    case .head: return time > .seconds(limits.headSeconds)
    case .body:
      let counted = (time - .seconds(limits.bodyGrace)) / .seconds(1)
      return time > .seconds(limits.bodySeconds)
        || Double(entry.received) < counted * Double(limits.leastRate)
    // A handler has its own limits, and libmicrohttpd ends an answer of which nothing is taken.
    case .handling, .sending: return false
    }
  }

  /// Ends the connection that keeps the server waiting the most, of `client` or of anybody; false
  /// when every one is at work.
  private func makeRoom(_ state: inout State, of client: ClientAddress?, _ now: Instant) -> Bool {
    let entries = state.entries.lazy.filter { entry in
      !entry.value.isEnded && (client == nil || entry.value.client == client)
    }
    let patience = Duration.seconds(limits.idleSeconds)
    let choice =
      entries.filter { $0.value.phase == .idle || $0.value.phase == .head }
      .min { $0.value.since < $1.value.since }
      ?? entries.filter { $0.value.phase == .body && self.isSlow($0.value, now) }
      .min { $0.value.since < $1.value.since }
      ?? entries.filter { $0.value.phase == .sending && now - $0.value.since > patience }
      .min { $0.value.since < $1.value.since }
    guard let choice else { return false }
    end(choice.key, &state)
    return true
  }

  /// Whether a body comes too slowly, even if its grace is not over.
  private func isSlow(_ entry: Entry, _ now: Instant) -> Bool {
    let time = now - entry.since
    return time > .seconds(1)
      && Double(entry.received) < time / .seconds(1) * Double(limits.leastRate)
  }

  private func end(_ number: UInt64, _ state: inout State) {
    guard let entry = state.entries[number], !entry.isEnded else { return }
    state.entries[number]?.isEnded = true
    Self.uncount(entry, &state)
    shutdown(entry.socket, Int32(SHUT_RDWR))
  }

  private static func uncount(_ entry: Entry, _ state: inout State) {
    state.live -= 1
    let left = state.counts[entry.client, default: 1] - 1
    state.counts[entry.client] = left > 0 ? left : nil
  }
}
