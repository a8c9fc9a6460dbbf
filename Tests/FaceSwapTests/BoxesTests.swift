import Faces
import Imaging
import Processing
import Testing

@testable import FaceSwap

@Suite struct BoxesTests {
  @Test(arguments: [
    (
      PixelBox(x: 10, y: 20, width: 30, height: 40),
      FaceBox(x: 10, y: 20, width: 30, height: 40, score: 1)
    ),
    (
      PixelBox(x: -10, y: -5, width: 30, height: 40),
      FaceBox(x: 0, y: 0, width: 20, height: 35, score: 1)
    ),
    (
      PixelBox(x: 90, y: 60, width: 30, height: 40),
      FaceBox(x: 90, y: 60, width: 10, height: 20, score: 1)
    ),
    (
      PixelBox(x: 200, y: 200, width: 9, height: 9),
      FaceBox(x: 100, y: 80, width: 0, height: 0, score: 1)
    ),
  ])
  func clipsToThePicture(box: PixelBox, clipped: FaceBox) {
    #expect(FoundFace(box: box, score: 1).clipped(to: (100, 80)) == clipped)
  }

  @Test func scales() {
    let face = FoundFace(box: PixelBox(x: 3, y: -2, width: 11, height: 10), score: 1)
    #expect(face.scaled(by: 2.5).box == PixelBox(x: 8, y: -5, width: 28, height: 25))
  }

  @Test func findsTheSmallestBoxOfDifferences() throws {
    let empty = [UInt8](repeating: 7, count: 6 * 5 * 3)
    var dotted = empty
    for (x, y) in [(2, 1), (4, 3)] { dotted[(y * 6 + x) * 3 + 2] = 8 }
    let one = try RGBPicture(width: 6, height: 5, samples: empty)
    let other = try RGBPicture(width: 6, height: 5, samples: dotted)
    let all = PixelBox(x: 0, y: 0, width: 6, height: 5)
    #expect(
      difference(one, other, within: all) == FaceBox(x: 2, y: 1, width: 3, height: 3, score: 0))
    #expect(
      difference(one, one, within: all) == FaceBox(x: 0, y: 0, width: 0, height: 0, score: 0))
  }

  @Test func flattensOntoWhite() {
    var picture = PixelPicture(
      width: 3, height: 1, rgb: [10, 20, 30, 10, 20, 30, 10, 20, 30], alpha: [255, 0, 51])
    #expect(picture.flatten(for: .jpg)?.kind == .alpha)
    #expect(picture.alpha == nil)
    #expect(picture.rgb == [10, 20, 30, 255, 255, 255, 206, 208, 210])

    var opaque = PixelPicture(width: 1, height: 1, rgb: [1, 2, 3], alpha: [255])
    #expect(opaque.flatten(for: .jpg) == nil)
    #expect(opaque.alpha == nil)
    #expect(opaque.rgb == [1, 2, 3])
  }
}
