import Core
import Files
import Glibc
import Pipelines
import Processing
import Runs
import Stages
import Testing

@Suite struct RunnerTests {
  static let renderings = Pipeline {
    Fetch(maximumSize: .megabytes(1))
    Thumbnails(sides: [64, 32])
    Convert(to: [.png, .jpg])
    Thumbnails(sides: [16], format: .png)
    Metadata()
    Convert(to: [.webp])
  }

  @Test func neighbouringRenderingsShareOneDecode() async throws {
    let world = try Line()
    let run = try await world.run(Self.renderings, [world.item()])
    let asset = try run.asset()
    #expect(world.media.renders.map(\.renditions.count) == [4, 1])
    #expect(
      asset.renditions.map { "\($0.stage) \($0.file)" } == [
        "thumbnails scene-64.webp", "thumbnails scene-32.webp", "convert scene.png",
        "convert scene.jpg", "thumbnails scene-16.png", "convert scene.webp",
      ])
    #expect(asset.renditions[2].media == asset.media[.scene])
    #expect(asset.stages.map(\.stage) == run.performed)
    #expect(
      run.performed == ["fetch", "thumbnails", "convert", "thumbnails", "metadata", "convert"])
    #expect(asset.stages.map { $0.note ?? "" }[1...3].allSatisfy { $0.contains("x") })
    #expect(asset.stages[2].note == "scene.png 640x480, scene.jpg 640x480")
    for rendition in asset.renditions {
      #expect(
        try FileSystem.digest(of: "\(world.out)/one/\(rendition.file)") == rendition.media.digest)
    }
  }

  @Test func oneBadItemNeverStopsTheOthers() async throws {
    let world = try Line()
    var items = try (0..<20).map { try world.item("item\($0)", width: 100 + $0) }
    items[7].scene = world.path + "/nothing.png"
    let run = try await world.run(Self.renderings, items)
    #expect(run.outcomes.count == 20)
    let error = try run.error("item7")
    #expect(error.code == .notFound)
    #expect(error.item == "item7")
    for number in 0..<20 where number != 7 {
      #expect(try run.asset("item\(number)").media[.scene]?.width == 100 + number)
    }
    let report = RunTally(run.outcomes)
    #expect(report.done == 19 && report.failures == [error] && report.stopped == 0)
  }

  @Test func anItemSetsParametersOfItsOwn() async throws {
    let world = try Line()
    var item = try world.item()
    item.overrides = ["thumbnails.sides": "[20]", "convert.to": "[jpg]"]
    let wrong = try ["thumbnials.sides": "[20]", "thumbnails.sides": "[0]", "fetch": "1"]
      .enumerated().map { number, setting in
        var item = try world.item("wrong\(number)")
        item.overrides = [setting.key: setting.value]
        return item
      }
    let run = try await world.run(Self.renderings, [item, world.item("plain")] + wrong)
    let files = try run.asset().renditions.map(\.file)
    #expect(files.sorted() == ["scene-20.png", "scene-20.webp", "scene.jpg"])
    #expect(try run.asset("plain").renditions.count == 6)
    for item in wrong { #expect(try run.error(item.id).code == .usage) }
  }

  @Test func aStopEndsBehindTheStagesAtWork() async throws {
    let world = try Line()
    let control = RunControl()
    let items = try (0..<30).map { try world.item("item\($0)") }
    let run = try await world.run(Self.renderings, items, control: control) { event in
      if event.item == "item0", case .stageFinished = event.kind { control.drain() }
    }
    #expect(run.outcomes.count == 30)
    #expect(run.stopped.contains("item0") && run.stopped.contains("item29"))
    #expect(!run.events.contains { $0.item == "item29" })
    let report = RunTally(run.outcomes)
    #expect(report.stopped == run.stopped.count && report.failures.isEmpty)
    let second = try await world.run(Self.renderings, items)
    for item in items { _ = try second.asset(item.id) }
    #expect(second.reused.contains("fetch"))
  }

  @Test func aCancelledRunEndsAtOnce() async throws {
    let world = try Line()
    let url = world.server.give("slow.png", picture(640, 480), [.silence])
    let line = Pipeline { Fetch(maximumSize: .megabytes(1), addresses: .loopback) }
    let (started, start) = AsyncStream<Void>.makeStream()
    let work = Task {
      try await world.run(line, [Item(id: "one", scene: url)]) { event in
        if case .stageStarted = event.kind { start.yield() }
      }
    }
    for await _ in started { break }
    let begin = ContinuousClock.now
    work.cancel()
    let run = try await work.value
    #expect(run.stopped == ["one"])
    #expect(ContinuousClock.now - begin < .seconds(8))
  }

  @Test func whatAKilledRunLeftHalfWrittenIsSweptAway() async throws {
    let world = try Line()
    let folder = try RunFolder(world.out)
    let left = folder.temporaryFile("fetch")
    try FileSystem.write([1], to: left)
    _ = try await world.run(Self.renderings, [world.item()])
    #expect(!FileSystem.exists(left))
    #expect(FileSystem.names(in: folder.state + "/tmp").isEmpty)
  }

  @Test func aSecondRunInTheFolderIsToldWhoHoldsIt() async throws {
    let world = try Line()
    let lock = try RunLock(RunFolder(world.out))
    do {
      _ = try await world.run(Self.renderings, [world.item()])
      Issue.record("the folder is held")
    } catch let error as SwaplineError {
      #expect(error.code == .usage)
      #expect(error.message.contains("process \(getpid())"))
      #expect(error.hint?.contains("--out") == true)
    }
    withExtendedLifetime(lock) {}
  }

  @Test func aHoldersEndFreesTheFolder() async throws {
    let world = try Line()
    do { _ = try RunLock(RunFolder(world.out)) }
    _ = try await world.run(Self.renderings, [world.item()]).asset()
  }
}

extension RunTally {
  /// The tally of `outcomes`.
  init(_ outcomes: [Runner.Outcome]) {
    self.init()
    for outcome in outcomes { add(outcome) }
  }
}
