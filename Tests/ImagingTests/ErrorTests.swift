import Core
import Foundation
import Imaging
import Processing
import TestSupport
import Testing
import Vips

/// Whatever a file is, its error is one sentence about this file.
@Suite struct ErrorTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private func check(_ error: SwaplineError, _ what: String) {
    let message = error.message
    #expect(message.count <= 300, "\(what): \(message)")
    #expect(message.hasSuffix("."), "\(what): \(message)")
    // The reason behind the colon, and no end without one.
    for hole in [": .", ":.", "..", "; .", " .", "()", "Operation not permitted", "unable to call"]
    {
      #expect(!message.contains(hole), "\(what): \(message)")
    }
    #expect(!message.contains("/"), "\(what): \(message)")
    #expect(!message.contains("other-"), "\(what): \(message)")
    #expect(error.code != .internal, "\(what): \(message)")
    #expect(error.hint?.isEmpty == false, "\(what): \(message)")
  }

  static let names = [
    "formats/alpha.png", "formats/alpha.webp", "formats/cmyk.jpg", "formats/gray.jpg",
    "formats/orientation-6.jpg", "formats/sixteen-bit.png", "in.avif", "in.bmp", "in.heic",
    "in.tiff", "in-float.tiff", "moving/animated.png", "moving/animated.webp", "scenes/tiny.png",
  ]

  private func bytes(_ name: String) throws -> [UInt8] {
    switch name {
    case "in.bmp": return BitmapTests.bitmap(31, 17)
    case "in.tiff": return TIFFBuilder().file { x, y in [Double(x) / 15, Double(y) / 11, 0.5] }
    case "in-float.tiff":
      return TIFFBuilder(bits: 32, format: 3, profile: ProfileBuilder.rgb(gamma: 2))
        .file { x, y in [Double(x) / 15, Double(y) / 11, 0.5] }
    case "in.avif", "in.heic":
      let image = try Image.open(
        fixture("formats/orientation-1.jpg"), with: .jpeg, cancellation: Cancellation())
      return try image.encoded(
        suffix: ".heic", options: name == "in.heic" ? "compression=hevc" : "compression=av1"
      ).withBytes { Array($0) }
    default: return try bench.bytes(fixture(name))
    }
  }

  /// Bytes flipped and ends cut, at many places: the head, where structure lies, and the rest.
  @Test(arguments: names) func everyReasonIsOneSentence(_ name: String) throws {
    let whole = try bytes(name)
    var state: UInt32 = 23
    func random(_ below: Int) -> Int {
      state = state &* 1_664_525 &+ 1_013_904_223
      return Int(state >> 8) % max(1, below)
    }
    var errors = 0
    for round in 0..<48 {
      var bytes = whole
      switch round % 3 {
      case 0: bytes.removeLast(1 + random(bytes.count - 30))
      case 1: for _ in 0..<4 { bytes[random(min(200, bytes.count))] ^= UInt8(1 + random(255)) }
      default: for _ in 0..<8 { bytes[random(bytes.count)] ^= UInt8(1 + random(255)) }
      }
      let file = try bench.put(bytes, as: "mutant")
      do {
        _ = try bench.probe(file, decodesFully: true)
        _ = try bench.pixels(file)
      } catch let error as SwaplineError {
        errors += 1
        check(error, "\(name), round \(round)")
      }
    }
    #expect(errors > 8)
  }

  /// libvips has one error text for the whole process, and some loaders write into it even when they
  /// succeed.
  @Test func anErrorHasNoWordsOfAnotherFile() throws {
    for (index, name) in ["in.heic", "in.avif", "formats/alpha.webp", "in.tiff"].enumerated() {
      let other = try bench.put(bytes(name), as: "other-\(index)")
      _ = try bench.probe(other, decodesFully: true)
      // Half of it, so that it fails too and leaves its words behind.
      let half = try bench.put(Array(bytes(name).prefix(300)), as: "other-half-\(index)")
      #expect(throws: SwaplineError.self) { try bench.probe(half, decodesFully: true) }
      for cut in ["formats/alpha.png", "formats/gray.jpg"] {
        let file = try bench.put(
          Array(bench.bytes(fixture(cut)).prefix(2_000)), as: "mine")
        let error = try bench.error { _ = try bench.probe(file, decodesFully: true) }
        check(error, "\(cut) after \(name)")
        #expect(error.message.contains("mine"))
        #expect(error.message.contains("cut off"))
      }
    }
  }

  @Test func aLongNameLeavesRoomForTheReason() throws {
    let name = String(repeating: "n", count: 240) + ".png"
    let file = try bench.put(
      Array(bench.bytes(fixture("formats/alpha.png")).prefix(900)), as: name)
    let error = try bench.error { _ = try bench.probe(file, decodesFully: true) }
    #expect(error.message.count <= 300)
    #expect(error.message.contains("cut off"))
  }
}
