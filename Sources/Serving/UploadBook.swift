import Core
import MicroHTTPD
import Synchronization

/// What each key has uploaded and may still upload, in memory: it is asked before a body is read.
package final class UploadBook: Sendable {
  private struct Slot {
    var account: String
    var size: Int64 = 0
    /// What the upload under way was announced to have.
    var reserved: Int64 = 0
    var isBusy = false
    var expires: Int64
  }

  private struct Sum {
    var bytes: Int64 = 0
    var files = 0
  }

  private struct State {
    var slots: [String: Slot] = [:]
    var sums: [String: Sum] = [:]
    var all = Sum()

    mutating func add(_ bytes: Int64, _ files: Int, _ account: String) {
      all.bytes += bytes
      all.files += files
      var sum = sums[account] ?? Sum()
      sum.bytes += bytes
      sum.files += files
      sums[account] = sum.files > 0 ? sum : nil
    }
  }

  private let limits: UploadLimits
  private let lifetime: TimeSpan
  private let state = Mutex(State())

  /// A book that begins with what an earlier process has kept. `lifetime` is how long uploads stay.
  init(_ limits: UploadLimits, lifetime: TimeSpan, kept: [TaskStore.Upload]) {
    self.limits = limits
    self.lifetime = lifetime
    state.withLock { state in
      for upload in kept {
        state.slots[upload.name] = Slot(
          account: upload.account, size: upload.size, expires: upload.expires)
        state.add(upload.size, 1, upload.account)
      }
    }
  }

  /// Gives `account` a place for the file `name`. Throws a refusal where it has too many.
  package func open(_ name: String, _ account: String, until expires: Int64) throws(Refusal) {
    let problem: String? = state.withLock { state in
      let own = state.sums[account] ?? Sum()
      if let most = limits.filesPerKey, own.files >= most {
        return "This key has \(own.files) uploads, and may have \(most) at a time."
      }
      if let most = limits.bytesPerKey, own.bytes >= most.bytes {
        return Self.full(own.bytes, most)
      }
      if let problem = serverProblem(state, adding: 0) { return problem }
      state.slots[name] = Slot(account: account, expires: expires)
      state.add(0, 1, account)
      return nil
    }
    guard let problem else { return }
    throw Refusal(.limited, problem + " " + ageHint, retryAfter: wait)
  }

  /// Lets an upload of `size` bytes begin, or says why not.
  func begin(_ name: String, size: Int64) -> ServerResponse? {
    state.withLock { state in
      // An address of an earlier version has no place yet, and no known key.
      var slot = state.slots[name] ?? Slot(account: "", expires: .max)
      guard slot.size == 0 else {
        return .text(409, "This file was uploaded before; files are written once.\n")
      }
      guard !slot.isBusy else {
        return .text(409, "This file is being uploaded by another request.\n")
      }
      let own = state.sums[slot.account] ?? Sum()
      if !slot.account.isEmpty, let most = limits.bytesPerKey, own.bytes + size > most.bytes {
        return refusal(429, Self.full(own.bytes, most))
      }
      if let problem = serverProblem(state, adding: size) { return refusal(507, problem) }
      if state.slots[name] == nil { state.add(0, 1, slot.account) }
      (slot.reserved, slot.isBusy) = (size, true)
      state.slots[name] = slot
      state.add(size, 0, slot.account)
      return nil
    }
  }

  /// Says that an upload is kept.
  func keep(_ name: String, size: Int64) {
    state.withLock { state in
      guard var slot = state.slots[name] else { return }
      state.add(size - slot.reserved, 0, slot.account)
      (slot.size, slot.reserved) = (size, 0)
      state.slots[name] = slot
    }
  }

  /// Says that a request that was let begin is over, however it ended.
  func end(_ name: String) {
    state.withLock { state in
      guard var slot = state.slots[name] else { return }
      state.add(-slot.reserved, 0, slot.account)
      (slot.reserved, slot.isBusy) = (0, false)
      state.slots[name] = slot
    }
  }

  /// Forgets files that are gone.
  func remove(_ names: [String]) {
    state.withLock { state in
      for name in names {
        guard let slot = state.slots.removeValue(forKey: name) else { continue }
        state.add(-slot.size - slot.reserved, -1, slot.account)
      }
    }
  }

  private func serverProblem(_ state: State, adding size: Int64) -> String? {
    if let most = limits.bytes, state.all.bytes + max(1, size) > most.bytes {
      return "The server's space for uploads is full: it keeps at most \(most)."
    }
    if let most = limits.files, size == 0, state.all.files >= most {
      return "The server keeps at most \(most) uploads at a time."
    }
    return nil
  }

  private static func full(_ bytes: Int64, _ most: ByteSize) -> String {
    "This key keeps \(ByteSize(bytes: bytes).rounded) of uploads, and may keep \(most)."
  }

  private var ageHint: String { "Uploads are removed after \(lifetime)." }

  /// When to come again: uploads of many ages end one by one.
  private var wait: TimeSpan { TimeSpan(milliseconds: min(60_000, lifetime.milliseconds)) }

  private func refusal(_ status: Int, _ problem: String) -> ServerResponse {
    var answer = ServerResponse.text(status, problem + " " + ageHint + "\n")
    answer.headers["Retry-After"] = String(Int(wait.seconds.rounded(.up)))
    return answer
  }
}
