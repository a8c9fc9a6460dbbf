import Core
import Files
import Glibc
import Synchronization

/// Room on the disk that is set aside before a swap is submitted, for what the ledger itself cannot
/// take afterwards: on a full disk a task's name is written here, and the ledger takes it over as soon
/// as it can, in this run or the next.
///
/// One line of JSON for each change, then zeros. Only the run that holds the folder uses it.
package final class LedgerJournal: Sendable {
  private struct State {
    var file: Int32
    var reserved: Int64
    var used: Int64 = 0
  }

  /// Room for all the changes of one entry, in bytes: addresses and facts of a result are the longest.
  private static let roomForEntry: Int64 = 16 << 10
  private static let least: Int64 = 64 << 10

  private let path: String
  private let state: Mutex<State>

  /// Opens the journal at `path`, made where it is missing. Throws `SwaplineError`.
  init(_ path: String) throws(SwaplineError) {
    self.path = path
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw FileSystem.failure("open", path) }
    state = Mutex(State(file: file, reserved: 0))
  }

  deinit {
    state.withLock { _ = close($0.file) }
  }

  /// What an earlier run has left here, in order.
  func left() throws -> [LedgerChange] {
    let bytes = try FileSystem.read(path, limit: 1 << 30)
    let lines = bytes.prefix { $0 != 0 }.split(separator: UInt8(ascii: "\n"))
    // A line that was cut off by a power failure was never told to be kept.
    return lines.compactMap { try? JSONText.decode(LedgerChange.self, from: $0) }
  }

  /// Whether room for the changes of `entries` entries is set aside.
  func holds(entries: Int) -> Bool {
    state.withLock { max(Self.least, $0.used + Int64(entries) * Self.roomForEntry) <= $0.reserved }
  }

  /// Sets room aside for the changes of `entries` entries. Throws `SwaplineError` of code `storage`.
  func reserve(entries: Int) throws(SwaplineError) {
    let (path, need) = (path, Int64(entries) * Self.roomForEntry)
    let failure: SwaplineError? = state.withLock { state in
      let size = max(Self.least, state.used + need)
      guard size > state.reserved else { return nil }
      let error = posix_fallocate(state.file, 0, Int(size))
      guard error == 0, fsync(state.file) == 0 else {
        errno = error == 0 ? errno : error
        return FileSystem.failure("set room aside in", path)
      }
      state.reserved = size
      return nil
    }
    if let failure { throw failure }
  }

  /// Writes a change down, synced to the disk. False when that cannot be.
  func append(_ change: LedgerChange) -> Bool {
    guard let line = try? JSONText.line(change) else { return false }
    let bytes = Array((line + "\n").utf8)
    return state.withLock { state in
      // Within what was set aside, so that it needs no room now.
      guard state.used + Int64(bytes.count) < state.reserved else { return false }
      let written = bytes.withUnsafeBytes {
        pwrite(state.file, $0.baseAddress, $0.count, off_t(state.used))
      }
      guard written == bytes.count, fdatasync(state.file) == 0 else { return false }
      state.used += Int64(bytes.count)
      return true
    }
  }

  /// Forgets what the ledger has taken over; the room stays set aside.
  func clear() {
    state.withLock { state in
      var size = stat()
      guard fstat(state.file, &size) == 0, size.st_size > 0 else { return }
      let zeros = [UInt8](repeating: 0, count: 4_096)
      var place: off_t = 0
      // Whole, since a line may be left behind a shorter one.
      let end = max(off_t(state.used), state.used == 0 ? size.st_size : 0)
      while place < end {
        let count = min(zeros.count, Int(end - place))
        guard zeros.withUnsafeBytes({ pwrite(state.file, $0.baseAddress, count, place) }) > 0 else {
          return
        }
        place += off_t(count)
      }
      _ = fdatasync(state.file)
      state.used = 0
    }
  }
}
