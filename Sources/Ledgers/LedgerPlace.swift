import Core
import Files
import Glibc
import PostgreSQL

/// Where a ledger is.
package enum LedgerPlace: Sendable, Hashable {
  /// A file of SQLite, by its absolute path.
  case file(String)
  /// A database of PostgreSQL, by its address.
  case postgres(String)

  /// What `text` names: `postgres://user@host/database`, or a file.
  package init(_ text: String) {
    let isDatabase = ["postgres://", "postgresql://"].contains { text.hasPrefix($0) }
    self = isDatabase ? .postgres(text) : .file(FileSystem.absolute(text))
  }

  /// The place as it is named on the command line.
  var text: String {
    switch self {
    case .file(let path): path
    case .postgres(let address): address
    }
  }

  /// The place in one line, without anything secret.
  package var shown: String {
    switch self {
    case .file(let path): path
    case .postgres(let address): PostgreSQLConnection.shown(address)
    }
  }

  /// Throws `SwaplineError` for a place that must not be used: an address with a password in it, which
  /// every user of the machine can read, or a file on a file system whose locks cannot be trusted.
  /// `isShared` says that other runs may use the same file.
  package func check(isShared: Bool) throws {
    switch self {
    case .postgres(let address):
      try PostgreSQLPurpose.ledger.check(address)
    case .file(let path):
      guard let kind = FileSystemKind(of: path), !kind.locks else { return }
      throw SwaplineError(
        .usage,
        "The ledger \(path) would be on \(kind.name), a file system where SQLite's locks cannot be trusted.",
        hint: isShared
          ? "Name a file on a local disk or, for several machines, a database: "
            + "--ledger postgres://user@host/database."
          : "Name a folder on a local disk with --out, or a ledger elsewhere with --ledger.")
    }
  }
}

/// A file system, as far as SQLite must know: it needs locks that work, and memory that every user of a
/// file shares (sqlite.org/wal.html, sqlite.org/lockingv3.html), which no file system of several machines
/// gives.
struct FileSystemKind {
  /// What Linux calls it, such as `nfs4` or `fuse.sshfs`.
  let name: String

  /// Whether SQLite may be used on it.
  var locks: Bool {
    let remote: Set<String> = [
      "nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "9p", "afs", "lustre", "gfs2", "ocfs2",
    ]
    // Containers without root stand on the one; the other is a disk of Windows.
    let local: Set<String> = ["fuse.fuse-overlayfs", "fuseblk"]
    if local.contains(name) { return true }
    return !remote.contains(name) && !name.hasPrefix("fuse")
  }

  /// The one that is called `name`.
  init(name: String) { self.name = name }

  /// The one that `path` is on, or would be; nil where that is not known.
  init?(of path: String) {
    var place = path
    var facts = stat()
    while stat(place, &facts) != 0 {
      guard let slash = place.lastIndex(of: "/"), slash > place.startIndex else { return nil }
      place = String(place[..<slash])
    }
    guard let mounts = try? FileSystem.read("/proc/self/mountinfo", limit: 1 << 24) else {
      return nil
    }
    // proc(5): number, parent, device, ..., " - ", type.
    let number = facts.st_dev
    // As Linux packs them: makedev(3).
    let major = (number >> 8 & 0xFFF) | (number >> 32 & ~0xFFF)
    let minor = (number & 0xFF) | (number >> 12 & ~0xFF)
    let device = "\(major):\(minor)"
    let line = String(decoding: mounts, as: UTF8.self).split(separator: "\n").first { line in
      line.split(separator: " ").dropFirst(2).first.map(String.init) == device
    }
    guard let line, let dash = line.firstRange(of: " - "),
      let type = line[dash.upperBound...].split(separator: " ").first
    else { return nil }
    name = String(type)
  }
}
