import Core
import Imaging
import Processing
import TestSupport
import Testing
import Vips

/// JPEGs that end early, that hold more than one picture, and those of unusual kinds.
@Suite struct JPEGTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// A JPEG of noise, so that every block has something to lose.
  private func jpeg(progressive: Bool, options: String = "") throws -> [UInt8] {
    let noise = bench.noise(width: 96, height: 80)
    let image = try Image.fromSamples(noise.rgb, width: 96, height: 80, bands: 3)
    return try image.encoded(
      suffix: ".jpg", options: "Q=80,interlace=\(progressive)\(options)"
    ).withBytes { Array($0) }
  }

  @Test(arguments: [false, true]) func aMissingEndMarkerIsARemark(_ progressive: Bool) throws {
    let whole = try jpeg(progressive: progressive)
    #expect(whole.suffix(2) == [0xFF, 0xD9])
    let file = try bench.put(whole.dropLast(2), as: "in.jpg")
    let media = try bench.probe(file, decodesFully: true)
    #expect(media.remarks == ["no end marker; every row is there"])
    #expect(try bench.probe(file).remarks == media.remarks)
    let sound = try bench.put(whole, as: "sound.jpg")
    #expect(try bench.pixels(file).rgb == bench.pixels(sound).rgb)
    let request = RenditionRequest(output: bench.path("small.png"), format: .png, width: 20)
    #expect(try bench.render(file, [request]).first?.media.width == 20)
    #expect(try bench.probe(sound, decodesFully: true).remarks == nil)
  }

  @Test(arguments: [false, true], [0.4, 0.7, 0.97]) func missingRowsAreCutOff(
    _ progressive: Bool, _ part: Double
  ) throws {
    let whole = try jpeg(progressive: progressive)
    let cut = Array(whole.prefix(Int(Double(whole.count) * part)))
    for (name, bytes) in [("cut.jpg", cut), ("closed.jpg", cut + [0xFF, 0xD9])] {
      // A progressive picture that was closed at the end of a scan is a sound one, only coarse.
      let file = try bench.put(bytes, as: name)
      let error = try bench.error { _ = try bench.probe(file, decodesFully: true) }
      #expect(error.code == .damaged)
      #expect(error.message.contains(name))
      if name == "cut.jpg" {
        #expect(error.message.contains("is cut off"), "\(error.message)")
        #expect(error.message.contains("byte \(bytes.count)"), "\(error.message)")
      }
      if name == "cut.jpg", !progressive {
        #expect(error.message.contains("of 80 rows are there"), "\(error.message)")
      }
      #expect(throws: SwaplineError.self) { try bench.pixels(file) }
    }
    let media = try bench.probe(bench.put(cut, as: "cut.jpg"))
    #expect(media.remarks?.first?.hasPrefix("cut off") == true)
  }

  @Test func whatStandsBehindThePictureIsARemark() throws {
    let whole = try jpeg(progressive: false)
    // The index of a multi-picture file: one tag, the number of images. Source: CIPA DC-007.
    let index: [UInt8] =
      Array("MPF\0".utf8) + Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1] + [0xB0, 0x01, 0, 4]
      + [0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0]
    let segment = [0xFF, 0xE2, 0, UInt8(index.count + 2)] + index
    let cases: [(bytes: [UInt8], remark: String)] = [
      (whole + whole, "a second picture is in the file"),
      (Array(whole.prefix(2)) + segment + whole.dropFirst(2), "2 more pictures are in the file"),
      (whole + [0, 0, 0, 24] + Array("ftypmp42".utf8) + [1, 2], "a video is in the file"),
      (whole + [1, 2, 3, 4, 5], "5 bytes follow the picture"),
    ]
    for (bytes, remark) in cases {
      let file = try bench.put(bytes, as: "in.jpg")
      #expect(try bench.probe(file, decodesFully: true).remarks == [remark])
      #expect(try bench.pixels(file).width == 96)
    }
    let zeros = try bench.put(whole + [0, 0, 0], as: "zeros.jpg")
    #expect(try bench.probe(zeros).remarks == nil)
  }

  @Test(arguments: [
    (UInt8(0xC3), UInt8(8), "a lossless JPEG"), (0xC5, 8, "a hierarchical JPEG"),
    (0xC1, 12, "a JPEG of 12 bits a sample"),
  ])
  func kindsThatAreNotReadAreNamed(_ frame: UInt8, _ bits: UInt8, _ name: String) throws {
    var bytes = try jpeg(progressive: false)
    let at = try #require(bytes.indices.first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
    bytes[at + 1] = frame
    bytes[at + 4] = bits
    let file = try bench.put(bytes, as: "in.jpg")
    let error = try bench.error { _ = try bench.probe(file, decodesFully: true) }
    #expect(error.message == "in.jpg is \(name), which is not supported.")
  }

  @Test func bytesBetweenSegmentsDoNoHarm() throws {
    var bytes = try jpeg(progressive: false)
    let sound = try bench.put(bytes, as: "sound.jpg")
    bytes.insert(contentsOf: [1, 2, 3], at: bytes.count - 2)
    let file = try bench.put(bytes, as: "in.jpg")
    _ = try bench.probe(file, decodesFully: true)
    #expect(try bench.pixels(file).rgb == bench.pixels(sound).rgb)
  }

  /// Programs write inks upside down and say so in an Adobe segment, or leave the segment out: both mean
  /// the same picture.
  @Test func inksMeanTheSameWithAndWithoutTheAdobeSegment() throws {
    let bytes = try bench.bytes(fixture("formats/cmyk.jpg"))
    let whole = try bench.pixels(bench.put(bytes, as: "whole.jpg"))
    let at = try #require(
      bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xEE })
    let length = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
    var bare = bytes
    bare.removeSubrange(at..<at + 2 + length)
    #expect(try bench.pixels(bench.put(bare, as: "bare.jpg")).rgb == whole.rgb)
    #expect(whole.changes.contains { $0.kind == .color && $0.to == "sRGB" })
  }

  /// Read back from what was written by libvips with each subsampling: one color stays one color.
  @Test(arguments: ["on", "off"], [false, true]) func everySubsamplingGivesTheColorBack(
    _ subsampling: String, _ progressive: Bool
  ) throws {
    let color: [UInt8] = [200, 90, 40]
    let samples = (0..<33 * 17).flatMap { _ in color }
    let image = try Image.fromSamples(samples, width: 33, height: 17, bands: 3)
    let bytes = try image.encoded(
      suffix: ".jpg", options: "Q=95,subsample_mode=\(subsampling),interlace=\(progressive)"
    ).withBytes { Array($0) }
    let found = try bench.pixels(bench.put(bytes, as: "in.jpg"))
    #expect((found.width, found.height) == (33, 17))
    for (x, y) in [(0, 0), (32, 16), (16, 8)] {
      #expect(zip(found.pixel(x, y), color).allSatisfy { abs($0 - Int($1)) <= 3 })
    }
  }
}
