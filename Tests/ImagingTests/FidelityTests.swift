import Core
import Foundation
import Imaging
import Processing
import TestSupport
import Testing

@testable import Vips

/// Whatever is quick must look like what is slow.
@Suite struct FidelityTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// The mean structural similarity of two pictures' green, in windows of 8 x 8.
  /// Source: Wang et al., "Image quality assessment", 2004.
  static func similarity(_ a: PixelPicture, _ b: PixelPicture) -> Double {
    var (sum, count) = (0.0, 0.0)
    for top in stride(from: 0, to: a.height - 7, by: 8) {
      for left in stride(from: 0, to: a.width - 7, by: 8) {
        var (sa, sb, saa, sbb, sab) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for y in top..<top + 8 {
          for x in left..<left + 8 {
            let at = (y * a.width + x) * 3 + 1
            let (u, v) = (Double(a.rgb[at]), Double(b.rgb[at]))
            sa += u
            sb += v
            saa += u * u
            sbb += v * v
            sab += u * v
          }
        }
        let (ma, mb) = (sa / 64, sb / 64)
        let (va, vb, vab) = (saa / 64 - ma * ma, sbb / 64 - mb * mb, sab / 64 - ma * mb)
        sum +=
          (2 * ma * mb + 6.5025) * (2 * vab + 58.5225)
          / ((ma * ma + mb * mb + 6.5025) * (va + vb + 58.5225))
        count += 1
      }
    }
    return sum / max(1, count)
  }

  /// Scaled by libvips alone, from every pixel of the file.
  func reference(_ file: String, width: Int, height: Int) throws -> PixelPicture {
    let image = try Image.open(file, with: .jpeg, cancellation: Cancellation())
      .resized(width: width, height: height)
    return PixelPicture(width: width, height: height, rgb: try image.samples())
  }

  @Test(
    arguments: [800, 640, 500, 320, 200, 96], ["scenes/portrait.jpg", "scenes/two-people.jpg"])
  func everySizeLooksLikeItsReference(_ side: Int, _ name: String) throws {
    let file = fixture(name)
    let request = RenditionRequest(
      output: bench.path("out.png"), format: .png, width: side, height: side)
    let made = try #require(bench.render(file, [request]).first)
    let found = try bench.pixels(made.file)
    let wanted = try reference(file, width: made.media.width, height: made.media.height)
    #expect(Self.similarity(found, wanted) > 0.985)
  }

  /// Sizes that come one from the other are as good as those made alone.
  @Test func aCascadeLosesNothing() throws {
    let file = fixture("scenes/portrait.jpg")
    let sides = [800, 400, 200, 100]
    let made = try bench.render(
      file,
      sides.map {
        RenditionRequest(output: bench.path("\($0).png"), format: .png, width: $0, height: $0)
      })
    for rendition in made {
      let found = try bench.pixels(rendition.file)
      let wanted = try reference(file, width: rendition.media.width, height: rendition.media.height)
      #expect(Self.similarity(found, wanted) > 0.98, "\(rendition.media.width)")
    }
  }

  /// PNG is lossless: what is read back is what was written, whatever the rows are filtered with.
  @Test(arguments: [(1, 1), (3, 2), (64, 48), (257, 31)])
  func pngGivesBackEveryPixel(_ width: Int, _ height: Int) throws {
    for picture in [bench.noise(width: width, height: height), gradient(width, height)] {
      let file = try bench.write(picture, as: "out.png", .png)
      #expect(try bench.pixels(file).rgb == picture.rgb)
      #expect(try bench.probe(file, decodesFully: true).width == width)
    }
  }

  func gradient(_ width: Int, _ height: Int) -> PixelPicture {
    var rgb: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        rgb += [
          UInt8(x * 255 / max(1, width)), UInt8(y * 255 / max(1, height)), UInt8((x + y) % 256),
        ]
      }
    }
    return PixelPicture(width: width, height: height, rgb: rgb)
  }

  @Test(arguments: [MediaFormat.jpg, .webp, .avif])
  func formatsWithALossStayClose(_ format: MediaFormat) throws {
    let file = fixture("scenes/portrait.jpg")
    let request = RenditionRequest(
      output: bench.path("out." + format.name), format: format, width: 400, height: 400)
    let made = try #require(bench.render(file, [request]).first)
    #expect(made.media.format == format)
    let wanted = try reference(file, width: made.media.width, height: made.media.height)
    #expect(try Self.similarity(bench.pixels(made.file), wanted) > 0.93)
  }
}
