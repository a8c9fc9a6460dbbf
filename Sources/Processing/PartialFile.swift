import Core
import Files
import Glibc

/// Writes a file so that its name never stands for half of it: to a temporary name in the same
/// folder, synced, then renamed.
public enum PartialFile {
  /// The temporary name that process `process` uses for `output`.
  ///
  /// It can be told from outside, so that whoever ends a worker can clear away behind it.
  public static func path(for output: String, process: pid_t) -> String {
    let (folder, name) = split(output)
    return "\(folder)/.\(name).\(process).partial"
  }

  /// Writes `bytes` to `output`, replacing what stands there.
  ///
  /// `base` is the name that the request gave, where `output` has an extension added to it. Without `syncs` it is
  /// not on the disk yet when this returns.
  public static func write(
    _ bytes: UnsafeRawBufferPointer, to output: String, base: String? = nil, syncs: Bool = true
  ) throws {
    let partial = path(for: base ?? output, process: getpid())
    do {
      try fill(partial, with: bytes, syncs: syncs)
      guard rename(partial, output) == 0 else { throw failure(errno, output) }
    } catch {
      unlink(partial)
      throw error
    }
    if syncs { try syncFolder(of: output) }
  }

  /// Removes what process `process` left behind when it ended in the middle of writing `output`.
  public static func discard(for output: String, process: pid_t) {
    unlink(path(for: output, process: process))
  }

  private static func fill(
    _ path: String, with bytes: UnsafeRawBufferPointer, syncs: Bool
  ) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, PrivateFiles.file)
    guard descriptor >= 0 else { throw failure(errno, path) }
    defer { close(descriptor) }
    var rest = bytes
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(errno, path)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    guard !syncs || fsync(descriptor) == 0 else { throw failure(errno, path) }
  }

  /// A rename is only safe from a power cut once its folder is synced.
  package static func syncFolder(of path: String) throws {
    let descriptor = open(split(path).folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    // Some file systems cannot sync a folder and say EINVAL; the file itself is synced already.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw failure(errno, path) }
  }

  package static func failure(_ code: Int32, _ path: String) -> SwaplineError {
    let (folder, _) = split(path)
    let reason = String(cString: strerror(code))
    let hint =
      switch code {
      case ENOSPC, EDQUOT: "Free some space there, or choose another folder."
      case EACCES, EPERM, EROFS: "Choose a folder that this user may write to."
      case ENOENT, ENOTDIR: "Create the folder first."
      default: "Check the disk."
      }
    return SwaplineError(
      .storage, "A file could not be written in \(folder): \(reason).", hint: hint)
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = path[..<slash]
    return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
  }
}
