import Core
import Foundation
import Processing
import TestSupport
import Testing

@testable import Imaging

/// Pictures cut to a box, or padded to one.
@Suite struct FramingTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// A picture that is gray but for one coloured, finely patterned square.
  func picture(patchAt left: Int, _ top: Int) throws -> String {
    var rgb = [UInt8](repeating: 128, count: 400 * 200 * 3)
    for y in top..<top + 40 {
      for x in left..<left + 40 {
        let at = (y * 400 + x) * 3
        let isLight = (x / 3 + y / 3) % 2 == 0
        rgb[at] = isLight ? 250 : 90
        rgb[at + 1] = isLight ? 180 : 20
        rgb[at + 2] = isLight ? 140 : 10
      }
    }
    let path = bench.path("patch.png")
    _ = try ImagingService().write(
      PixelPicture(width: 400, height: 200, rgb: rgb), to: path, format: .png,
      cancellation: Cancellation())
    return path
  }

  func render(
    _ file: String, _ fit: Fit, _ width: Int, _ height: Int, faces: FaceFinder? = nil,
    background: [UInt8] = [255, 255, 255]
  ) throws -> PixelPicture {
    let request = RenderRequest(
      file: file,
      renditions: [
        RenditionRequest(
          output: bench.path("out.png"), format: .png, width: width, height: height, fit: fit,
          background: background)
      ])
    let made = try ImagingService(faces: faces).render(request, cancellation: Cancellation())
    #expect((made[0].media.width, made[0].media.height) == (width, height))
    return try ImagingService().pixels(
      of: made[0].file, limits: DecodingGuard(), cancellation: Cancellation())
  }

  /// How many pixels are not gray.
  func coloured(_ picture: PixelPicture) -> Int {
    stride(from: 0, to: picture.rgb.count, by: 3).count {
      abs(Int(picture.rgb[$0]) - Int(picture.rgb[$0 + 2])) > 40
    }
  }

  @Test(arguments: [20, 180, 340])
  func attentionKeepsWhatCatchesTheEye(_ left: Int) throws {
    let file = try picture(patchAt: left, 80)
    #expect(coloured(try render(file, .attention, 200, 200)) > 1_400)
    // The middle alone would miss it at both ends.
    if left != 180 { #expect(coloured(try render(file, .cover, 200, 200)) == 0) }
  }

  @Test(arguments: [20, 180, 340])
  func facesAreInTheMiddle(_ left: Int) throws {
    let file = try picture(patchAt: left, 80)
    let finder: FaceFinder = { _, _ in
      [FaceBox(x: left, y: 80, width: 40, height: 40, score: 1)]
    }
    #expect(coloured(try render(file, .face, 100, 100, faces: finder)) > 300)
    let none: FaceFinder = { _, _ in [] }
    let middle = try render(file, .cover, 100, 100)
    #expect(try render(file, .face, 100, 100, faces: none).rgb == middle.rgb)
    #expect(try render(file, .face, 100, 100).rgb == middle.rgb)
  }

  @Test(arguments: [(300, 300, 75), (500, 240, 20)])
  func paddingFillsTheRestWithTheBackground(_ width: Int, _ height: Int, _ border: Int) throws {
    let file = try picture(patchAt: 180, 80)
    let made = try render(file, .pad, width, height, background: [10, 200, 30])
    func pixel(_ x: Int, _ y: Int) -> [UInt8] {
      Array(made.rgb[(y * width + x) * 3..<(y * width + x) * 3 + 3])
    }
    for corner in [(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)] {
      #expect(pixel(corner.0, corner.1) == [10, 200, 30])
    }
    // Nothing is enlarged, so a box that is larger has a border on every side.
    #expect(pixel(width / 2, border - 2) == [10, 200, 30])
    #expect(pixel(width / 2, border + 2) == [128, 128, 128])
  }

  @Test func paddedTransparencyHasAnOpaqueBorder() throws {
    let made = try render(fixture("formats/alpha.png"), .pad, 900, 900)
    #expect(made.alpha?.first == 255)
    #expect(made.alpha?.contains(0) == true)
  }
}
