import Core
import Imaging
import Processing
import TestSupport
import Testing

/// Whatever the picture and whatever the limits: the result meets them, or the error says why not.
@Suite struct PropertyTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  struct Dice {
    var state: UInt64

    mutating func roll(_ range: ClosedRange<Int>) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return range.lowerBound + Int(state >> 33) % (range.upperBound - range.lowerBound + 1)
    }

    mutating func maybe<Value>(_ value: (inout Dice) -> Value) -> Value? {
      roll(0...1) == 1 ? value(&self) : nil
    }
  }

  static let files = [
    "formats/orientation-6.jpg", "formats/cmyk.jpg", "formats/alpha.png", "formats/sixteen-bit.png",
    "formats/alpha.webp", "formats/gray.jpg", "formats/display-p3.jpg", "scenes/tiny.png",
  ]

  @Test(arguments: 0..<60) func limitsAreMetOrRefused(_ seed: Int) throws {
    var dice = Dice(state: UInt64(seed) &* 7_919 &+ 17)
    let name = Self.files[dice.roll(0...Self.files.count - 1)]
    let file = fixture(name)
    let before = try bench.probe(file)
    let limits = MediaLimits(
      formats: dice.maybe { [[.jpg], [.png], [.webp], [.jpg, .png]][$0.roll(0...3)] },
      maximumSize: dice.maybe { ByteSize(bytes: Int64($0.roll(600...40_000))) },
      maximumSide: dice.maybe { $0.roll(8...400) }, minimumSide: dice.maybe { $0.roll(1...60) },
      maximumPixels: dice.maybe { $0.roll(200...60_000) },
      maximumAspect: dice.maybe { 1 + Double($0.roll(0...30)) / 10 },
      allowsAlpha: dice.maybe { $0.roll(0...1) == 1 },
      maximumBitDepth: dice.maybe { _ in 8 }, requiresSRGB: dice.roll(0...1) == 1,
      requiresUpright: dice.roll(0...1) == 1)
    do {
      let answer = try bench.normalize(file, limits)
      let media = answer.media
      let (width, height) = (media.uprightWidth, media.uprightHeight)
      #expect(limits.formats?.contains(media.format) != false)
      #expect(media.size <= limits.maximumSize?.bytes ?? .max)
      #expect(max(width, height) <= limits.maximumSide ?? .max)
      #expect(min(width, height) >= limits.minimumSide ?? 0)
      #expect(width * height <= limits.maximumPixels ?? .max)
      #expect(width <= before.uprightWidth && height <= before.uprightHeight, "never enlarged")
      #expect(limits.allowsAlpha != false || !media.hasAlpha)
      #expect(media.bitDepth <= limits.maximumBitDepth ?? 16)
      #expect(limits.requiresUpright != true || media.orientation == 1)
      // Nothing silent: a new file has its reasons, and without a reason there is no new file.
      #expect(answer.changes.isEmpty == (answer.file == nil))
      let ratio = Double(before.uprightWidth) / Double(before.uprightHeight)
      #expect(abs(Double(width) / Double(height) / ratio - 1) < 2 / Double(min(width, height)))
    } catch let error as SwaplineError {
      #expect([.limit, .unsupported].contains(error.code), "\(error)")
      #expect(error.hint?.isEmpty == false)
    }
  }
}
