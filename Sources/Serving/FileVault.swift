import Core
import Files
import Glibc
import MicroHTTPD
import Processing

/// The server's folder: files that are written once and kept for a time, and work in progress.
final class FileVault: Sendable {
  private let folder: String
  private let work: WorkFolder
  private let lockFile: Int32
  private let threads = ThreadPool(name: "files", width: 2)

  /// Opens `folder`, made when it is missing: for this process alone, or `isShared` with other servers, each of
  /// which has a work folder of its own in it. Throws `SwaplineError`.
  init(_ folder: String, isShared: Bool = false) throws(SwaplineError) {
    self.folder = folder
    work = WorkFolder(folder + "/work", isShared: isShared)
    for path in [folder, folder + "/files", folder + "/work", work.path] {
      guard mkdir(path, PrivateFiles.folder) == 0 || errno == EEXIST else {
        throw Self.failure("The folder \(path) cannot be made")
      }
    }
    if !isShared {
      for name in FileSystem.names(in: folder) where Self.isOwn(name) {
        PrivateFiles.close(below: "\(folder)/\(name)")
      }
      PrivateFiles.closeFolder(folder, holdingOnly: Self.isOwn)
    }
    let file = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, PrivateFiles.file)
    guard file >= 0 else { throw Self.failure("The folder \(folder) cannot be written") }
    // Some file systems of several machines have no locks.
    guard
      flock(file, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0
        || isShared && errno != EWOULDBLOCK
    else {
      close(file)
      throw SwaplineError(
        .usage, "Another server uses the folder \(folder).",
        hint: isShared
          ? "Stop it: it keeps its tasks there, and not in the store that is to be shared."
          : "Stop it, or name another folder with --data.")
    }
    lockFile = file
  }

  /// Whether what is called so in the folder is the server's; a run keeps its `api.key` there.
  private static func isOwn(_ name: String) -> Bool {
    ["files", "work", "lock", "signing.key", "api.key"].contains(name)
      || name.hasPrefix("tasks.sqlite")
  }

  deinit {
    close(lockFile)
  }

  /// Lets another server have the folder.
  func release() {
    work.end()
    flock(lockFile, LOCK_UN)
  }

  /// Where the tasks are kept.
  var database: String { folder + "/tasks.sqlite" }
  /// Where bodies of requests are spooled to.
  var workFolder: String { work.path }

  /// The file called `name`, whether it is there or not.
  func path(_ name: String) -> String { folder + "/files/" + name }

  /// The key of signatures, made at the first start and kept, so that addresses outlive a restart.
  func signingKey() throws(SwaplineError) -> [UInt8] {
    let path = folder + "/signing.key"
    if let key = SmallFile.read(path, limit: 32), key.count == 32 { return key }
    guard let key = [UInt8](hexadecimal: RandomToken.hex(bytes: 32)) else {
      throw SwaplineError(.internal, "No signing key could be made.")
    }
    let temporary = path + "." + RandomToken.hex(bytes: 6)
    let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, PrivateFiles.file)
    guard file >= 0 else { throw Self.failure("The signing key cannot be written") }
    let isWritten = write(file, key, key.count) == key.count && fsync(file) == 0
    close(file)
    defer { unlink(temporary) }
    guard isWritten else { throw Self.failure("The signing key cannot be written") }
    if link(temporary, path) == 0 { return key }
    // Another server has made it at the same time.
    guard errno == EEXIST, let kept = SmallFile.read(path, limit: 32), kept.count == 32 else {
      throw Self.failure("The signing key cannot be written")
    }
    return kept
  }

  /// Makes an empty folder for one task's work.
  func makeWork(_ task: String) async throws -> String {
    let path = workFolder + "/" + task
    return try await threads.run { _ in
      WorkFolder.remove(path)
      guard mkdir(path, PrivateFiles.folder) == 0 else {
        throw Self.failure("A work folder cannot be made")
      }
      return path
    }
  }

  /// Removes a task's work, even when the calling task was cancelled.
  func removeWork(_ path: String) async {
    let threads = threads
    await Task { try? await threads.run { _ in WorkFolder.remove(path) } }.value
  }

  /// Removes what an earlier process left in the work folder.
  func clearWork() async throws {
    let work = work
    try await threads.run { _ in work.clear() }
  }

  /// Shows that this server lives, and removes the work of those that have not for long.
  func beat() async throws {
    let work = work
    try await threads.run { _ in work.beat() }
  }

  /// Keeps the finished file at `path` under `name`. A name is given once: false when it is taken.
  func keep(_ path: String, as name: String) async throws -> Bool {
    let target = self.path(name)
    return try await threads.run { _ in
      if link(path, target) == 0 {
        PrivateFiles.close(below: target)
        return true
      }
      guard errno == EEXIST else { throw Self.failure("A file cannot be kept") }
      return false
    }
  }

  /// Keeps a request's body under `name`. A name is given once: false when it is taken.
  func keep(_ body: RequestBody, as name: String) async throws -> Bool {
    if let file = body.file { return try await keep(file.path, as: name) }
    let temporary = workFolder + "/" + RandomToken.hex(bytes: 12)
    let bytes = body.bytes ?? []
    try await threads.run { _ in
      let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, PrivateFiles.file)
      guard file >= 0 else { throw Self.failure("A file cannot be written") }
      let isWritten = write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
      close(file)
      guard isWritten else {
        unlink(temporary)
        throw Self.failure("A file cannot be written")
      }
    }
    let isKept = try await keep(temporary, as: name)
    unlink(temporary)
    return isKept
  }

  /// The digest of a request's body.
  func digest(of body: RequestBody) async throws -> Digest {
    guard let file = body.file else { return Digest(of: body.bytes ?? []) }
    return try await threads.run { try FileDigest.of(file.path, $0) }
  }

  /// Removes files that nobody knows of and that are older than any task at work: a server that was killed between
  /// keeping a result and saying so leaves one. `known` gives the names of all others.
  func removeStrays(_ known: () async throws -> Set<String>) async throws {
    let folder = folder + "/files"
    let old = try await threads.run { _ in
      // The file system's clock, by a file of our own.
      let mark = "\(folder)/.\(RandomToken.hex(bytes: 8))"
      close(open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, PrivateFiles.file))
      defer { unlink(mark) }
      guard let now = FileSystem.stamp(of: mark)?.modified else { return [String]() }
      return FileSystem.names(in: folder).filter { name in
        FileSystem.stamp(of: "\(folder)/\(name)").map { now - $0.modified > Self.age } ?? false
      }
    }
    // Asked afterwards: what was kept meanwhile is not old.
    guard !old.isEmpty else { return }
    let names = try await known()
    try await remove(old.filter { !names.contains($0) })
  }

  /// Older than any task or upload can be before it is known, in nanoseconds.
  private static let age: Int64 = 2 * 3_600 * 1_000_000_000

  /// Removes the files called `names`.
  func remove(_ names: [String]) async throws {
    let paths = names.map(path)
    try await threads.run { _ in for path in paths { unlink(path) } }
  }

  private static func failure(_ what: String) -> SwaplineError {
    SwaplineError(
      .storage, "\(what): \(String(cString: strerror(errno))).",
      hint: "Free some space there, or choose a folder that can be written.")
  }
}
