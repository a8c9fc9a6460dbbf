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

    func sums(of account: String) -> UploadSums {
      let own = sums[account] ?? Sum()
      return UploadSums(
        ownBytes: own.bytes, ownFiles: own.files, bytes: all.bytes, files: all.files)
    }

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
  init(_ limits: UploadLimits, lifetime: TimeSpan, kept: [Upload]) {
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
    let problem: UploadProblem? = state.withLock { state in
      if let problem = limits.problem(placing: state.sums(of: account)) { return problem }
      state.slots[name] = Slot(account: account, expires: expires)
      state.add(0, 1, account)
      return nil
    }
    if let problem { throw refusal(problem) }
  }

  /// Lets an upload of `size` bytes begin, or says why not.
  func begin(_ name: String, size: Int64) -> ServerResponse? {
    state.withLock { state in
      // An address of an earlier version has no place yet, and no known key.
      var slot = state.slots[name] ?? Slot(account: "", expires: .max)
      guard slot.size == 0 else {
        return answer(.taken)
      }
      guard !slot.isBusy else {
        return .text(409, "This file is being uploaded by another request.\n")
      }
      let sums = state.sums(of: slot.account)
      if let problem = limits.problem(adding: size, to: sums, isOwned: !slot.account.isEmpty) {
        return answer(problem)
      }
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

  /// Takes over what the store knows of uploads, which other servers may have taken; those that are under way
  /// here stay as they are.
  func update(_ kept: [Upload]) {
    state.withLock { state in
      let known = Dictionary(uniqueKeysWithValues: kept.map { ($0.name, $0) })
      for (name, slot) in state.slots where !slot.isBusy && known[name] == nil {
        state.slots[name] = nil
        state.add(-slot.size, -1, slot.account)
      }
      for upload in kept {
        guard let slot = state.slots[upload.name] else {
          state.slots[upload.name] = Slot(
            account: upload.account, size: upload.size, expires: upload.expires)
          state.add(upload.size, 1, upload.account)
          continue
        }
        guard !slot.isBusy, slot.size != upload.size || slot.account != upload.account else {
          continue
        }
        state.add(-slot.size, -1, slot.account)
        state.add(upload.size, 1, upload.account)
        state.slots[upload.name] = Slot(
          account: upload.account, size: upload.size, expires: upload.expires)
      }
    }
  }

  /// What is said of a place that is not given.
  func refusal(_ problem: UploadProblem) -> Refusal {
    Refusal(.limited, problem.sentence + " " + ageHint, retryAfter: wait)
  }

  /// What is said of a file that is not taken.
  func answer(_ problem: UploadProblem) -> ServerResponse {
    guard problem != .taken else { return .text(409, problem.sentence + "\n") }
    var answer = ServerResponse.text(
      problem.isOfKey ? 429 : 507, problem.sentence + " " + ageHint + "\n")
    answer.headers["Retry-After"] = String(Int(wait.seconds.rounded(.up)))
    return answer
  }

  private var ageHint: String { "Uploads are removed after \(lifetime)." }

  /// When to come again: uploads of many ages end one by one.
  private var wait: TimeSpan { TimeSpan(milliseconds: min(60_000, lifetime.milliseconds)) }
}
