import Core
import Glibc

/// The work files of a run's folder: what is kept so that nothing is done twice, and what of it may go.
///
/// What was paid for is never removed, and neither is anything while a run works in the folder.
public struct WorkCache: Sendable {
  /// What was found and removed.
  public struct Outcome: Sendable, Hashable {
    /// How many files there are, and their bytes.
    public var files = 0
    /// Their bytes.
    public var bytes: Int64 = 0
    /// How many of them are results of paid swaps, which stay.
    public var paid = 0
    /// How many were removed, or would be.
    public var removed = 0
    /// The bytes that this frees; a file that is also in an item's folder frees none.
    public var freed: Int64 = 0
  }

  private struct File {
    var path: String
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
    var paid: Set<String> = []
    if FileSystem.exists(folder.state + "/ledger.sqlite") {
      try await Ledger(folder).forEach { entry in
        if let result = entry.result { paid.insert(folder.file(result)) }
      }
    }
    var outcome = Outcome()
    var candidates: [File] = []
    for file in files() {
      outcome.files += 1
      outcome.bytes += file.size
      if paid.contains(file.path) { outcome.paid += 1 } else { candidates.append(file) }
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
    FileSystem.files(below: folder.files).compactMap { path in
      var facts = stat()
      guard stat(path, &facts) == 0 else { return nil }
      // Reading may not be noted by the file system; writing and linking are.
      let used = max(facts.st_atim.nanoseconds, facts.st_ctim.nanoseconds)
      return File(path: path, size: Int64(facts.st_size), used: used, links: UInt64(facts.st_nlink))
    }
  }
}

extension timespec {
  fileprivate var nanoseconds: Int64 { Int64(tv_sec) * 1_000_000_000 + Int64(tv_nsec) }
}
