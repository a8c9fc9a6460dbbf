import Core
import Processing
import Providers
import Testing

@testable import Stages

@Suite struct SwapWayTests {
  private static func models(_ kinds: [MediaKind]) -> [ProviderModel] {
    kinds.map { kind in
      var profile = ProviderProfile.crunImage
      profile.kinds = Sourced([kind], .ours, source: "the test")
      profile.limits.value.maximumSide = 100
      return ProviderModel("\(kind)", profile)
    }
  }

  typealias Case = (
    scene: MediaKind, taken: [MediaKind], allowed: [Bridge], model: String, bridge: Bridge?
  )

  @Test(
    arguments: [
      (.image, [.image], [], "image", nil),
      (.animation, [.image, .animation, .video], [.frames, .video], "animation", nil),
      (.animation, [.image, .video], [.frames, .video], "video", .video),
      (.animation, [.image, .video], [.frames], "image", .frames),
      (.video, [.image], [.frames], "image", .frames),
      (.video, [.image, .video], [.frames], "video", nil),
    ] as [Case])
  func theStraightestAllowedWayIsGone(expected: Case) throws {
    let way = try SwapStrategy(
      expected.scene, models: Self.models(expected.taken), allowed: expected.allowed,
      provider: "p")
    #expect(way.model.name == expected.model)
    #expect(way.bridge == expected.bridge)
    #expect(way.sceneLimits(expected.scene).maximumSide == 100)
    // What is carried over is made fit where it is submitted: its own format may stay.
    #expect((way.sceneLimits(expected.scene).formats == nil) == (expected.bridge != nil))
  }

  @Test(
    arguments: [
      (.animation, [.image, .video], [], "[video, frames]"),
      (.video, [.image], [.video], "[frames]"), (.image, [.video], [.frames, .video], "of a kind"),
    ] as [(MediaKind, [MediaKind], [Bridge], String)])
  func noOtherWayIsGone(
    scene: MediaKind, taken: [MediaKind], allowed: [Bridge], hint: String
  ) {
    let error = #expect(throws: SwaplineError.self) {
      try SwapStrategy(scene, models: Self.models(taken), allowed: allowed, provider: "p")
    }
    #expect(error?.code == .unsupported)
    #expect(error?.hint?.contains(hint) == true)
  }
}

@Suite struct ResultCheckTests {
  private static func media(
    _ width: Int, _ height: Int, duration: Double? = nil, frames: Int = 1, hasAudio: Bool = false
  ) -> Media {
    Media(
      kind: duration == nil ? .image : .video, format: duration == nil ? .png : .mp4, width: width,
      height: height, size: 1, digest: Digest(of: "\(width)\(height)\(frames)"), frames: frames,
      duration: duration, hasAudio: hasAudio)
  }

  @Test(
    arguments: [
      (media(1000, 500), media(500, 250), nil, ["1000x500 → 500x250"]),
      (media(1000, 500), media(1000, 505), nil, ["1000x500 → 1000x505"]),
      (media(1000, 500), media(500, 500), "it is 500x500, and the scene 1000x500", nil),
      (media(8, 8, duration: 10, frames: 250), media(8, 8, duration: 10, frames: 250), nil, []),
      (
        media(8, 8, duration: 10, frames: 250, hasAudio: true),
        media(8, 8, duration: 10.02, frames: 240), nil,
        ["250 frames → 240 frames", "10.0 s → 10.02 s", "sound → no sound"]
      ),
      (
        media(8, 8, duration: 10), media(8, 8, duration: 9), "it lasts 9.0 s, and the scene 10.0 s",
        nil
      ),
      (media(8, 8, duration: 0.4), media(8, 8, duration: 0.6), nil, ["0.4 s → 0.6 s"]),
    ] as [(Media, Media, String?, [String]?)])
  func whatDiffersIsToldOrRefused(
    scene: Media, result: Media, fault: String?, changes: [String]?
  ) {
    let check = ResultCheck(scene: scene, result: result)
    #expect(check.fault == fault)
    if let changes { #expect(check.changes.map { "\($0.from) → \($0.to)" } == changes) }
  }
}

@Suite struct SubmissionPaceTests {
  private func seconds(_ count: Int, _ pace: SubmissionPace) async throws -> Double {
    let start = ContinuousClock.now
    for _ in 0..<count { try await pace.pass() }
    return (ContinuousClock.now - start) / .seconds(1)
  }

  /// How long so many submissions take by a clock that stands still while work is done.
  private func planned(_ count: Int, _ pace: SubmissionPace) async -> Double {
    let start = ContinuousClock.now
    var now = start
    for _ in 0..<count { while let due = await pace.due(now) { now = due } }
    return (now - start) / .seconds(1)
  }

  @Test func nothingLimitsWhatIsNotKnown() async throws {
    let pace = SubmissionPace(perMinute: nil)
    #expect(await planned(1_000, pace) == 0)
    #expect(await pace.perMinute == nil)
  }

  /// One at once, the others every 50 ms: neither sooner nor later.
  @Test func submissionsFollowEachOtherAtTheRate() async throws {
    let planned = await planned(5, SubmissionPace(perMinute: 1_200))
    #expect(abs(planned - 0.2) < 0.001, "\(planned)")
    #expect(try await seconds(5, SubmissionPace(perMinute: 1_200)) > 0.15)
  }

  @Test func aRefusalSlowsEverybodyDown() async throws {
    let pace = SubmissionPace(perMinute: 6_000)
    _ = try await seconds(3, pace)
    await pace.slowDown(after: TimeSpan(milliseconds: 80))
    #expect(await pace.perMinute ?? .infinity < 6_000)
    #expect(try await seconds(1, pace) > 0.07)
  }

  @Test func waitingEndsWhenItIsCancelled() async throws {
    let pace = SubmissionPace(perMinute: nil)
    await pace.slowDown(after: .minutes(10))
    let waiting = Task { try await pace.pass() }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
  }
}
