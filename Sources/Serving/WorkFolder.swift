import Core
import Files
import Glibc

/// Where a server puts what is under way, on the file system of what it keeps.
struct WorkFolder: Sendable {
  /// The server's own.
  let path: String
  private let all: String
  private let isShared: Bool

  /// A folder in `all`, which several servers may share, or that folder itself.
  init(_ all: String, isShared: Bool) {
    self.all = all
    self.isShared = isShared
    path = isShared ? "\(all)/server-\(RandomToken.hex(bytes: 8))" : all
  }

  /// Removes what earlier processes have left.
  func clear() {
    if isShared { return beat() }
    for name in FileSystem.names(in: all) { Self.remove(all + "/" + name) }
  }

  /// Shows that its server lives, and removes the folders of those that have not for an hour. Times are the
  /// file system's, whichever clocks the machines have.
  func beat() {
    guard isShared, utimensat(AT_FDCWD, path, nil, 0) == 0, let own = Self.modified(path) else {
      return
    }
    for name in FileSystem.names(in: all) {
      let other = all + "/" + name
      guard other != path, let time = Self.modified(other), own - time > 3_600 else { continue }
      for name in FileSystem.names(in: other) { Self.remove(other + "/" + name) }
      Self.remove(other)
    }
  }

  /// Removes the folder of a server that ends.
  func end() {
    guard isShared else { return }
    for name in FileSystem.names(in: path) { Self.remove(path + "/" + name) }
    Self.remove(path)
  }

  private static func modified(_ path: String) -> Int? {
    var facts = stat()
    return stat(path, &facts) == 0 ? facts.st_mtim.tv_sec : nil
  }

  /// Removes a file, or a folder with the files in it.
  static func remove(_ path: String) {
    for name in FileSystem.names(in: path) { unlink(path + "/" + name) }
    if rmdir(path) != 0 { unlink(path) }
  }
}
