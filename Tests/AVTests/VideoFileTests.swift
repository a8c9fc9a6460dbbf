import Cancelling
import TestSupport
import Testing

@testable import AV

/// Files as libav reads them.
@Suite struct VideoFileTests {
  @Test func theVersionIsTheOneOfDebian12OrLater() {
    let major = AVLibrary.version.split(separator: ".").first.flatMap { Int($0) }
    #expect((major ?? 0) >= 59)
  }

  @Test(
    arguments: [
      ("h264-aac.mp4", [.video, .audio]), ("covered.mp4", [.video, .audio, .cover]),
      ("subtitled.mkv", [.video, .audio, .subtitles]), ("silent.mov", [.video]),
      ("two-sounds.mkv", [.video, .audio, .audio]),
    ] as [(String, [StreamFacts.Kind])])
  func streamsAreWhatTheyCarry(_ name: String, _ kinds: [StreamFacts.Kind]) throws {
    let input = try InputFile(fixture("moving/" + name), cancellation: Cancellation())
    #expect(input.streams.map(\.kind) == kinds)
    #expect(input.video?.kind == .video)
  }

  @Test(arguments: [("alpha.webm", "vp9"), ("alpha-vp8.webm", "vp8")])
  func opacityBesideThePicturesIsDecoded(_ name: String, _ codec: String) throws {
    let input = try InputFile(fixture("moving/" + name), cancellation: Cancellation())
    let video = try #require(input.video)
    #expect(video.hasAlphaApart)
    #expect(video.codec == codec)
    let decoder = try Decoder(input, video)
    let frame = try #require(try decoder.next())
    var samples = [UInt8](repeating: 0, count: 96 * 64 * 4)
    try samples.withUnsafeMutableBytes {
      try Scaler().scale(frame, width: 96, height: 64, into: $0)
    }
    #expect(samples[(20 * 96 + 10) * 4 + 3] < 6)
    #expect(samples[(20 * 96 + 90) * 4 + 3] > 249)
  }

  @Test func fieldsAreRead() throws {
    let video = try #require(
      try InputFile(fixture("moving/interlaced.mp4"), cancellation: Cancellation()).video)
    #expect(video.isInterlaced)
    let other = try #require(
      try InputFile(fixture("moving/h264-aac.mp4"), cancellation: Cancellation()).video)
    #expect(!other.isInterlaced)
  }

  @Test func theIndexSaysWhatLiesBehindTheEnd() throws {
    let input = try InputFile(fixture("moving/fast-start.mp4"), cancellation: Cancellation())
    let whole = input.extent(of: 0, within: .max)
    #expect(whole.there == 25 && whole.all == 25 && whole.end == nil)
    let half = input.extent(of: 0, within: 9_000)
    #expect((1..<25).contains(half.there))
    #expect(half.all == 25)
    #expect(half.end == Int64(half.there) * 40_000)
  }

  @Test func aFileThatIsNoFilmSaysWhy() {
    let error = #expect(throws: AVError.self) {
      try InputFile(fixture("moving/truncated.mp4"), cancellation: Cancellation())
    }
    #expect(error?.kind == .open)
    #expect(error?.detail.isEmpty == false)
  }

  @Test(
    arguments: [
      (160, 120, true), (1_280, 64, false), (64, 720, false), (720, 576, true),
    ])
  func untaggedColoursGoBySize(_ width: Int, _ height: Int, _ isStandard: Bool) throws {
    let frame = try DecodedFrame(width: width, height: height, format: .init(rawValue: 0))
    let tags = ColorTags(frame)
    // ITU-T H.273: 6 is BT.601, 1 is BT.709.
    #expect(tags.space == (isStandard ? 6 : 1))
  }

  @Test func aStoppedReaderStops() throws {
    let cancellation = Cancellation()
    let input = try InputFile(fixture("moving/h264-aac.mp4"), cancellation: cancellation)
    cancellation.cancel()
    let packet = try Packet()
    let error = #expect(throws: AVError.self) { try input.read(into: packet) }
    #expect(error?.kind == .interrupted)
  }
}
