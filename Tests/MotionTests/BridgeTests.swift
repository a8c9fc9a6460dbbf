import Core
import Foundation
import Imaging
import Processing
import TestSupport
import Testing

@testable import Motion

/// Moving pictures taken apart and put together again.
@Suite struct BridgeTests {
  let bench: Bench
  let service = MotionService()

  init() throws { bench = try Bench() }

  private func split(_ file: String) throws -> ExtractFramesAnswer {
    try service.split(
      ExtractFramesRequest(file: file, output: bench.path("frame")), cancellation: Cancellation())
  }

  @Test(
    arguments: [
      ("moving/repeated.gif", MediaFormat.gif), ("moving/delays.gif", .gif),
      ("moving/disposals.gif", .gif), ("moving/animated.png", .png),
    ])
  func togetherAgainIsWhatItWas(file: String, format: MediaFormat) throws {
    let original = fixture(file)
    let parts = try split(original)
    let before = try ImagingService().probe(
      ProbeRequest(file: original), cancellation: Cancellation())
    #expect(parts.order.count == before.frames)
    #expect(parts.frames.count == parts.count)
    let joined = try service.join(
      ReplaceFramesRequest(
        original: original, pictures: .stills(parts.frames.map(\.file), order: parts.order),
        output: bench.path("joined.\(format.name)"), format: format),
      cancellation: Cancellation())
    #expect(joined.media.frames == before.frames)
    #expect(joined.media.delays == before.delays)
    #expect(joined.media.loops == before.loops)
    // The same frames, taken apart again.
    let again = try split(joined.file)
    #expect(again.order == parts.order)
    #expect(again.frames.map(\.media.digest) == parts.frames.map(\.media.digest))
  }

  @Test func equalFramesAreOneHoweverFarApart() throws {
    let parts = try split(fixture("moving/still-person.gif"))
    #expect(parts.order == [0, 1, 0, 0, 1, 0, 0, 1])
  }

  @Test func countingWritesNothing() throws {
    let parts = try service.split(
      ExtractFramesRequest(file: fixture("moving/still-person.gif"), output: nil),
      cancellation: Cancellation())
    #expect(parts.count == 2)
    #expect(parts.frames.isEmpty)
    let names = try FileManager.default.contentsOfDirectory(atPath: bench.path("."))
    #expect(names.isEmpty)
  }

  @Test func aGIFComesBackFromAFilmWithItsDelays() throws {
    let original = fixture("moving/person.gif")
    let order = RenditionRequest(
      output: bench.path("video.mp4"), format: .mp4, quality: 95, content: .moving)
    let files = try service.render(
      RenderRequest(file: original, renditions: [order]), cancellation: Cancellation())
    let video = try #require(files?.first)
    let joined = try service.join(
      ReplaceFramesRequest(
        original: original, pictures: .video(video.file), output: bench.path("back.gif"),
        format: .gif), cancellation: Cancellation())
    let before = try ImagingService().probe(
      ProbeRequest(file: original), cancellation: Cancellation())
    #expect(joined.media.delays == before.delays)
    #expect(joined.media.frames == before.frames)
    // Each frame is the one of its own time: it is nearer to its original than to the neighbours'.
    let (old, new) = (try split(original), try split(joined.file))
    func samples(_ file: String) throws -> [UInt8] {
      try ImagingService().pixels(
        of: file, limits: DecodingGuard(), cancellation: Cancellation()
      ).rgb
    }
    func apart(_ a: Int, _ b: Int) throws -> Int {
      let one = try samples(old.frames[old.order[a]].file)
      let other = try samples(new.frames[new.order[b]].file)
      var sum = 0
      for at in stride(from: 0, to: one.count, by: 61) {
        sum += abs(Int(one[at]) - Int(other[at]))
      }
      return sum
    }
    for number in [2, 5, 7] {
      let own = try apart(number, number)
      #expect(own < (try apart(number - 1, number)))
      #expect(own < (try apart(number + 1, number)))
    }
  }

  @Test func aStillIsNoBridgesBusiness() throws {
    let error = #expect(throws: SwaplineError.self) {
      try split(fixture("scenes/portrait.jpg"))
    }
    #expect(error?.code == .usage)
  }
}
