import Core
import Synchronization

/// Where providers tell that tasks have ended: each submission has an address of its own, which
/// nobody can guess, so that the callback alone says which submission it belongs to.
///
/// A callback may come early, twice, late or never; whoever waits gets the first one.
package final class CallbackBoard: Sendable {
  private struct Slot {
    var told: JSONValue?
    var waiting: [Int: CheckedContinuation<JSONValue?, Never>] = [:]
  }

  private struct State {
    var base = ""
    var slots: [String: Slot] = [:]
    var next = 0
    var elsewhere: Elsewhere?
  }

  /// Receives callbacks that nothing in this process is waiting for; returns false if nothing elsewhere is either. If it
  /// throws, the provider is asked to call again.
  package typealias Elsewhere = @Sendable (JSONValue, _ token: String) async throws -> Bool

  private let state = Mutex(State())

  /// A board whose addresses begin with `base`, without a slash at its end.
  package init(base: String = "") {
    state.withLock { $0.base = base }
  }

  /// What addresses begin with.
  var base: String {
    get { state.withLock(\.base) }
    set { state.withLock { $0.base = newValue } }
  }

  /// The path of callbacks on a server.
  static let path = "/callbacks/{token}"

  /// The most bytes of a callback's body; vendors' own have fewer than two thousand.
  static let maximumBody: Int64 = 65_536

  /// Whether a submission waits under this token, here or perhaps elsewhere.
  func mayBeOpen(_ token: String) -> Bool {
    state.withLock { state in
      state.slots[token] != nil
        || state.elsewhere != nil && token.utf8.count == 32 && token.allSatisfy(\.isHexDigit)
    }
  }

  /// Forwards callbacks that nothing in this process is waiting for, because other runs share the address.
  package func handOn(to elsewhere: @escaping Elsewhere) {
    state.withLock { $0.elsewhere = elsewhere }
  }

  /// Delivers a callback to whatever is waiting for it, in this process or elsewhere; returns false if nothing is.
  func receive(_ body: JSONValue, for token: String) async throws -> Bool {
    if take(body, for: token) { return true }
    return try await state.withLock(\.elsewhere)?(body, token) ?? false
  }

  /// Makes an address for one submission; its token is 32 random hexadecimal digits.
  package func open(token: String) -> String {
    state.withLock { state in
      if state.slots[token] == nil { state.slots[token] = Slot() }
      return "\(state.base)/callbacks/\(token)"
    }
  }

  /// Takes what a provider tells; false for a token that was never made or is closed.
  package func take(_ body: JSONValue, for token: String) -> Bool {
    let waiting: [CheckedContinuation<JSONValue?, Never>]? = state.withLock { state in
      guard var slot = state.slots[token] else { return nil }
      // The first one counts; a repeated one is thanked for.
      slot.told = slot.told ?? body
      let waiting = Array(slot.waiting.values)
      slot.waiting = [:]
      state.slots[token] = slot
      return waiting
    }
    for one in waiting ?? [] { one.resume(returning: body) }
    return waiting != nil
  }

  /// Waits for the callback of one submission; nil once the address is closed or the task cancelled.
  package func told(of token: String) async -> JSONValue? {
    let number = state.withLock { state in
      state.next += 1
      return state.next
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        enum Known { case body(JSONValue?), waiting }
        let known: Known = state.withLock { state in
          guard var slot = state.slots[token], !Task.isCancelled else { return .body(nil) }
          if let told = slot.told { return .body(told) }
          slot.waiting[number] = continuation
          state.slots[token] = slot
          return .waiting
        }
        if case .body(let body) = known { continuation.resume(returning: body) }
      }
    } onCancel: {
      let waiting = state.withLock { $0.slots[token]?.waiting.removeValue(forKey: number) }
      waiting?.resume(returning: nil)
    }
  }

  /// Forgets a submission: later callbacks are not known any more.
  package func close(_ token: String) {
    let waiting = state.withLock { state in
      defer { state.slots[token] = nil }
      return state.slots[token].map { Array($0.waiting.values) } ?? []
    }
    for one in waiting { one.resume(returning: nil) }
  }
}
