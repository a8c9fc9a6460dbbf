import Core
import Foundation
import Glibc
import Serving
import TestSupport
import Testing

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

  @Test func nobodyElseReadsTheDataFolder() async throws {
    let folder = try TemporaryFolder()
    let data = folder.path + "/data"
    let bench = try await Bench { $0.folder = data }
    _ = try await bench.end(of: try await bench.submit())
    let files = FileTests()
    let (put, _) = try await files.upload(bench)
    #expect(try await files.put(bench, put, picture(3, 3)) == 200)
    let found = modes(data)
    #expect(found.keys.contains { $0.hasSuffix("tasks.sqlite-wal") })
    #expect(found.values.count { $0 == 0o700 } >= 3)
    #expect(found.allSatisfy { [0o600, 0o700].contains($0.value) }, "\(found)")
  }

  @Test(arguments: [true, false])
  func oldFoldersAreClosed(_ isShared: Bool) async throws {
    let folder = try TemporaryFolder()
    let data = folder.path + "/data"
    do {
      let bench = try await Bench { $0.folder = data }
      _ = try await bench.end(of: try await bench.submit())
      await bench.server.stop()
    }
    for (path, mode) in modes(data) { chmod(path, mode == 0o700 ? 0o755 : 0o644) }
    if isShared { try Data("mine".utf8).write(to: URL(filePath: data + "/notes.txt")) }
    let bench = try await Bench { $0.folder = data }
    var found = modes(data)
    // What is not the server's own is its user's business, and so is the folder that holds it.
    #expect(found.removeValue(forKey: data) == (isShared ? 0o755 : 0o700))
    if isShared { #expect(found.removeValue(forKey: data + "/notes.txt") == 0o644) }
    #expect(found.allSatisfy { [0o600, 0o700].contains($0.value) }, "\(found)")
    await bench.server.stop()
  }
}
