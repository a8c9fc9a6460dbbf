import Testing
import WebP

/// Animations that are written and read back.
@Suite struct AnimationTests {
  private static let (width, height) = (13, 7)

  /// A frame whose pixels all differ, of another tint and opacity for each `number`.
  private static func frame(_ number: Int) -> [UInt8] {
    (0..<width * height).flatMap { pixel in
      [UInt8(pixel * 2), UInt8(255 - pixel), UInt8(number * 40), UInt8(255 - number * 30)]
    }
  }

  private static func file(frames: Int, loops: Int = 0, xmp: [UInt8]? = nil) throws -> [UInt8] {
    let encoder = try AnimationEncoder(
      width: width, height: height, loops: loops, quality: 100, isLossless: true)
    for number in 0..<frames {
      try frame(number).withUnsafeBytes { try encoder.add($0, at: number * 40) }
    }
    return try encoder.finish(at: frames * 40, xmp: xmp)
  }

  private static func read(_ file: [UInt8]) throws -> [[UInt8]] {
    let decoder = try AnimationDecoder(file)
    var frames: [[UInt8]] = []
    var samples = [UInt8](repeating: 0, count: decoder.width * decoder.height * 4)
    while try samples.withUnsafeMutableBytes({ try decoder.next(into: $0) }) {
      frames.append(samples)
    }
    return frames
  }

  @Test(arguments: [1, 2, 5])
  func framesComeBackAsTheyWere(count: Int) throws {
    let file = try Self.file(frames: count)
    let decoder = try AnimationDecoder(file)
    #expect((decoder.width, decoder.height) == (Self.width, Self.height))
    #expect(decoder.frames == count)
    #expect(try Self.read(file) == (0..<count).map(Self.frame))
  }

  @Test func anXMPPacketGoesWithTheFrames() throws {
    let packet = Array("<x:xmpmeta/>".utf8)
    let file = try Self.file(frames: 2, xmp: packet)
    #expect(file.firstRange(of: packet) != nil)
    #expect(try Self.file(frames: 2).firstRange(of: packet) == nil)
    #expect(try Self.read(file) == [Self.frame(0), Self.frame(1)])
  }

  @Test func theNumberOfPlaysIsWritten() throws {
    for loops in [0, 1, 300] {
      let file = try Self.file(frames: 2, loops: loops)
      // WebP container specification: flags of the chunk ANIM, colour of four bytes, plays of two.
      let place = try #require(file.firstRange(of: Array("ANIM".utf8))).upperBound + 8
      #expect(Int(file[place]) | Int(file[place + 1]) << 8 == loops)
    }
  }

  @Test func framesOfAnotherSizeAreRefused() throws {
    let encoder = try AnimationEncoder(width: 13, height: 7, loops: 0, quality: 80)
    let error = #expect(throws: WebPError.self) {
      try [UInt8](repeating: 0, count: 12).withUnsafeBytes { try encoder.add($0, at: 0) }
    }
    #expect(error?.operation == "WebPPictureImportRGBA")
  }

  @Test func damageIsTold() throws {
    let file = try Self.file(frames: 3)
    #expect(throws: WebPError.self) { try AnimationDecoder(Array(file.prefix(20))) }
    #expect(throws: WebPError.self) { try AnimationDecoder([]) }
    // The last frame's chunk announces its length, and the pixels in it are cut short.
    var spoilt = file
    let last = try #require(file.ranges(of: Array("VP8L".utf8)).last).upperBound + 4
    for place in last..<min(last + 12, spoilt.count) { spoilt[place] = 0 }
    #expect(throws: WebPError.self) { try Self.read(spoilt) }
  }
}
