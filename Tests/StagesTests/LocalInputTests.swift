import Core
import Files
import Glibc
import Pipelines
import Processing
import Stages
import Synchronization
import Testing

@testable import Runs

/// Inputs of this machine are used where they are: not copied, and never half old and half new.
@Suite struct LocalInputTests {
  static let line = Pipeline("local") {
    Fetch(maximumSize: .megabytes(1))
    Thumbnails(sides: [32])
    Metadata()
  }

  private static func isLink(_ path: String) -> Bool { FileSystem.target(of: path) != nil }

  private static func workFiles(_ world: Line) -> [String] {
    let folder = "\(world.out)/.swapline/files"
    return FileSystem.names(in: folder).filter { !isLink("\(folder)/\($0)") }
  }

  /// A place for an input, and what a run is told of it.
  static let places: [@Sendable (Line) throws -> (path: String, reference: String)] = [
    { world in
      let path = try world.file("scene.png", picture(640, 480))
      return (path, path)
    },
    { world in
      let path = try world.file("scene.png", picture(640, 480))
      chmod(path, 0o400)
      return (path, "file://" + path)
    },
    { world in
      let path = try world.file("scene.png", picture(640, 480))
      let link = world.path + "/link.png"
      try #require(symlink(path, link) == 0)
      return (path, link)
    },
    { world in
      let path = try world.file("scene.png", picture(640, 480))
      return (path, world.path + "/in/../in/./scene.png")
    },
  ]

  @Test(arguments: places.indices)
  func anInputStaysWhereItIs(place: Int) async throws {
    let world = try Line()
    let (path, reference) = try Self.places[place](world)
    let run = try await world.run(Self.line, [Item(id: "one", scene: reference)])
    let asset = try run.asset()
    #expect(FileSystem.target(of: "\(world.out)/one/scene.png") == FileSystem.realPath(path))
    #expect(try FileSystem.read("\(world.out)/one/scene.png") == picture(640, 480))
    #expect(Self.workFiles(world).count == 1, "only the thumbnail is ours")
    #expect(asset.media[.scene]?.digest == Digest(of: picture(640, 480)))
    let again = try await world.run(Self.line, [Item(id: "one", scene: reference)])
    #expect(again.performed == [])
  }

  @Test func anInputOfAnotherFileSystemStaysThere() async throws {
    let folder = "/dev/shm/\(FileSystem.realPath("/proc/self")?.split(separator: "/").last ?? "x")"
    guard access("/dev/shm", W_OK) == 0 else { return }
    let path = "\(folder)-\(UInt32.random(in: 0 ... .max)).png"
    defer { unlink(path) }
    let world = try Line()
    try FileSystem.write(picture(640, 480), to: path)
    _ = try await world.run(Self.line, [Item(id: "one", scene: path)]).asset()
    #expect(FileSystem.target(of: "\(world.out)/one/scene.png") == path)
  }

  /// What somebody does to an input while it is used, and what is said of it.
  struct Meddling: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var message: String
    var change: @Sendable (String) throws -> Void
  }

  static let meddlings = [
    Meddling(testDescription: "other bytes in its place", message: "was changed while") { path in
      let file = open(path, O_WRONLY)
      defer { close(file) }
      try #require(pwrite(file, picture(641, 480), 33, 0) == 33)
    },
    Meddling(testDescription: "another file of the same size", message: "was changed while") {
      try FileSystem.write(picture(641, 480), to: $0)
    },
    Meddling(testDescription: "cut", message: "was changed while") { path in
      try #require(truncate(path, 20) == 0)
    },
    Meddling(testDescription: "removed", message: "was removed while") { FileSystem.remove($0) },
  ]

  @Test(arguments: meddlings)
  func aChangeWhileItIsUsedIsNoticed(meddling: Meddling) async throws {
    let world = try Line()
    let path = try world.file("scene.png", picture(640, 480))
    let item = Item(id: "one", scene: path)
    let failed = try await world.run(Self.line, [item]) { event in
      guard event.stage == "fetch", case .stageFinished = event.kind else { return }
      try? meddling.change(path)
    }
    let error = try failed.error()
    #expect(error.message.contains(path) && error.message.contains(meddling.message), "\(error)")
    #expect(!FileSystem.exists("\(world.out)/one"))
    // What it holds then is what counts.
    try FileSystem.write(picture(650, 480), to: path)
    let asset = try await world.run(Self.line, [item]).asset()
    #expect(asset.media[.scene]?.width == 650)
    #expect(asset.renditions.count == 1)
  }

  @Test func whatOnlyTouchesItsInodeIsNoChange() async throws {
    let world = try Line()
    let path = try world.file("scene.png", picture(640, 480))
    let run = try await world.run(Self.line, [Item(id: "one", scene: path)]) { event in
      guard event.stage == "fetch", case .stageFinished = event.kind else { return }
      chmod(path, 0o400)
      link(path, path + ".second")
    }
    #expect(try run.asset().renditions.count == 1)
  }

  @Test func aChangeBetweenRunsIsNoticedThoughItsTimeIsKept() async throws {
    let world = try Line()
    let path = try world.file("scene.png", picture(640, 480))
    var facts = stat()
    try #require(stat(path, &facts) == 0)
    let item = Item(id: "one", scene: path)
    _ = try await world.run(Self.line, [item]).asset()
    let file = open(path, O_WRONLY)
    try #require(pwrite(file, picture(641, 480), 33, 0) == 33)
    close(file)
    try #require(utimensat(AT_FDCWD, path, [facts.st_atim, facts.st_mtim], 0) == 0)
    let asset = try await world.run(Self.line, [item]).asset()
    #expect(asset.media[.scene]?.width == 641)
  }

  @Test func anInputThatIsGoneIsMissedAndFoundAgain() async throws {
    let world = try Line()
    let path = try world.file("scene.png", picture(640, 480))
    let item = Item(id: "one", scene: path)
    _ = try await world.run(Self.line, [item]).asset()
    try FileSystem.move(path, to: path + ".away")
    let error = try await world.run(Self.line, [item]).error()
    #expect(error.code == .notFound && error.message.contains(path))
    try FileSystem.move(path + ".away", to: path)
    #expect(try await world.run(Self.line, [item]).performed == [])
  }

  @Test func itemsOfTheSameBytesShareWhatIsThere() async throws {
    let world = try Line()
    let paths = try ["a.png", "b.png"].map { try world.file($0, picture(640, 480)) }
    let items = zip(["one", "two"], paths).map { Item(id: $0, scene: $1) }
    let run = try await world.run(Self.line, items)
    #expect(run.outcomes.count == 2)
    _ = try (run.asset("one"), run.asset("two"))
    #expect(Self.workFiles(world).count == 1)
  }

  @Test func whatIsHandedToAHostIsOurOwn() async throws {
    let world = try Line()
    let scene = try world.file("scene.png", picture(640, 480))
    let line = Pipeline {
      Fetch(maximumSize: .megabytes(1))
      Host(to: .embedded)
    }
    let asset = try await world.run(line, [Item(id: "one", scene: scene)]).asset()
    let media = try #require(asset.media[.scene])
    let place = try RunFolder(world.out).file(media)
    #expect(!Self.isLink(place))
    try FileSystem.write(picture(641, 480), to: scene)
    #expect(try FileSystem.digest(of: place) == media.digest)
  }

  @Test func whatIsHandedToAHostIsWhatItsDigestSays() async throws {
    let world = try Line()
    let scene = try world.file("scene.png", picture(640, 480))
    let line = Pipeline {
      Fetch(maximumSize: .megabytes(1))
      Host(to: .embedded)
    }
    let run = try await world.run(line, [Item(id: "one", scene: scene)]) { event in
      guard event.stage == "fetch", case .stageFinished = event.kind else { return }
      try? FileSystem.write(picture(641, 480), to: scene)
    }
    #expect(try run.error().message.contains("was changed while"))
  }

  @Test func aRenditionThatIsTheInputIsAFileOfItsOwn() async throws {
    let world = try Line()
    let scene = try world.file("scene.png", picture(640, 480))
    let line = Pipeline {
      Fetch(maximumSize: .megabytes(1))
      Convert(to: [.png])
    }
    let asset = try await world.run(line, [Item(id: "one", scene: scene)]).asset()
    let rendition = try #require(asset.renditions.first)
    let published = "\(world.out)/one/\(rendition.file)"
    #expect(!Self.isLink(published))
    #expect(try FileSystem.digest(of: published) == rendition.media.digest)
    try FileSystem.write(picture(1, 1), to: scene)
    #expect(try FileSystem.digest(of: published) == rendition.media.digest)
  }

  @Test func clearingTheCacheTakesLinksAndLeavesTheInputs() async throws {
    let world = try Line()
    let scene = try world.file("scene.png", picture(640, 480))
    let item = Item(id: "one", scene: scene)
    _ = try await world.run(Self.line, [item]).asset()
    let folder = try RunFolder(world.out)
    let seen = try await WorkCache(folder).evict()
    #expect(seen.shares[.inputs]?.files == 1 && seen.shares[.inputs]?.bytes == 0)
    #expect(seen.shares[.work]?.files == 1)
    _ = try await WorkCache(folder).evict(largerThan: ByteSize(bytes: 0))
    #expect(FileSystem.names(in: folder.path + "/.swapline/files").isEmpty)
    #expect(try FileSystem.read(scene) == picture(640, 480))
    #expect(try await world.run(Self.line, [item]).asset().renditions.count == 1)
  }

  @Test func purgingLeavesTheInputs() async throws {
    let world = try Line()
    let scene = try world.file("scene.png", picture(640, 480))
    _ = try await world.run(Self.line, [Item(id: "one", scene: scene)]).asset()
    _ = try await RunPurge(RunFolder(world.out)).run()
    #expect(FileSystem.names(in: "\(world.out)/one") == ["asset.json"])
    #expect(try FileSystem.read(scene) == picture(640, 480))
  }
}
