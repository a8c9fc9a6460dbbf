import Core
import Files
import Glibc
import Pipelines
import Processing
import Runs
import Stages
import Testing

/// What a second run does again, and what it leaves: exactly the stages that something changed for.
@Suite struct ResumeTests {
  static let all = ["fetch", "validate", "normalize", "host", "swap", "thumbnails", "metadata"]

  static func line(
    side: Int = 64, minimum: Int = 8, route: ProviderReference = .crun(at: .embedded)
  ) -> Pipeline {
    Pipeline("resume") {
      Fetch(maximumSize: .megabytes(1))
      Validate(minimumSide: minimum)
      Normalize()
      Host(to: .embedded)
      Swap(with: route, timeout: .seconds(5))
      Thumbnails(sides: [side])
      Metadata()
    }
  }

  /// What is done to a run's folder and its line before the second run, and which stages it does.
  struct Event: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var again: [String]
    var line = ResumeTests.line()
    var submissions = 1
    var change: @Sendable (Line, Asset) throws -> Void = { _, _ in }
  }

  static func corrupt(_ path: String) throws {
    let file = open(path, O_WRONLY)
    try #require(file >= 0)
    defer { close(file) }
    try #require(pwrite(file, [UInt8(0xEE)], 1, 34) == 1)
  }

  static let events: [Event] = [
    Event(testDescription: "nothing", again: []),
    Event(testDescription: "the scene is touched", again: ["fetch"]) { world, asset in
      utimes(asset.item.scene, nil)
    },
    Event(testDescription: "the scene is another one", again: all, submissions: 2) { world, _ in
      try world.file("one.png", picture(650, 480))
    },
    Event(
      testDescription: "a late parameter", again: ["thumbnails", "metadata"], line: line(side: 32)),
    Event(
      testDescription: "an early parameter", again: Array(all.dropFirst()), line: line(minimum: 9)),
    Event(testDescription: "a published file is deleted", again: []) { world, _ in
      FileSystem.remove("\(world.out)/one/result-64.webp")
      FileSystem.remove("\(world.out)/one/result.png")
      FileSystem.remove("\(world.out)/one/asset.json")
    },
    Event(testDescription: "a thumbnail is damaged", again: ["thumbnails", "metadata"]) {
      world, _ in
      try corrupt("\(world.out)/one/result-64.webp")
    },
    Event(
      testDescription: "the result is damaged", again: ["host", "swap", "thumbnails", "metadata"]
    ) { world, _ in
      try corrupt("\(world.out)/one/result.png")
    },
    Event(testDescription: "the result's work file is gone", again: Array(all[3...])) {
      world, asset in
      let result = try #require(asset.media[.result])
      FileSystem.remove(try RunFolder(world.out).file(result))
    },
    Event(testDescription: "the memory is gone", again: all) { world, _ in
      for end in ["", "-wal", "-shm"] {
        FileSystem.remove("\(world.out)/.swapline/memory.sqlite\(end)")
      }
    },
    Event(
      testDescription: "the provider is the vendor itself", again: Array(all[3...]),
      line: line(route: .crun()), submissions: 2),
  ]

  @Test(arguments: events)
  func doesAgainWhatChanged(event: Event) async throws {
    let world = try Line(identity: "crun (embedded)")
    world.provider.answer(status: world.result())
    let item = try world.item()
    let first = try await world.run(Self.line(), [item])
    #expect(first.performed == Self.all)
    #expect(first.reused.isEmpty)
    let before = try first.asset()
    // Files that change within the clock's grain of the run's end would seem to be its own.
    usleep(12_000)
    try event.change(world, before)

    let isVendor = event.line.providers["crun"]?.isEmbedded == false
    let second = try await world.run(event.line, [item], identity: isVendor ? "crun" : nil)
    #expect(second.performed == event.again)
    #expect(second.reused == Self.all.filter { !event.again.contains($0) })
    #expect(world.provider.submissions.count == event.submissions)
    let after = try second.asset()
    for name in ["scene.png", "face.png", "result.png", "asset.json"] {
      #expect(FileSystem.exists("\(world.out)/one/\(name)"), "\(name)")
    }
    for rendition in after.renditions {
      let path = "\(world.out)/one/\(rendition.file)"
      #expect(try FileSystem.digest(of: path) == rendition.media.digest, "\(rendition.file)")
    }

    let third = try await world.run(event.line, [item], identity: isVendor ? "crun" : nil)
    #expect(third.performed.isEmpty)
  }

  @Test func creditsAreCountedInTheRunThatPaid() async throws {
    let world = try Line()
    world.provider.answer(status: world.result())
    let item = try world.item()
    let first = try await world.run(Self.line(), [item])
    let second = try await world.run(Self.line(side: 32), [item])
    let third = try await world.run(Self.line(side: 32), [item])
    #expect(second.performed == ["thumbnails", "metadata"])
    let reports = [first, second, third].map { run in
      var tally = RunTally()
      for outcome in run.outcomes { tally.add(outcome) }
      return tally
    }
    #expect([first, second, third].map(\.totals?.charged.credits) == [1, 0, 0])
    #expect(reports.map(\.done) == [1, 1, 1])
    #expect(reports.map(\.reused) == [0, 0, 1])
    #expect(try second.asset().swap?.credits == 1)
  }

  @Test func goesOnBehindTheStageThatFailed() async throws {
    let world = try Line()
    world.provider.answer(status: world.result())
    world.media.failRendering(SwaplineError(.workerCrashed, "It fell over."))
    let item = try world.item()
    let first = try await world.run(Self.line(), [item])
    #expect(try first.error().code == .workerCrashed)
    #expect(first.performed == Array(Self.all[...4]))
    #expect(!FileSystem.exists("\(world.out)/one"))
    let second = try await world.run(Self.line(), [item])
    #expect(second.performed == ["thumbnails", "metadata"])
    #expect(second.reused == Array(Self.all[...4]))
    #expect(world.provider.submissions.count == 1)
  }

  @Test func damageIsNoticedAfterRunsOfOtherItems() async throws {
    let world = try Line()
    world.provider.answer(status: world.result())
    let items = try [world.item("one"), world.item("two")]
    let first = try await world.run(Self.line(), items)
    usleep(12_000)
    let file = "\(world.out)/one/result-64.webp"
    try Self.corrupt(file)
    usleep(12_000)
    _ = try await world.run(Self.line(), [items[1]])
    _ = try await world.run(Self.line(), [items[0]])
    #expect(
      try FileSystem.digest(of: file) == first.asset("one").renditions.first?.media.digest)
  }

  @Test func standardInputIsReadAnew() async throws {
    let world = try Line()
    let path = try world.file("scene.png", picture(640, 480))
    let line = Pipeline {
      Fetch(maximumSize: .megabytes(1))
      Validate(minimumSide: 8)
    }
    for expected in [["fetch", "validate"], ["fetch"]] {
      let input = open(path, O_RDONLY)
      defer { close(input) }
      let run = try await world.run(line, [Item(id: "one", scene: "-")], input: input)
      #expect(run.performed == expected)
    }
  }
}
