import Core
import Files
import Glibc
import Ledgers

/// What a run's folder keeps so that nothing is done twice, and what of it may go.
///
/// What was paid for is never removed, and neither is anything while a run works in the folder.
public struct WorkCache: Sendable {
  /// The parts of what is kept.
  public enum Part: String, Sendable, CaseIterable {
    /// Pictures and videos at every stage.
    case work = "work files"
    /// Links to inputs that are used where they are.
    case inputs = "links to local inputs"
    /// What the embedded server has made; the run has its own copies of what it brought home.
    case server = "embedded server's files"
    /// Downloads that were broken off.
    case partial = "downloads begun"
    /// Ledger, memory and the server's tasks, which always stay.
    case records = "records"
  }

  /// What one part comes to.
  public struct Share: Sendable, Hashable {
    /// How many files.
    public var files = 0
    /// Their bytes.
    public var bytes: Int64 = 0
  }

  /// What was found and removed.
  public struct Outcome: Sendable, Hashable {
    /// What each part came to before anything was removed.
    public var shares: [Part: Share] = [:]
    /// How many are results of paid swaps, which stay.
    public var paid = 0
    /// Whether the server's files stay, since swaps are under way whose results they may be.
    public var keepsServer = false
    /// How many were removed, or would be.
    public var removed = 0
    /// The bytes that this frees; a file that is also in an item's folder frees none.
    public var freed: Int64 = 0

    /// How many files there were.
    public var files: Int { shares.values.reduce(0) { $0 + $1.files } }
    /// Their bytes.
    public var bytes: Int64 { shares.values.reduce(0) { $0 + $1.bytes } }
  }

  private struct File {
    var path: String
    var part: Part
    var size: Int64
    var used: Int64
    var links: UInt64
  }

  private let folder: RunFolder

  /// The cache of a run's folder.
  public init(_ folder: RunFolder) {
    self.folder = folder
  }

  /// Removes files that were not used for longer than `age`, and then those unused for longest until
  /// no more than `size` is left; nil does not limit. Throws who holds the folder.
  public func evict(
    olderThan age: TimeSpan? = nil, largerThan size: ByteSize? = nil, isDry: Bool = false,
    now: Int64 = FileSystem.now
  ) async throws -> Outcome {
    let lock = try RunLock(folder)
    defer { lock.release() }
    var outcome = Outcome()
    var paid: Set<String> = []
    try await LedgersOfFolder(folder).forEach { entry in
      if let result = entry.result { paid.insert(folder.file(result)) }
      if [.intended, .ambiguous, .accepted].contains(entry.state) { outcome.keepsServer = true }
    }
    var candidates: [File] = []
    for file in files() {
      outcome.shares[file.part, default: Share()].files += 1
      outcome.shares[file.part, default: Share()].bytes += file.size
      if paid.contains(file.path) {
        outcome.paid += 1
      } else if file.part != .records, file.part != .server || !outcome.keepsServer {
        candidates.append(file)
      }
    }
    candidates.sort { $0.used < $1.used }
    var left = outcome.bytes
    for file in candidates {
      let isOld = age.map { now - file.used > $0.milliseconds * 1_000_000 } ?? false
      let isTooMuch = size.map { left > $0.bytes } ?? false
      guard isOld || isTooMuch else { continue }
      outcome.removed += 1
      left -= file.size
      if file.links < 2 { outcome.freed += file.size }
      if !isDry { FileSystem.remove(file.path) }
    }
    return outcome
  }

  private func files() -> [File] {
    let server = folder.state + "/server"
    let named: [(Part, [String])] = [
      // Also links whose originals are gone, which no look at files finds.
      (.work, FileSystem.names(in: folder.files).map { "\(folder.files)/\($0)" }),
      (.server, ["/files", "/work"].flatMap { FileSystem.files(below: server + $0) }),
      (.partial, [folder.partial, folder.temporary].flatMap { FileSystem.files(below: $0) }),
      (
        .records,
        [folder.state, server].flatMap { place in
          FileSystem.names(in: place).filter { $0.contains(".sqlite") }.map { "\(place)/\($0)" }
        }
      ),
    ]
    return named.flatMap { part, paths in paths.compactMap { file($0, part) } }
  }

  private func file(_ path: String, _ part: Part) -> File? {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return nil }
    let isLink = facts.st_mode & S_IFMT == S_IFLNK
    guard isLink || facts.st_mode & S_IFMT == S_IFREG else { return nil }
    // Reading may not be noted by the file system; writing and linking are.
    let used = max(facts.st_atim.nanoseconds, facts.st_ctim.nanoseconds)
    return File(
      path: path, part: isLink ? .inputs : part, size: isLink ? 0 : Int64(facts.st_size),
      used: used,
      links: UInt64(facts.st_nlink))
  }
}

extension timespec {
  fileprivate var nanoseconds: Int64 { Int64(tv_sec) * 1_000_000_000 + Int64(tv_nsec) }
}
