import Core
import Glibc
import TestSupport
import Testing

@testable import Files

@Suite struct RunFolderTests {
  @Test(arguments: [
    ("a.png", "a.png"), ("/a b.png", "/a b.png"), ("-", nil), ("https://x.test/a", nil),
    ("file:///a%20b.png", "/a b.png"), ("file://localhost/a.png", "/a.png"),
    ("file:///100%.png", "/100%.png"), ("file:///%C3%BC", "/ü"), ("a%20b", "a%20b"),
    ("file://server/a.png", nil),
  ])
  func tellsFilesOfThisMachine(reference: String, path: String?) {
    #expect(LocalReference.path(reference) == path)
  }

  /// Two items of the same bytes: one makes the file its run's own while the other looks whether the
  /// original has changed.
  @Test func whatWasMadeOurOwnMeanwhileIsNoChange() throws {
    let folder = try TemporaryFolder()
    let runFolder = try RunFolder(folder.path + "/run")
    let original = folder.path + "/original"
    try FileSystem.write(Array("abc".utf8), to: original)
    let media = facts("abc")
    try runFolder.borrow(
      original, in: try #require(FileVersion(of: original)), since: FileSystem.now, as: media)
    #expect(runFolder.isBorrowed(media))
    try runFolder.checkUnchanged(media)
    let copy = runFolder.temporaryFile("own")
    try FileSystem.write(Array("abc".utf8), to: copy)
    try FileSystem.move(copy, to: runFolder.file(media))
    try runFolder.checkUnchanged(media)
  }

  /// The same, many times at once.
  @Test func manyItemsUseAndOwnOneInputAtOnce() async throws {
    let folder = try TemporaryFolder()
    let original = folder.path + "/original"
    try FileSystem.write(Array("abc".utf8), to: original)
    let media = facts("abc")
    for round in 0..<40 {
      let runFolder = try RunFolder(folder.path + "/run\(round)")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for item in 0..<8 {
          group.addTask {
            let version = try #require(FileVersion(of: original))
            try runFolder.borrow(original, in: version, since: FileSystem.now, as: media)
            try runFolder.checkUnchanged(media)
            if item % 3 == 0 { try runFolder.own(media) }
            for _ in 0..<20 { try runFolder.checkUnchanged(media) }
          }
        }
        try await group.waitForAll()
      }
      #expect(try FileSystem.read(runFolder.file(media), limit: 10) == Array("abc".utf8))
    }
  }

  @Test func whatWasChangedWhileItWasUsedIsTold() throws {
    let folder = try TemporaryFolder()
    let runFolder = try RunFolder(folder.path + "/run")
    let original = folder.path + "/original"
    try FileSystem.write(Array("abc".utf8), to: original)
    let media = facts("abc")
    try runFolder.borrow(
      original, in: try #require(FileVersion(of: original)), since: FileSystem.now, as: media)
    try FileSystem.write(Array("abd".utf8), to: original)
    #expect(throws: SwaplineError.self) { try runFolder.checkUnchanged(media) }
    FileSystem.remove(original)
    let error = #expect(throws: SwaplineError.self) { try runFolder.checkUnchanged(media) }
    #expect(error?.code == .notFound)
  }

  @Test func aWorkFileIsTrustedUntilItChanges() throws {
    let folder = try TemporaryFolder()
    let runFolder = try RunFolder(folder.path)
    let media = facts("abc")
    let temporary = runFolder.temporaryFile("x")
    try FileSystem.write(Array("abc".utf8), to: temporary)
    #expect(!runFolder.holds(media))
    let path = try runFolder.keep(temporary, as: media)
    #expect(runFolder.holds(media))
    try FileSystem.write(Array("abd".utf8), to: path)
    #expect(!runFolder.holds(media))
    try FileSystem.write(Array("abc".utf8), to: path)
    let whole = FileSystem.now
    #expect(runFolder.holds(media, since: whole))
    usleep(12_000)
    try FileSystem.write(Array("abd".utf8), to: path)
    #expect(!runFolder.holds(media, since: whole))
    #expect(runFolder.holds(media, since: FileSystem.now))
    try FileSystem.write(Array("abcd".utf8), to: path)
    #expect(!runFolder.holds(media))
    FileSystem.remove(path)
    #expect(!runFolder.holds(media))
  }

  @Test func publishingReplacesWhatStoodThere() throws {
    let folder = try TemporaryFolder()
    let runFolder = try RunFolder(folder.path)
    for text in ["first", "second", "second"] {
      let media = facts(text)
      let temporary = runFolder.temporaryFile("x")
      try FileSystem.write(Array(text.utf8), to: temporary)
      try runFolder.keep(temporary, as: media)
      try runFolder.publish(media, as: "scene.png", item: "one")
      #expect(try FileSystem.read("\(folder.path)/one/scene.png") == Array(text.utf8))
      #expect(runFolder.isPublished(media, as: "scene.png", item: "one", since: 0))
    }
    #expect(FileSystem.names(in: runFolder.temporary).isEmpty)
  }

  @Test func aFolderIsHeldWhileItsLockIsOrCannotBeSeen() async throws {
    let folder = try TemporaryFolder()
    let runFolder = try RunFolder(folder.path)
    #expect(await !RunFolder.isHeld(folder.path))
    let lock = try RunLock(runFolder)
    #expect(await RunFolder.isHeld(folder.path))
    lock.release()
    #expect(await !RunFolder.isHeld(folder.path))
    #expect(await !RunFolder.isHeld(folder.path + "/no-such-folder"))
    // A loop of links is neither held nor free: nobody can say.
    let state = folder.path + "/odd/.swapline"
    try FileSystem.makeFolder(state)
    #expect(symlink("lock", state + "/lock") == 0)
    #expect(await RunFolder.isHeld(folder.path + "/odd"))
  }

  @Test func aRefusedLockClosesNoFileOfAnother() async throws {
    let folder = try TemporaryFolder()
    let runFolder = try RunFolder(folder.path)
    let holder = try RunLock(runFolder)
    let threads = ThreadPool(name: "locks", width: 2)
    async let refused: Void = threads.run { _ in
      for _ in 0..<1_000 {
        #expect(throws: SwaplineError.self) { _ = try RunLock(runFolder) }
      }
    }
    async let kept: Bool = threads.run { _ in
      (0..<5_000).allSatisfy { _ in
        let file = open("/dev/null", O_RDONLY)
        defer { close(file) }
        return (0..<20).allSatisfy { _ in fcntl(file, F_GETFD) >= 0 }
      }
    }
    try await refused
    #expect(try await kept)
    withExtendedLifetime(holder) {}
  }
}
