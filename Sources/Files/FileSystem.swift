import Core
import Glibc

/// The few file operations of a run, with errors that say which file and what to do.
public enum FileSystem {
  /// What identifies a version of a file without reading it.
  public struct Stamp: Sendable, Hashable, Codable {
    /// Length in bytes.
    public var size: Int64
    /// Time of the last change of the bytes, in nanoseconds since 1970.
    public var modified: Int64
  }

  /// The time in nanoseconds since 1970, as stamps count it.
  public static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// The stamp of a regular file; nil when there is none at `path`.
  public static func stamp(of path: String) -> Stamp? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Stamp(
      size: Int64(status.st_size),
      modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
  }

  /// The absolute path of what stands at `path`, without symbolic links in it; nil where nothing does.
  package static func realPath(_ path: String) -> String? {
    guard let pointer = realpath(path, nil) else { return nil }
    defer { free(pointer) }
    return String(cString: pointer)
  }

  /// Where the symbolic link at `path` leads; nil where there is none.
  package static func target(of path: String) -> String? {
    var characters = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &characters, characters.count)
    guard count > 0 else { return nil }
    return String(decoding: characters[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether something stands at `path`.
  public static func exists(_ path: String) -> Bool {
    access(path, F_OK) == 0
  }

  /// Makes a folder and those above it.
  public static func makeFolder(_ path: String) throws(SwaplineError) {
    if mkdir(path, PrivateFiles.folder) == 0 { return }
    if errno == ENOENT, let parent = parent(of: path), parent != path {
      try makeFolder(parent)
      if mkdir(path, PrivateFiles.folder) == 0 || errno == EEXIST { return }
    }
    var status = stat()
    if errno == EEXIST {
      guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { return }
      throw SwaplineError(
        .storage, "\(path) is a file, but must be a folder.",
        hint: "Move the file away, or name another folder.")
    }
    throw failure("make the folder", path)
  }

  /// Puts finished files on the disk, on a thread of its own.
  package static func sync(_ paths: [String]) async throws {
    try await ThreadPool.disk.run { _ in
      for path in paths {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure("write", path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure("write", path) }
      }
    }
  }

  /// Writes a whole file so that readers see the old one or the new one, never a part. The bytes
  /// are collected at `temporary` on the same file system; without one, beside `path`.
  public static func write(
    _ bytes: [UInt8], to path: String, via temporary: String? = nil,
    mode: mode_t = PrivateFiles.file
  ) throws(SwaplineError) {
    let temporary = temporary ?? "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard file >= 0 else { throw failure("write", path) }
    do throws(SwaplineError) {
      try writeAll(bytes, to: file, path: path)
      guard fsync(file) == 0 else { throw failure("write", path) }
    } catch {
      close(file)
      unlink(temporary)
      throw error
    }
    guard close(file) == 0, rename(temporary, path) == 0 else {
      let error = failure("write", path)
      unlink(temporary)
      throw error
    }
  }

  /// Appends `bytes` to an open file.
  public static func writeAll(
    _ bytes: some ContiguousBytesCollection, to file: Int32, path: String
  ) throws(SwaplineError) {
    var offset = 0
    while offset < bytes.count {
      let written = bytes.withUnsafeBytes { buffer in
        Glibc.write(file, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw failure("write", path)
      }
      offset += written
    }
  }

  /// The whole file. `limit` is in bytes.
  public static func read(_ path: String, limit: Int = 16 << 20) throws(SwaplineError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure("read", path) }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("read", path)
      }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      guard bytes.count <= limit else {
        throw SwaplineError(
          .limit, "\(path) is larger than the \(ByteSize(bytes: Int64(limit)).rounded) allowed.",
          hint: "Check that it is the file that was meant.")
      }
    }
  }

  /// The first bytes of a file, at most `count`.
  public static func head(of path: String, count: Int) throws(SwaplineError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure("read", path) }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: count)
    let got = Glibc.read(file, &bytes, count)
    guard got >= 0 else { throw failure("read", path) }
    return Array(bytes.prefix(got))
  }

  /// Puts the file at `source` also at `target`, replacing what stands there: as a second name of
  /// the same bytes where the file system can do that, else as a copy. It is made at `temporary`.
  public static func link(
    _ source: String, to target: String, via temporaryName: @autoclosure () -> String
  ) throws(SwaplineError) {
    // Nearly always nothing stands there yet.
    if Glibc.link(source, target) == 0 { return }
    let temporary = temporaryName()
    var status = Glibc.link(source, temporary)
    // A file that is replaced by its like between the look-up of its name and the link is gone by
    // its number (link(2) says ENOENT), and there by its name.
    for _ in 0..<100 where status != 0 && errno == ENOENT && exists(source) {
      status = Glibc.link(source, temporary)
    }
    if status != 0 {
      guard [EXDEV, EPERM, EMLINK, ENOTSUP].contains(errno) else {
        throw failure("write", target)
      }
      // A link has as few names as a file may have, and is made again for less.
      if FileSystem.target(of: source).map({ symlink($0, temporary) }) != 0 {
        try copy(source, to: temporary)
      }
    }
    // rename(2) does nothing, and keeps the temporary name, when both are the same file already.
    defer { unlink(temporary) }
    guard rename(temporary, target) == 0 else { throw failure("write", target) }
  }

  /// Copies a file; `target` must not exist. A file system that can share the blocks of two files does,
  /// others copy within the kernel where that is possible.
  public static func copy(_ source: String, to target: String) throws(SwaplineError) {
    let input = open(source, O_RDONLY | O_CLOEXEC)
    guard input >= 0 else { throw failure("read", source) }
    defer { close(input) }
    let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, PrivateFiles.file)
    guard output >= 0 else { throw failure("write", target) }
    defer { close(output) }
    do throws(SwaplineError) {
      // Source: ioctl_ficlone(2), `FICLONE`, which Swift does not import.
      if ioctl(output, 0x4004_9409, input) == 0 { return }
      var moved = 0
      repeat {
        moved = sendfile(output, input, nil, 1 << 30)
        guard moved >= 0 || ![ENOSPC, EDQUOT].contains(errno) else {
          throw failure("write", target)
        }
      } while moved > 0
      // What the kernel could not copy, or could not see the end of.
      var chunk = [UInt8](repeating: 0, count: 1 << 18)
      while true {
        let count = Glibc.read(input, &chunk, chunk.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw failure("read", source) }
        if count == 0 { break }
        try writeAll(chunk[..<count], to: output, path: target)
      }
      guard fsync(output) == 0 else { throw failure("write", target) }
    } catch {
      unlink(target)
      throw error
    }
  }

  /// Moves a file within one file system, replacing what stands at `target`.
  public static func move(_ source: String, to target: String) throws(SwaplineError) {
    guard rename(source, target) == 0 else { throw failure("write", target) }
  }

  /// Removes a file; one that is not there is as good.
  public static func remove(_ path: String) {
    unlink(path)
  }

  /// Removes every regular file directly in a folder.
  public static func removeFiles(in folder: String) {
    for name in names(in: folder) { unlink("\(folder)/\(name)") }
  }

  /// The names in a folder, sorted; none for a folder that cannot be read.
  public static func names(in folder: String) -> [String] { listing(of: folder) ?? [] }

  /// What a folder holds, hidden entries included, sorted; nil when it cannot be read.
  package static func listing(of folder: String) -> [String]? {
    guard let stream = opendir(folder) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The regular files in a folder and those below it, sorted; hidden ones are left out.
  public static func files(below folder: String) -> [String] {
    names(in: folder).filter { !$0.hasPrefix(".") }.flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      var facts = stat()
      guard lstat(path, &facts) == 0 else { return [] }
      switch facts.st_mode & S_IFMT {
      case S_IFDIR: return files(below: path)
      // A link to a folder may lead in a circle.
      case S_IFLNK:
        guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return [] }
        return [path]
      case S_IFREG: return [path]
      default: return []
      }
    }
  }

  /// The digest and length of a file's bytes.
  public static func digest(of path: String) throws(SwaplineError) -> Digest {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure("read", path) }
    defer { close(file) }
    var digester = Digester()
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("read", path) }
      if count == 0 { return digester.finish() }
      chunk.withUnsafeBytes { digester.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }

  /// `path` made absolute with the current folder, `.` and `..` resolved as text.
  public static func absolute(_ path: String) -> String {
    var parts: [Substring] = []
    let full = path.hasPrefix("/") ? path : currentFolder + "/" + path
    for part in full.split(separator: "/", omittingEmptySubsequences: true) {
      switch part {
      case ".": continue
      case "..": _ = parts.popLast()
      default: parts.append(part)
      }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// The folder in which the process stands.
  public static var currentFolder: String {
    guard let pointer = getcwd(nil, 0) else { return "/" }
    defer { free(pointer) }
    return String(cString: pointer)
  }

  /// Whether the folder in which the process stands is still there: relative paths need it.
  public static var hasCurrentFolder: Bool {
    guard let pointer = getcwd(nil, 0) else { return false }
    free(pointer)
    return true
  }

  static func parent(of path: String) -> String? {
    guard let slash = path.lastIndex(of: "/") else { return nil }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The error of the last system call on `path`.
  public static func failure(_ action: String, _ path: String) -> SwaplineError {
    let number = errno
    let reason = String(cString: strerror(number))
    let message = "Could not \(action) \(path): \(reason)."
    return switch number {
    case ENOENT: SwaplineError(.notFound, message, hint: "Check the path.", place: path)
    case ENOSPC, EDQUOT:
      SwaplineError(
        .storage, message, hint: "Free some space and run the same command again.", place: path)
    case EACCES, EPERM, EROFS:
      SwaplineError(
        .storage, message, hint: "Check who owns it and who may \(action) there.", place: path)
    case EISDIR:
      SwaplineError(
        .storage, message, hint: "It must be a file: move the folder away, or name another place.",
        place: path)
    case ENOTDIR:
      SwaplineError(
        .storage, message,
        hint:
          "A part of the path is a file, but must be a folder: move it away, or name another place.",
        place: path)
    case EEXIST, ENOTEMPTY:
      SwaplineError(
        .storage, message, hint: "Move away what is there, or name another place.", place: path)
    case ENAMETOOLONG: SwaplineError(.storage, message, hint: "Use a shorter name.", place: path)
    case ELOOP:
      SwaplineError(.storage, message, hint: "A symbolic link leads to itself.", place: path)
    case EMFILE, ENFILE:
      SwaplineError(
        .storage, message, hint: "Raise the limit on open files (ulimit -n).", place: path)
    default: SwaplineError(.storage, message, hint: "Check the disk.", place: path)
    }
  }
}

/// Bytes that lie in one piece of memory.
public protocol ContiguousBytesCollection: Collection where Element == UInt8 {
  /// Lends the bytes.
  func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R
}

extension [UInt8]: ContiguousBytesCollection {}
extension ArraySlice<UInt8>: ContiguousBytesCollection {}
