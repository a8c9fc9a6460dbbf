import Cancelling
import Glibc
import TestSupport
import Testing

@testable import Vips

@Suite struct FileTests {
  /// A grey ramp with noise, so that compressed data fill the file evenly.
  private func noise(width: Int, height: Int) throws -> Image {
    var state: UInt32 = 1
    let samples = (0..<width * height * 3).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    return try Image.fromSamples(samples, width: width, height: height, bands: 3)
  }

  /// Writes `bytes` to a file of its own, lends its path and removes it.
  private func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
    var name = Array("\(TestFolder.root)/vips-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    #expect(descriptor >= 0)
    let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    #expect(write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)
    try body(path)
  }

  private func bytes(of image: Image, _ suffix: String, _ options: String = "") throws -> [UInt8] {
    try image.encoded(suffix: suffix, options: options).withBytes { Array($0) }
  }

  @Test func pngRoundTripIsExact() throws {
    let image = try noise(width: 40, height: 30)
    try withFile(bytes(of: image, ".png", "compression=1")) { path in
      let read = try Image.open(path, with: .png, cancellation: Cancellation())
      #expect(read.width == 40 && read.height == 30 && read.bitDepth == 8)
      #expect(try read.samples() == image.samples())
    }
  }

  @Test func jpegIsHalvedWhileItIsDecoded() throws {
    try withFile(bytes(of: noise(width: 101, height: 64), ".jpg", "Q=90")) { path in
      let read = try Image.open(path, with: .jpeg, shrink: 4, cancellation: Cancellation())
      #expect(read.width == 25 && read.height == 16)
    }
  }

  @Test func theLoaderIsTheOneAskedFor() throws {
    try withFile(bytes(of: noise(width: 8, height: 8), ".png")) { path in
      #expect {
        try Image.open(path, with: .jpeg, cancellation: Cancellation())
      } throws: {
        ($0 as? VipsError)?.kind == .open
      }
    }
  }

  @Test(arguments: [(Loader.jpeg, ".jpg"), (.png, ".png"), (.webp, ".webp")])
  func missingHalfIsFoundByDecoding(loader: Loader, suffix: String) throws {
    let whole = try bytes(of: noise(width: 300, height: 300), suffix)
    try withFile(Array(whole.prefix(whole.count / 2))) { path in
      let image: Image
      do {
        image = try Image.open(path, with: loader, cancellation: Cancellation())
      } catch {
        // WebP's reader wants the whole file before it gives the header.
        #expect(loader == .webp)
        return
      }
      #expect(image.width == 300)
      #expect(throws: VipsError.self) { try image.decodeAll() }
    }
  }

  @Test(arguments: [Access.sequential, .random])
  func decodingStopsWhenAsked(access: Access) throws {
    let image = try noise(width: 1000, height: 1000)
    try withFile(bytes(of: image, ".png", "compression=1")) { path in
      let cancellation = Cancellation()
      let opened = try Image.open(path, with: .png, access: access, cancellation: cancellation)
      cancellation.cancel()
      #expect {
        try opened.inMemory()
      } throws: {
        ($0 as? VipsError)?.kind == .interrupted
      }
    }
  }
}
