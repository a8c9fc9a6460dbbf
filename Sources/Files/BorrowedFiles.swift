import Core
import Glibc
import Synchronization

/// Which version of a file something was read from, as far as that is known without reading it again.
package struct FileVersion: Sendable, Hashable {
  /// The length in bytes.
  package let size: Int64
  /// Whether a symbolic link leads to the file.
  package let isLinked: Bool
  private let device: UInt64
  private let number: UInt64
  private let modified: Int64
  private let changed: Int64

  /// The current version of the file at `path`, following a symbolic link; nil if that is not a regular file.
  package init?(of path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    isLinked = status.st_mode & S_IFMT == S_IFLNK
    guard !isLinked || stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return nil
    }
    size = Int64(status.st_size)
    device = UInt64(status.st_dev)
    number = UInt64(status.st_ino)
    modified = Self.nanoseconds(status.st_mtim)
    changed = Self.nanoseconds(status.st_ctim)
  }

  /// Whether a file that had some bytes at `time`, in nanoseconds since 1970, has them still. One of our
  /// own is only ever written once. Another's may be changed a moment later, and may be given an old
  /// time, though not without a trace in its inode.
  package func isKnown(since time: Int64) -> Bool {
    isLinked ? isSettled(at: time) : modified <= time
  }

  /// Whether nothing was done to the file between this version and another, whatever path it was looked
  /// at by.
  package func isSame(as other: FileVersion) -> Bool {
    looksLike(other) && changed == other.changed
  }

  /// Whether nothing was done to the file's bytes, unless its old time was put back: programs that index
  /// or back up leave traces in the inodes of files that they only read.
  package func looksLike(_ other: FileVersion) -> Bool {
    size == other.size && device == other.device && number == other.number
      && modified == other.modified
  }

  /// Whether every later change shows: the times of files are coarse, two seconds on the coarsest
  /// file systems, so that a change soon after another may leave no trace.
  package func isSettled(at time: Int64) -> Bool { time - max(modified, changed) > 2_500_000_000 }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

/// The inputs that a run uses where they lie instead of copying them, with the version of each that its
/// digest was taken of.
final class BorrowedFiles: Sendable {
  private struct Loan {
    var version: FileVersion
    var isSettled: Bool
  }

  private let loans = Mutex<[String: Loan]>([:])
  private let turn = Mutex(())

  /// Runs `body` while holding the lock that borrowing takes.
  func alone<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
    let result: Result<Void, Failure> = turn.withLock { _ in
      do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
    try result.get()
  }

  /// Notes that the file behind the link at `path` was read from `time` on, in this version.
  func note(_ version: FileVersion, at path: String, since time: Int64) {
    loans.withLock { $0[path] = Loan(version: version, isSettled: version.isSettled(at: time)) }
  }

  /// Forgets a file that is no longer borrowed.
  func forget(_ path: String) {
    loans.withLock { $0[path] = nil }
  }

  /// Whether the file at `path` is borrowed.
  func holds(_ path: String) -> Bool { loans.withLock { $0[path] != nil } }

  /// Whether the file behind the link at `path` is still the one with this digest. It is read for that
  /// where its times do not tell.
  func isUnchanged(_ path: String, _ digest: Digest) -> Bool {
    if looksUnchanged(path, digest) { return true }
    // Another item may have put its own copy there between two looks at it.
    return turn.withLock { _ in looksUnchanged(path, digest) }
  }

  /// The same for who is alone, or looks again.
  func looksUnchanged(_ path: String, _ digest: Digest) -> Bool {
    guard let loan = loans.withLock({ $0[path] }) else { return true }
    guard let version = FileVersion(of: path) else { return false }
    // Somebody has made it our own since, which was checked by its digest.
    guard version.isLinked else { return true }
    guard version.looksLike(loan.version) else { return false }
    if loan.isSettled, version.isSame(as: loan.version) { return true }
    let time = FileSystem.now
    guard (try? FileSystem.digest(of: path)) == digest,
      FileVersion(of: path)?.isSame(as: version) == true
    else { return false }
    note(version, at: path, since: time)
    return true
  }
}
