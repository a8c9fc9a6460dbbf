import Core
import Glibc
import Synchronization

/// Where one run's files lie: `<item>/` for people, `.swapline/` for the run itself.
///
/// Work files are write-once and named after the digests of their bytes; inputs of this machine stand
/// among them as links.
public struct RunFolder: Sendable {
  /// The name of the run's report.
  public static let report = "run.json"
  /// The list of the items that failed, ready to run again.
  public static let failures = "failed.jsonl"
  /// What says that a shard is done.
  public static let done = "done.json"
  /// The page about the run for people.
  package static let page = "report.html"

  /// The folder's absolute path.
  public let path: String
  /// Shared by every copy of this value.
  let borrowed = BorrowedFiles()

  /// Names, and makes where missing, a run's folder.
  public init(_ path: String) throws(SwaplineError) {
    self.path = FileSystem.absolute(path)
    let isOld = PrivateFiles.isOpen(state)
    for folder in [self.path, state, files, partial, temporary] {
      try FileSystem.makeFolder(folder)
    }
    if isOld { close() }
  }

  /// Takes from everybody else what earlier versions let them read.
  ///
  /// The run's own folder last: as long as it is open, there may be more to do. The folder of the
  /// whole run is its user's to open again where nothing else is in it.
  private func close() {
    var own: Set<String> = [".swapline", Self.report, Self.failures, Self.done, Self.page]
    for name in FileSystem.names(in: path) where name != ".swapline" {
      let folder = "\(path)/\(name)"
      if FileSystem.exists(folder + "/asset.json") { own.insert(name) }
      if own.contains(name) { PrivateFiles.close(below: folder) }
    }
    PrivateFiles.closeFolder(path) { own.contains($0) }
    PrivateFiles.close(below: state)
  }

  /// The run's own folder.
  public var state: String { path + "/.swapline" }
  package var files: String { state + "/files" }
  /// Downloads that were broken off and can go on.
  public var partial: String { state + "/partial" }
  package var temporary: String { state + "/tmp" }
  /// The small pictures of the page.
  package var pictures: String { state + "/report" }

  /// Where the work file with these facts lies.
  public func file(_ media: Media) -> String {
    "\(files)/\(media.digest.hex).\(media.format.name)"
  }

  /// A new name for a file that is being written; no extension.
  public func temporaryFile(_ purpose: String) -> String {
    "\(temporary)/\(purpose)-\(getpid())-\(UInt64.random(in: 0 ... .max))"
  }

  /// Takes a finished temporary file over under the digest of its bytes, and gives its new path.
  @discardableResult
  public func keep(_ temporary: String, as media: Media) throws(SwaplineError) -> String {
    let target = file(media)
    // Before the move: where an input lay elsewhere, its place is about to be a file of ours.
    borrowed.forget(target)
    try FileSystem.move(temporary, to: target)
    // Media work of the caller's own may have made it.
    PrivateFiles.close(below: target)
    return target
  }

  /// Takes over the work file with these facts from another run's folder; false when it is not there,
  /// or not whole.
  public func take(_ media: Media, from other: String) throws(SwaplineError) -> Bool {
    let source = "\(other)/.swapline/files/\(media.digest.hex).\(media.format.name)"
    guard isIntact(media, at: source, since: 0) != nil else { return false }
    borrowed.forget(file(media))
    try FileSystem.link(source, to: file(media), via: temporaryFile("taken"))
    return true
  }

  /// The folder of an item.
  public func folder(of item: String) -> String { "\(path)/\(item)" }

  /// Shows a work file to people under a name in the item's folder.
  public func publish(_ media: Media, as name: String, item: String) throws(SwaplineError) {
    let folder = folder(of: item)
    if !FileSystem.exists(folder) { try FileSystem.makeFolder(folder) }
    try FileSystem.link(file(media), to: "\(folder)/\(name)", via: temporaryFile("publish"))
  }

  /// Shows a work file to people at a path below the run's folder.
  package func publish(_ media: Media, at path: String) throws(SwaplineError) {
    let target = "\(self.path)/\(path)"
    let parent = String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)])
    if !FileSystem.exists(parent) { try FileSystem.makeFolder(parent) }
    try FileSystem.link(file(media), to: target, via: temporaryFile("publish"))
  }

  /// Whether the file at a path below the run's folder has the bytes that `media` says; see `holds`.
  package func isPublished(_ media: Media, at path: String, since whole: Int64) -> Bool {
    isIntact(media, at: "\(self.path)/\(path)", since: whole) != nil
  }

  /// Writes a document into the run's folder, or an item's, whole or not at all: what is half done
  /// lies in the run's own folder, where the next run sweeps it away.
  public func write(_ text: String, as name: String, item: String? = nil) throws(SwaplineError) {
    let place = item.map { folder(of: $0) } ?? path
    try FileSystem.makeFolder(place)
    try FileSystem.write(
      Array(text.utf8), to: "\(place)/\(name)", via: temporaryFile("document"))
  }

  /// Whether the published file is there, with the bytes that `media` says; see `holds`.
  package func isPublished(_ media: Media, as name: String, item: String, since whole: Int64)
    -> Bool
  {
    isIntact(media, at: "\(folder(of: item))/\(name)", since: whole) != nil
  }

  /// Whether the work file is there, with the bytes that `media` says.
  ///
  /// Work files are made once and then never written. One that was whole at a time, in nanoseconds
  /// since 1970, and was not changed after it is not read again.
  public func holds(_ media: Media, since whole: Int64 = 0) -> Bool {
    let place = file(media)
    guard let (version, time) = isIntact(media, at: place, since: whole) else { return false }
    if version.isLinked, !borrowed.holds(place) { borrowed.note(version, at: place, since: time) }
    return true
  }

  /// The version of the file at `path` where it has the bytes that `media` says, and since when it is
  /// known to have them; nil where it has not.
  private func isIntact(
    _ media: Media, at path: String, since whole: Int64
  ) -> (version: FileVersion, time: Int64)? {
    let time = FileSystem.now
    guard let version = FileVersion(of: path), version.size == media.size else { return nil }
    guard !version.isKnown(since: whole) else { return (version, whole) }
    guard (try? FileSystem.digest(of: path)) == media.digest,
      FileVersion(of: path)?.isSame(as: version) == true
    else { return nil }
    return (version, time)
  }

  /// Whether a run works in the folder at `path` now. One that cannot be asked counts as held: what
  /// is bought in it would be bought again.
  public static func isHeld(_ path: String) async -> Bool {
    (try? await ThreadPool.disk.run { _ in RunLock.isHeld(at: path) }) ?? true
  }

  /// Removes what a killed run left half-written.
  package func sweep() {
    FileSystem.removeFiles(in: temporary)
  }
}

/// Holds a run's folder, so that two runs never work in the same one.
public final class RunLock: Sendable {
  private let held: Mutex<Int32?>

  /// Takes the folder. Throws who holds it when somebody does.
  public init(_ folder: RunFolder) throws(SwaplineError) {
    let path = folder.state + "/lock"
    // Assigned last: an initializer that throws with everything assigned runs `deinit` too, and a
    // second close may hit a file that another thread has opened meanwhile.
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, PrivateFiles.file)
    guard file >= 0 else { throw FileSystem.failure("open", path) }
    guard Self.take(file) else {
      let holder = (try? FileSystem.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
      close(file)
      throw SwaplineError(
        .usage, "Another run is working in \(folder.path)\(holder.isEmpty ? "" : " (\(holder))").",
        hint: "Wait until it has ended, or name another folder with --out.")
    }
    ftruncate(file, 0)
    let holder = Array("process \(getpid())".utf8)
    try? FileSystem.writeAll(holder, to: file, path: path)
    held = Mutex(file)
  }

  /// Whether somebody holds the folder at `path`.
  fileprivate static func isHeld(at path: String) -> Bool {
    let file = open(path + "/.swapline/lock", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return errno != ENOENT && errno != ENOTDIR }
    defer { close(file) }
    guard flock(file, LOCK_SH | LOCK_NB) == 0 else { return true }
    flock(file, LOCK_UN)
    return false
  }

  // More than once: somebody may be asking at this moment whether the folder is held.
  private static func take(_ file: Int32) -> Bool {
    for _ in 0..<5 {
      if flock(file, LOCK_EX | LOCK_NB) == 0 { return true }
      usleep(1_000)
    }
    return false
  }

  deinit {
    release()
  }

  /// Gives the folder back; later calls do nothing.
  ///
  /// Unlocked and not only closed: a child that is being started at this moment holds a copy of the
  /// file until it executes its program, and with it the lock.
  package func release() {
    held.withLock { file in
      guard let open = file else { return }
      flock(open, LOCK_UN)
      close(open)
      file = nil
    }
  }
}
