import Core
import Files
import Pipelines
import Processing
import Providers
import Stages
import Testing

@testable import Stages

@Suite struct NormalizeTests {
  /// What a change gives as its reason is what a file says.
  @Test(arguments: MediaLimit.allCases) func everyLimitIsAParameter(limit: MediaLimit) {
    #expect(Normalize.declaration.parameters.map(\.name).contains(limit.rawValue))
  }

  static let base = MediaLimits(
    formats: [.jpg], maximumSize: .megabytes(1), maximumSide: 100, minimumSide: 10,
    maximumPixels: 1_000, maximumAspect: 2, allowsAlpha: false, maximumBitDepth: 8,
    requiresSRGB: false, requiresUpright: false)

  @Test func nothingSetLeavesTheTargetsLimits() {
    #expect(Self.base.replacing(with: MediaLimits()) == Self.base)
  }

  @Test(arguments: [
    MediaLimits(formats: [.png]), MediaLimits(maximumSize: .megabytes(2)),
    MediaLimits(maximumSide: 200), MediaLimits(minimumSide: 20), MediaLimits(maximumPixels: 2_000),
    MediaLimits(maximumAspect: 3), MediaLimits(allowsAlpha: true), MediaLimits(maximumBitDepth: 16),
    MediaLimits(requiresSRGB: true), MediaLimits(requiresUpright: true),
    MediaLimits(requiresEvenSides: true), MediaLimits(requiresFastStart: false),
  ])
  func eachLimitIsReplacedByItself(other: MediaLimits) throws {
    let replaced = try JSONValue(encoding: Self.base.replacing(with: other))
    let before = try JSONValue(encoding: Self.base)
    let set = try JSONValue(encoding: other)
    let plain = try JSONValue(encoding: MediaLimits())
    guard case .object(let parts) = replaced else {
      Issue.record("limits are no object")
      return
    }
    var changed = 0
    for (name, value) in parts {
      let isSet = set[name] != plain[name]
      #expect(value == (isSet ? set[name] : before[name]), "\(name)")
      if isSet { changed += 1 }
    }
    #expect(changed == 1)
  }

  /// The limits that the media service is asked to keep.
  func asked(_ stage: Normalize, swap: Bool = false) async throws -> [NormalizeRequest] {
    let world = try Line()
    let line =
      swap
      ? Pipeline {
        Fetch(maximumSize: .megabytes(1))
        stage
        Host(to: .embedded)
        Swap(with: .crun(), timeout: .seconds(1))
      }
      : Pipeline {
        Fetch(maximumSize: .megabytes(1))
        stage
      }
    world.provider.answer(.refused(SwaplineError(.unauthorized, "No.")))
    _ = try await world.run(line, [world.item()])
    return world.media.asked.compactMap { $0 as? NormalizeRequest }
  }

  @Test func theTargetsLimitsAreTaken() async throws {
    let own = Normalize.usualLimits
    var provider = ProviderProfile.crunImage.limits.value
    provider.kinds = [.image]
    #expect(try await asked(Normalize()).map(\.limits) == [own, own])
    let swap = try await asked(Normalize(for: .swap, limits: MediaLimits()), swap: true)
    #expect(swap.map(\.limits) == [provider, provider])
    let named = try await asked(
      Normalize(for: .crun(), limits: MediaLimits(maximumSide: 77), background: .white))
    #expect(named.map(\.limits.maximumSide) == [77, 77])
    #expect(named.map(\.limits.formats) == [provider.formats, provider.formats])
    #expect(named.map(\.background) == [[255, 255, 255], [255, 255, 255]])
  }

  @Test func anUnknownProviderHasNoLimits() async throws {
    let world = try Line()
    let line = Pipeline {
      Fetch(maximumSize: .megabytes(1))
      Normalize(for: .provider("nobody"))
    }
    let error = try await world.run(line, [world.item()]).error()
    #expect(error.code == .usage)
    #expect(error.message.contains("'nobody'"))
    #expect(error.hint?.contains("crun") == true)
  }

  @Test func everyChangeIsWrittenDownWithItsRoleStageAndReason() async throws {
    let media = FakeMedia { request in
      let bytes = try FileSystem.read(request.file)
      // The scene is larger than the face, and only it is changed.
      guard bytes[18] > 0 else { return nil }
      let file = request.output + ".png"
      try FileSystem.write(picture(100, 75), to: file)
      let made = Media(
        kind: .image, format: .png, width: 100, height: 75, size: Int64(picture(100, 75).count),
        digest: Digest(of: picture(100, 75)))
      return NormalizeAnswer(
        file: file, media: made,
        changes: [Change(.size, from: "640x480", to: "100x75", reason: "sides of at most 100")])
    }
    let world = try Line(media: media)
    let line = Pipeline {
      Fetch(maximumSize: .megabytes(1))
      Normalize(limits: MediaLimits(maximumSide: 100))
    }
    let run = try await world.run(line, [world.item()])
    let asset = try run.asset()
    let change = try #require(asset.history.first)
    #expect(asset.history.count == 1)
    #expect(change.role == .scene)
    #expect(change.stage == "normalize")
    #expect(change.reason == "sides of at most 100")
    #expect(asset.media[.scene]?.width == 100)
    #expect(asset.media[.face]?.digest == Digest(of: picture(64, 64)))
    #expect(asset.stages.last?.note == "scene size; face as it was")
    #expect(try FileSystem.read("\(world.out)/one/scene.png") == picture(100, 75))
    let told = run.events.compactMap {
      if case .stageFinished(_, _, let changes, _, _) = $0.kind, $0.stage == "normalize" {
        changes
      } else {
        nil
      }
    }
    #expect(told == [asset.history])
  }
}
