import Core
import Foundation
import Glibc
import Processing
import TestSupport
import Testing

@testable import Files
@testable import Ledgers
@testable import Pipelines
@testable import Runs

@Suite struct PermissionTests {
  private func modes(_ folder: String) -> [String: mode_t] {
    var modes: [String: mode_t] = [:]
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    for path in [folder] + names.map({ folder + "/" + $0 }) {
      var facts = stat()
      if lstat(path, &facts) == 0 { modes[path] = facts.st_mode & 0o777 }
    }
    return modes
  }

  /// A run's folder with everything that a run makes in it.
  private func fill(_ path: String) async throws {
    let folder = try RunFolder(path)
    let bytes = Array("picture".utf8)
    let temporary = folder.temporaryFile("test")
    try bytes.withUnsafeBytes { try PartialFile.write($0, to: temporary) }
    let media = Media(
      kind: .image, format: .png, width: 1, height: 1, size: 7, digest: Digest(of: bytes))
    try folder.keep(temporary, as: media)
    try folder.publish(media, as: "scene.png", item: "a")
    try folder.write("{}", as: "asset.json", item: "a")
    try folder.write("{}", as: RunFolder.report)
    let list = FailureList(folder)
    list.add(Item(id: "b", scene: "b.png"), SwaplineError(.damaged, "It is cut off."))
    let page = try AppendedFile(folder.temporaryFile("page"))
    try page.append("page")
    try page.finish(as: path + "/report.html")
    _ = try await Ledger(folder).entries()
    try RunLock(folder).release()
  }

  @Test func nobodyElseReadsARunsFolder() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/runs/out"
    try await fill(path)
    let found = modes(folder.path + "/runs")
    #expect(found.count > 14)
    #expect(found.allSatisfy { [0o600, 0o700].contains($0.value) }, "\(found)")
  }

  @Test(arguments: [true, false])
  func oldFoldersAreClosed(_ isShared: Bool) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/out"
    try await fill(path)
    for (path, mode) in modes(path) { chmod(path, mode == 0o700 ? 0o755 : 0o644) }
    if isShared {
      try FileManager.default.createDirectory(
        atPath: path + "/mine", withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o755])
      try folder.write("mine", to: "out/mine/notes.txt")
      chmod(path + "/mine/notes.txt", 0o644)
    }
    _ = try RunFolder(path)
    var found = modes(path)
    // What is not the run's own is its user's business, and so is the folder that holds it.
    #expect(found.removeValue(forKey: path) == (isShared ? 0o755 : 0o700))
    if isShared {
      #expect(found.removeValue(forKey: path + "/mine") == 0o755)
      #expect(found.removeValue(forKey: path + "/mine/notes.txt") == 0o644)
    }
    #expect(found.allSatisfy { [0o600, 0o700].contains($0.value) }, "\(found)")
  }

  @Test func aFolderThatManyShareKeepsItsMode() throws {
    let folder = try TemporaryFolder()
    chmod(folder.path, 0o1777)
    PrivateFiles.closeFolder(folder.path) { _ in true }
    #expect(modes(folder.path)[folder.path] == 0o777)
  }

  @Test func whatTheEmbeddedServerKeepsIsCountedAndCleared() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/out"
    try await fill(path)
    let server = path + "/.swapline/server"
    try FileSystem.makeFolder(server + "/files")
    for name in ["a.png", "b.png"] {
      try folder.write(name, to: "out/.swapline/server/files/" + name)
    }
    try folder.write("records", to: "out/.swapline/server/tasks.sqlite")
    try folder.write("begun", to: "out/.swapline/partial/c")
    let cache = WorkCache(try RunFolder(path))
    let seen = try await cache.evict()
    #expect(seen.shares[.work]?.files == 1 && seen.shares[.partial]?.files == 1)
    #expect(seen.shares[.server] == .init(files: 2, bytes: 10))
    #expect(seen.shares[.records].map { $0.files >= 2 } == true)
    #expect(seen.removed == 0)
    // A swap that is under way may have its result there.
    let ledger = try Ledger(RunFolder(path))
    let number = try await ledger.intend(
      Digest(of: "k"), item: "a", provider: "crun", model: "m")
    try await ledger.record(number, .accepted, task: "t")
    let kept = try await cache.evict(largerThan: ByteSize(bytes: 0))
    #expect(kept.keepsServer && kept.removed == 2)
    #expect(FileSystem.names(in: server + "/files") == ["a.png", "b.png"])
    try await ledger.record(number, .failed)
    let cleared = try await cache.evict(largerThan: ByteSize(bytes: 0))
    #expect(cleared.removed == 2 && cleared.freed == 10)
    #expect(FileSystem.names(in: server) == ["files", "tasks.sqlite"])
    #expect(FileSystem.names(in: server + "/files").isEmpty)
  }
}
