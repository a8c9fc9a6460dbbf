import Cancelling
import Containers
import Core
import Foundation
import Imaging
import Processing
import TestSupport
import Testing

/// What is read of pictures without a library is what the libraries read, or nothing.
@Suite struct PlainPictureTests {
  private static let openLimits = DecodingGuard(maximumPixels: .max)

  /// The facts by the libraries; nil where they refuse the file.
  private static func judged(_ path: String) -> Media? {
    try? ImagingService().probe(
      ProbeRequest(file: path, limits: openLimits), cancellation: Cancellation())
  }

  /// The pictures of one folder of fixtures.
  private static func pictures(_ folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: fixture(folder))) ?? []
    let kinds = ["jpg", "png", "webp", "gif"]
    return names.filter { name in kinds.contains { name.hasSuffix(".\($0)") } }
      .map { "\(folder)/\($0)" }.sorted()
  }

  static let folders = ["faces", "formats", "moving", "odd", "private", "scenes"]

  @Test(arguments: folders)
  func whatIsReadIsWhatTheLibrariesRead(folder: String) {
    for name in Self.pictures(folder) {
      guard let plain = PlainPicture.media(at: fixture(name)) else { continue }
      #expect(plain == Self.judged(fixture(name)), "\(name)")
    }
  }

  static let plainFiles = [
    "scenes/portrait.jpg", "formats/orientation-6.jpg", "formats/display-p3.jpg",
    "formats/gray.jpg",
    "formats/alpha.png", "formats/sixteen-bit.png", "formats/animated.gif",
    "moving/animated.png", "moving/animated.webp", "moving/disposals.gif",
  ]

  @Test(arguments: plainFiles)
  func usualPicturesArePlain(name: String) {
    #expect(PlainPicture.media(at: fixture(name)) != nil)
  }

  static let unusualFiles = [
    "private/camera.jpg", "formats/alpha.webp", "formats/cmyk.jpg", "formats/truncated.jpg",
    "formats/truncated.png",
    "formats/empty.jpg", "formats/text.jpg", "odd/apng-hidden.png", "odd/beyond-first.gif",
    "moving/h264-aac.mp4",
  ]

  @Test(arguments: unusualFiles)
  func whatIsUnusualIsLeftToTheLibraries(name: String) {
    #expect(PlainPicture.media(at: fixture(name)) == nil)
  }

  /// What is written here is plain, unless it says whose it is.
  @Test(arguments: [MediaFormat.jpg, .png, .webp], ["scenes/portrait.jpg", "formats/alpha.png"])
  func whatIsWrittenHereIsPlain(format: MediaFormat, source: String) throws {
    let folder = try TemporaryFolder()
    let made = try ImagingService().render(
      RenderRequest(
        file: fixture(source),
        renditions: [
          RenditionRequest(
            output: folder.file("made.\(format)"), format: format, width: 64, height: 64)
        ]), cancellation: Cancellation())
    let file = try #require(made.first?.file)
    let plain = try #require(PlainPicture.media(at: file))
    #expect(plain == Self.judged(file))
    #expect(plain.hasAlpha == (source.hasSuffix("alpha.png") && format.holdsAlpha))
  }

  @Test func limitsAreKept() {
    let file = fixture("scenes/portrait.jpg")
    #expect(PlainPicture.media(at: file, maximumPixels: 10) == nil)
    #expect(PlainPicture.media(at: file, maximumSize: 10) == nil)
    #expect(
      PlainPicture.media(at: fixture("moving/disposals.gif"), maximumFrames: 1) == nil)
  }

  /// Damage anywhere, mostly in headers: what still passes for plain is what the libraries read.
  @Test(arguments: plainFiles)
  func damageIsNeverReadOtherwise(name: String) throws {
    let folder = try TemporaryFolder()
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: fixture(name))))
    var random = SeededNumbers(seed: UInt64(bytes.count))
    for round in 0..<120 {
      var damaged = bytes
      let reach = round % 3 == 0 ? bytes.count : min(bytes.count, 700)
      for _ in 0...round % 3 {
        damaged[Int.random(in: 0..<reach, using: &random)] = .random(in: 0...255, using: &random)
      }
      if round % 10 == 9 { damaged.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
      let path = folder.file("damaged-\(round)")
      try Data(damaged).write(to: URL(fileURLWithPath: path))
      guard let plain = PlainPicture.media(at: path) else { continue }
      #expect(plain == Self.judged(path), "\(name), round \(round)")
    }
  }
}

/// Numbers that are the same in every run. Source: Steele and Vigna, SplitMix64.
private struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
