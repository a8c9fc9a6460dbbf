import Glibc
import SQLite
import Synchronization

/// Makes writes of the ledger fail, so that it can be tried what a full or broken disk does there:
/// `SWAPLINE_FAIL_WRITES=7-9:ENOSPC` lets the seventh to the ninth fail, `7-:EIO` every one from the
/// seventh on. `make torture` goes through all of them; nothing else sets it.
package final class WriteFault: Sendable {
  static let none = WriteFault(0...0, isBroken: false)
  static let shared =
    getenv("SWAPLINE_FAIL_WRITES").map { WriteFault(String(cString: $0)) } ?? .none

  private let range: ClosedRange<Int>
  private let isBroken: Bool
  private let number = Mutex(0)

  /// Fails the writes in `range`, counted from one: with EIO when the disk is broken, else ENOSPC.
  init(_ range: ClosedRange<Int>, isBroken: Bool) {
    self.range = range
    self.isBroken = isBroken
  }

  private convenience init(_ text: String) {
    let parts = text.split(separator: ":")
    let ends = (parts.first ?? "").split(separator: "-", omittingEmptySubsequences: false)
    let first = ends.first.flatMap { Int($0) } ?? 0
    let last = ends.count > 1 ? Int(ends[1]) ?? .max : first
    self.init(first...max(first, last), isBroken: parts.last == "EIO")
  }

  /// How many writes were tried.
  var count: Int { number.withLock { $0 } }

  /// One more write of the database is tried.
  func pass() throws(SQLiteError) {
    let number = number.withLock { number in
      number += 1
      return number
    }
    guard range.contains(number) else { return }
    throw isBroken
      ? SQLiteError(.inaccessible, code: 10, message: "disk I/O error")
      : SQLiteError(.diskFull, code: 13, message: "database or disk is full")
  }

  /// Whether what was set aside before cannot be written either: a full disk lets it, a broken not.
  var breaksJournal: Bool { isBroken && range.contains(count) }
}
