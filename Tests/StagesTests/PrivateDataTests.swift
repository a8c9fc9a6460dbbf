import Core
import Files
import Pipelines
import Processing
import Providers
import Stages
import Testing

/// Which stages cut private data out, and which leave that to others.
@Suite struct PrivateDataTests {
  /// A service that finds something private in every file that it has not written itself.
  private static func media() -> FakeMedia {
    let reader = FakeMedia()
    return FakeMedia { request in
      let bytes = try FileSystem.read(request.file)
      let clean = Array("clean".utf8)
      guard request.metadata == .strip, !bytes.suffix(5).elementsEqual(clean) else { return nil }
      let output = request.output + ".png"
      try FileSystem.write(bytes + clean, to: output)
      return NormalizeAnswer(
        file: output, media: try reader.facts(at: output),
        changes: [Change(.metadata, from: "place", to: "nothing", reason: "it is private")])
    }
  }

  private static func requests(_ world: Line) -> [NormalizeRequest] {
    world.media.asked.compactMap { $0 as? NormalizeRequest }
  }

  @Test func aHostCutsWhatNothingBeforeItDid() async throws {
    let world = try Line(media: Self.media())
    let line = Pipeline {
      Fetch(maximumSize: .megabytes(1))
      Host(to: .embedded)
    }
    let item = try world.item()
    let run = try await world.run(line, [item])
    let asset = try run.asset()
    #expect(Self.requests(world).map(\.limits) == [MediaLimits(), MediaLimits()])
    #expect(asset.history.map(\.kind) == [.metadata, .metadata])
    #expect(asset.history.map(\.role) == [.scene, .face])
    for role in [Role.scene, .face] {
      let media = try #require(asset.media[role])
      let hosted = try #require(asset.addresses[role]?.url)
      #expect(hosted.contains(media.digest.hex))
      let original = try FileSystem.read(try #require(item.reference(for: role)))
      #expect(media.digest == Digest(of: original + Array("clean".utf8)))
    }
  }

  @Test(arguments: MetadataPolicy.allCases)
  func whatNormalizeDecidedIsDecided(policy: MetadataPolicy) async throws {
    let world = try Line(media: Self.media())
    var normalize = Normalize()
    normalize.metadata = policy
    let line = Pipeline {
      Fetch(maximumSize: .megabytes(1))
      normalize
      Host(to: .embedded)
      Convert(to: [.png])
    }
    let run = try await world.run(line, [world.item()])
    let asset = try run.asset()
    #expect(Self.requests(world).map(\.metadata) == [policy, policy])
    #expect(asset.renditions.map(\.media) == [asset.media[.scene]])
    #expect(asset.history.isEmpty == (policy == .keep))
  }

  @Test func aRenditionThatIsTheMainFileIsCut() async throws {
    let world = try Line(media: Self.media())
    let line = Pipeline {
      Fetch(maximumSize: .megabytes(1))
      Convert(to: [.png])
    }
    let run = try await world.run(line, [world.item()])
    let asset = try run.asset()
    let scene = try #require(asset.media[.scene])
    let rendition = try #require(asset.renditions.first)
    #expect(rendition.media.size == scene.size + 5)
    #expect(asset.history.map(\.stage) == ["convert"])
  }

  @Test func aResultIsKeptAsItCameAndWhatIsMadeOfItIsClean() async throws {
    let world = try Line(media: Self.media())
    world.provider.answer(status: world.result())
    let line = Pipeline {
      Fetch(maximumSize: .megabytes(1))
      Normalize()
      Host(to: .embedded)
      Swap(with: .crun(), timeout: .seconds(5))
      Convert(to: [.png])
    }
    let run = try await world.run(line, [world.item()])
    let asset = try run.asset()
    let result = try #require(asset.media[.result])
    #expect(result.digest == Digest(of: picture(640, 480, extra: [9])))
    #expect(asset.renditions.first?.media.size == result.size + 5)
  }
}
