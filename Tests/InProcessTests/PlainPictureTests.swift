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
    "formats/gray.jpg", "formats/cmyk.jpg", "formats/alpha.webp",
    "formats/alpha.png", "formats/sixteen-bit.png", "formats/animated.gif",
    "moving/animated.png", "moving/animated.webp", "moving/disposals.gif",
  ]

  @Test(arguments: plainFiles)
  func usualPicturesArePlain(name: String) {
    #expect(PlainPicture.media(at: fixture(name)) != nil)
  }

  static let unusualFiles = [
    "private/camera.jpg", "formats/truncated.jpg", "formats/truncated.png",
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

  /// A WebP with a profile and EXIF, as other programs write them: of a picture, its own EXIF and a profile.
  private func extended(
    _ name: String, profile: [UInt8]?, orientation: UInt8, isNamed: Bool
  ) throws -> [UInt8] {
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: fixture(name))))
    func little(_ number: Int) -> [UInt8] {
      (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
      Array(name.utf8) + little(body.count) + body + (body.count % 2 == 1 ? [0] : [])
    }
    var place = 12
    var chunks: [(name: String, body: [UInt8])] = []
    while place < bytes.count {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[place + 4 + $1]) << (8 * $1) }
      chunks.append(
        (
          String(decoding: bytes[place..<place + 4], as: UTF8.self),
          Array(bytes[place + 8..<place + 8 + length])
        ))
      place += 8 + length + length % 2
    }
    var header = try #require(chunks.first { $0.name == "VP8X" }).body
    header[0] = header[0] & 0x10 | 0x08 | (profile == nil ? 0 : 0x20)
    let exif: [UInt8] =
      (isNamed ? Array("Exif\0\0".utf8) : []) + [
        0x49, 0x49, 0x2A, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0,
        0,
        0, 0,
      ]
    let pixels = chunks.filter { ["ALPH", "VP8 ", "VP8L"].contains($0.name) }
    let body =
      Array("WEBP".utf8) + chunk("VP8X", header) + (profile.map { chunk("ICCP", $0) } ?? [])
      + pixels.flatMap { chunk($0.name, $0.body) } + chunk("EXIF", exif)
    return Array("RIFF".utf8) + little(body.count) + body
  }

  @Test(arguments: [true, false], [1, 6] as [UInt8])
  func webPsOfOtherProgramsArePlain(isNamed: Bool, orientation: UInt8) throws {
    let folder = try TemporaryFolder()
    let jpeg = try Data(contentsOf: URL(fileURLWithPath: fixture("formats/display-p3.jpg")))
    let start = try #require(jpeg.range(of: Data("ICC_PROFILE\0".utf8))).upperBound + 2
    let length = jpeg[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    for profile in [nil, Array(jpeg[start..<start + length])] {
      let file = folder.file("made-\(profile == nil).webp")
      try Data(
        extended(
          "formats/alpha.webp", profile: profile, orientation: orientation, isNamed: isNamed)
      ).write(to: URL(fileURLWithPath: file))
      let plain = try #require(PlainPicture.media(at: file))
      #expect(plain == Self.judged(file))
      #expect(plain.orientation == Int(orientation) && (plain.profile != nil) == (profile != nil))
    }
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
