import Core
import Files
import Pipelines
import Processing
import Stages
import Testing

/// One rendition's fault never loses its siblings.
@Suite struct PartialRenditionTests {
  static let line = Pipeline("partial") {
    Fetch(maximumSize: .megabytes(1))
    Thumbnails(sides: [64, 32])
    Convert(to: [.jpg, .gif])
    Metadata()
    Convert(to: [.png])
  }
  static let fault = SwaplineError(
    .limit, "A picture of 70000x4 pixels does not fit into gif.", hint: "Ask for a smaller one.")

  @Test func theOthersAreThereAndTheItemNamesWhatFailed() async throws {
    let world = try Line()
    world.media.refuse(.gif, Self.fault)
    let run = try await world.run(Self.line, [world.item(), world.item("two", width: 320)])
    for id in ["one", "two"] {
      let error = try run.error(id)
      #expect(error.code == .limit && error.place == "convert" && error.item == id)
      #expect(error.message == "scene.gif was not made: \(Self.fault.message)")
      #expect(error.hint?.hasPrefix("Ask for a smaller one. The item's other files") == true)
      for name in ["scene-64.webp", "scene-32.webp", "scene.jpg", "scene.png", "asset.json"] {
        #expect(FileSystem.exists("\(world.out)/\(id)/\(name)"), "\(name)")
      }
      #expect(!FileSystem.exists("\(world.out)/\(id)/scene.gif"))
    }
    // The stages behind it went on.
    #expect(run.performed.filter { $0 == "metadata" }.count == 2)
    let report = try String(decoding: FileSystem.read("\(world.out)/one/asset.json"), as: UTF8.self)
    #expect(report.contains("\"failures\"") && report.contains("scene.gif"))
  }

  @Test func theNextRunMakesWhatIsMissing() async throws {
    let world = try Line()
    world.media.refuse(.gif, Self.fault)
    let item = try world.item()
    _ = try await world.run(Self.line, [item]).error()
    world.media.refuse(.gif, nil)
    let second = try await world.run(Self.line, [item])
    let asset = try second.asset()
    #expect(asset.failures == nil)
    #expect(asset.renditions.map(\.file).contains("scene.gif"))
    #expect(second.reused == ["fetch", "thumbnails"])
    #expect(FileSystem.exists("\(world.out)/one/scene.gif"))
    let third = try await world.run(Self.line, [item])
    #expect(third.performed.isEmpty)
  }

  @Test func whatIsKnownToBeImpossibleIsNotTried() async throws {
    let world = try Line()
    let line = Pipeline {
      Fetch(maximumSize: .megabytes(1))
      Convert(to: [.jpg, .mp4])
    }
    let run = try await world.run(line, [world.item()])
    #expect(try run.error().message.hasPrefix("scene.mp4 was not made: "))
    #expect(FileSystem.exists("\(world.out)/one/scene.jpg"))
    #expect(world.media.renders.map(\.renditions.count) == [1])
  }

  @Test func nothingIsBoughtForAnItemThatHasFailed() async throws {
    let world = try Line()
    world.provider.answer(status: world.result())
    world.media.refuse(.gif, Self.fault)
    let line = Pipeline {
      Fetch(maximumSize: .megabytes(1))
      Convert(to: [.jpg, .gif])
      Host(to: .embedded)
      Swap(with: .crun(at: .embedded), timeout: .seconds(5))
      Thumbnails(sides: [64])
    }
    let run = try await world.run(line, [world.item()])
    #expect(try run.error().message.hasPrefix("scene.gif was not made"))
    #expect(world.provider.submissions.isEmpty)
    #expect(FileSystem.exists("\(world.out)/one/scene.jpg"))
  }

  @Test func aFullDiskIsEverybodysFault() async throws {
    let world = try Line()
    world.media.failRendering(SwaplineError(.storage, "The disk is full."))
    let run = try await world.run(Self.line, [world.item()])
    #expect(try run.error().code == .storage)
    #expect(world.media.renders.count == 1)
  }

  @Test func oneFrameOfTheSameFormatIsAFileOfItsOwn() async throws {
    let world = try Line()
    try world.file("moving.gif", movingPicture)
    let item = Item(id: "one", scene: world.path + "/in/moving.gif")
    func files(_ frames: FrameChoice) async throws -> [String: RenditionContent?] {
      let line = Pipeline {
        Fetch(maximumSize: .megabytes(1))
        Convert(to: [.gif], frames: frames)
      }
      let before = world.media.renders.count
      let asset = try await world.run(line, [item]).asset()
      let content = world.media.renders.dropFirst(before).first?.renditions.first?.content
      return Dictionary(
        asset.renditions.map { ($0.file, content) }, uniquingKeysWith: { $1 })
    }
    #expect(try await files(.auto) == ["scene.gif": nil])
    #expect(try await files(.first) == ["scene-converted.gif": .first])
  }
}
