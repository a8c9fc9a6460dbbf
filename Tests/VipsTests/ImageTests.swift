import Testing

@testable import Vips

@Suite struct ImageTests {
  /// One colour everywhere.
  private func plain(_ pixel: [UInt8], width: Int, height: Int) throws -> Image {
    let samples = Array(repeatElement(pixel, count: width * height).joined())
    return try Image.fromSamples(samples, width: width, height: height, bands: pixel.count)
  }

  @Test(arguments: 1...4) func samplesComeBack(bands: Int) throws {
    let samples = (0..<6 * bands).map { UInt8($0 * 7) }
    let image = try Image.fromSamples(samples, width: 3, height: 2, bands: bands)
    #expect(image.width == 3 && image.height == 2 && image.bands == bands)
    #expect(image.hasAlpha == (bands == 2 || bands == 4))
    #expect(image.space == (bands < 3 ? .gray : .rgb))
    #expect(try image.samples() == samples)
  }

  @Test func wrongNumberOfSamplesIsAnError() {
    #expect(throws: VipsError.self) {
      try Image.fromSamples([1, 2, 3], width: 2, height: 2, bands: 3)
    }
  }

  @Test func resizeGivesExactlyTheSizeAskedFor() throws {
    let image = try plain([10, 20, 30], width: 1001, height: 667)
    let small = try image.resized(width: 128, height: 85)
    #expect(small.width == 128 && small.height == 85)
    #expect(try Array(small.samples()[0..<3]) == [10, 20, 30])
  }

  @Test func transparentPixelsDoNotBleedWhenResized() throws {
    // The left half is transparent green, the right half opaque red.
    let row = (0..<64).flatMap { $0 < 32 ? [0, 255, 0, 0] : [255, 0, 0, 255] as [UInt8] }
    let image = try Image.fromSamples(
      Array(repeatElement(row, count: 64).joined()), width: 64, height: 64, bands: 4)
    let samples = try image.resized(width: 15, height: 15).samples()
    for pixel in stride(from: 0, to: samples.count, by: 4) where samples[pixel + 3] > 16 {
      #expect(samples[pixel + 1] < 8)
    }
  }

  @Test func flattenMixesWithTheBackground() throws {
    let image = try plain([200, 0, 0, 128], width: 4, height: 4)
    let flat = try image.flattened(onto: [0, 0, 255])
    #expect(!flat.hasAlpha && flat.isEightBit)
    let pixel = try Array(flat.samples()[0..<3])
    #expect((99...101).contains(pixel[0]) && pixel[1] == 0 && (126...128).contains(pixel[2]))
  }

  @Test func metadataGoesAndTheProfileStaysWhenAsked() throws {
    let profile = [UInt8](repeating: 7, count: 200)
    let image = try plain([1, 2, 3], width: 2, height: 2).withoutMetadata(profile: profile)
    #expect(image.profile == profile)
    #expect(try image.withoutMetadata().profile == nil)
  }

  @Test(arguments: [("jpegload", true), ("pngload", true), ("svgload", false), ("nonsense", false)])
  func untrustedLoadersAreBlocked(name: String, isThere: Bool) throws {
    #expect(try VipsLibrary.hasOperation(name) == isThere)
  }
}
