import Core
import Glibc

/// What Swapline makes is its user's alone: customers' pictures, signed addresses, keys.
public enum PrivateFiles {
  /// The mode of files.
  public static let file: mode_t = 0o600
  /// The mode of folders.
  public static let folder: mode_t = 0o700

  /// Whether somebody other than the owner may do anything with what stands at `path`.
  public static func isOpen(_ path: String) -> Bool {
    var facts = stat()
    return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT != S_IFLNK
      && facts.st_mode & 0o077 != 0
  }

  /// Takes from everybody else what an earlier version let them do with a folder and all below it.
  ///
  /// Links are not followed, what belongs to another user is left as it is, and nothing fails: a
  /// file system without modes has none to mend.
  public static func close(below path: String) {
    var facts = stat()
    guard lstat(path, &facts) == 0, facts.st_uid == geteuid() else { return }
    switch facts.st_mode & S_IFMT {
    case S_IFREG: if facts.st_mode & 0o077 != 0 { chmod(path, file) }
    case S_IFDIR:
      for name in FileSystem.names(in: path) { close(below: "\(path)/\(name)") }
      // Last, so that a folder that is closed has nothing open in it.
      if facts.st_mode & 0o077 != 0 { chmod(path, folder) }
    default: break
    }
  }

  /// Closes a folder itself where nothing but `own` is in it: one that its user shares with other
  /// files, such as `/tmp`, keeps its mode.
  public static func closeFolder(_ path: String, holdingOnly own: (String) -> Bool) {
    var facts = stat()
    guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR,
      facts.st_uid == geteuid(), facts.st_mode & 0o077 != 0, facts.st_mode & S_ISVTX == 0,
      FileSystem.names(in: path).allSatisfy(own)
    else { return }
    chmod(path, folder)
  }
}
