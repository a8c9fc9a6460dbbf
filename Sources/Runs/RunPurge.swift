import Core
import Files
import Glibc
import Ledgers

/// Removes a run's media from this machine: work files, inputs, results and what was made of them. The
/// account of money and the reports stay.
package struct RunPurge: Sendable {
  /// What was removed.
  package struct Outcome: Sendable, Hashable {
    /// How many files.
    package var files = 0
    /// Their bytes, each file counted once however many names it has.
    package var bytes: Int64 = 0
    /// Tasks that were bought and whose results are still with the provider.
    package var waiting = 0
  }

  private struct Identity: Hashable {
    var device: UInt64
    var number: UInt64
  }

  private let folder: RunFolder

  /// A purge of a run's folder.
  package init(_ folder: RunFolder) {
    self.folder = folder
  }

  /// Removes the media, or only counts them. The caller holds the folder.
  package func run(isDry: Bool = false) async throws -> Outcome {
    var outcome = Outcome()
    outcome.waiting = try await LedgersOfFolder(folder).acceptedCount()
    let server = folder.state + "/server"
    let work = [
      folder.files, folder.partial, folder.temporary, folder.pictures, server + "/files",
      server + "/work",
    ].flatMap { FileSystem.files(below: $0) }
    var paths = work
    var known = Set(work.compactMap(Self.identity))
    // The names that people see are second names of work files; where those were cleared, or the file
    // system has no second names, they lie in an item's folder.
    for name in FileSystem.names(in: folder.path) where name != ".swapline" {
      let place = "\(folder.path)/\(name)"
      let isItem = FileSystem.exists(place + "/asset.json")
      for file in FileSystem.files(below: place) {
        let isReport = isItem && file == place + "/asset.json"
        let isWork = Self.identity(file).map(known.contains) ?? false
        // Somebody's notes beside the pictures are not ours to remove.
        if isWork || (isItem && !isReport && Self.isMedia(file)) { paths.append(file) }
      }
    }
    known = []
    for path in paths {
      var facts = stat()
      guard lstat(path, &facts) == 0 else { continue }
      outcome.files += 1
      if let identity = Self.identity(path), known.insert(identity).inserted {
        outcome.bytes += Int64(facts.st_size)
      }
    }
    guard !isDry else { return outcome }
    for path in paths { FileSystem.remove(path) }
    // What stages made of items names files that are gone.
    for name in FileSystem.names(in: folder.state) where name.hasPrefix("memory.sqlite") {
      FileSystem.remove("\(folder.state)/\(name)")
    }
    return outcome
  }

  private static func isMedia(_ path: String) -> Bool {
    guard let head = try? FileSystem.head(of: path, count: MediaFormat.signatureLength) else {
      return false
    }
    return MediaFormat.sniff(head) != nil
  }

  private static func identity(_ path: String) -> Identity? {
    var facts = stat()
    guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
    return Identity(device: UInt64(facts.st_dev), number: UInt64(facts.st_ino))
  }
}
