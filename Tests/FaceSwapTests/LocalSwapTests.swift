import Core
import FaceSwap
import Imaging
import Processing
import TestSupport
import Testing

@Suite struct LocalSwapTests {
  let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
  }

  @Test func changesNothingOutsideTheTouchedBox() throws {
    let answer = try swap("scenes/two-people.jpg", "faces/ben.jpg", in: scratch)
    let scene = try stored(fixture("scenes/two-people.jpg"))
    let result = try stored(answer.file)
    #expect(answer.media.format == .png)
    #expect((answer.media.width, answer.media.height) == (1200, 800))
    #expect(result.rgb.count == scene.rgb.count)
    let box = answer.touched
    var inside = 0, outside = 0
    for y in 0..<scene.height {
      for x in 0..<scene.width {
        let at = (y * scene.width + x) * 3
        guard scene.rgb[at..<at + 3] != result.rgb[at..<at + 3] else { continue }
        let isInside =
          box.x <= x && x < box.x + box.width && box.y <= y && y < box.y + box.height
        if isInside { inside += 1 } else { outside += 1 }
      }
    }
    #expect(outside == 0)
    #expect(inside > box.width * box.height / 2)
    // The touched box is the face, not the picture.
    #expect(box.width < answer.replaced.width * 5 / 4)
    #expect(box.height < answer.replaced.height * 3 / 2)
    #expect(answer.changes.map(\.kind) == [.face])
  }

  @Test func replacesTheFaceOfTheIndex() throws {
    let scene = fixture("scenes/two-people.jpg")
    let faces = try engine.findFaces(
      FindFacesRequest(file: scene), cancellation: Cancellation())
    try #require(faces.count == 2)
    let answer = try swap("scenes/two-people.jpg", "faces/ada.jpg", index: 1, in: scratch)
    #expect(answer.replaced == faces[1])
    #expect(answer.touched.x > faces[0].x + faces[0].width)
  }

  @Test func keepsOpacity() throws {
    let answer = try swap("formats/alpha.png", "faces/ben.jpg", in: scratch)
    #expect(try stored(answer.file).alpha == stored(fixture("formats/alpha.png")).alpha)
    #expect(answer.media.hasAlpha)
  }

  @Test func flattensWhereAFormatHoldsNoOpacity() throws {
    let answer = try swap("formats/alpha.png", "faces/ben.jpg", format: .jpg, in: scratch)
    #expect(!answer.media.hasAlpha)
    #expect(answer.changes.map(\.kind) == [.alpha, .face])
    let corner = try stored(answer.file).rgb.prefix(3)
    #expect(corner.allSatisfy { $0 > 250 })
  }

  @Test func keepsTheProfile() throws {
    let answer = try swap("formats/display-p3.jpg", "faces/ben.jpg", in: scratch)
    let scene = try stored(fixture("formats/display-p3.jpg"))
    let result = try stored(answer.file)
    #expect(scene.profile != nil)
    #expect(result.profile == scene.profile)
    // A corner far from the face: the samples are the stored ones, not converted ones.
    #expect(result.rgb.prefix(300) == scene.rgb.prefix(300))
  }

  @Test(arguments: [
    ("formats/cmyk.jpg", Change.Kind.color), ("formats/sixteen-bit.png", .depth),
  ])
  func convertsWhatItMustAndSaysSo(scene: String, kind: Change.Kind) throws {
    let answer = try swap(scene, "faces/ben.jpg", in: scratch)
    #expect(answer.media.colorModel == .rgb)
    #expect(answer.media.bitDepth == 8)
    #expect(answer.changes.map(\.kind).contains(kind))
  }

  @Test func findsFacesOfAReducedPictureAtFullSize() throws {
    let small = fixture("formats/gray.jpg")
    let large = scratch.file("large.jpg")
    _ = try ImagingService().render(
      RenderRequest(
        file: small,
        renditions: [
          RenditionRequest(
            output: large, format: .jpg, width: 1920, height: 2400, enlarges: true)
        ]), cancellation: Cancellation())
    let here = try engine.findFaces(FindFacesRequest(file: small), cancellation: Cancellation())
    let there = try engine.findFaces(FindFacesRequest(file: large), cancellation: Cancellation())
    try #require(here.count == 1 && there.count == 1)
    #expect(abs(there[0].x - here[0].x * 8) < here[0].width)
    #expect((6.5...9.5).contains(Double(there[0].width) / Double(here[0].width)))
  }

  @Test func givesTheSameFileTwice() throws {
    let first = try swap("formats/alpha.png", "faces/ada.jpg", in: scratch)
    let second = try swap("formats/alpha.png", "faces/ada.jpg", in: scratch)
    #expect(first.media.digest == second.media.digest)
  }

  @Test func turnedAwayFromOneAnotherTwoFacesAreRefused() throws {
    // The drawing looks to the right; its mirror picture looks to the left.
    var picture = try stored(fixture("scenes/turned.jpg"))
    for row in 0..<picture.height {
      let line = row * picture.width * 3..<(row + 1) * picture.width * 3
      let pixels = Array(picture.rgb[line])
      for column in 0..<picture.width {
        let from = (picture.width - 1 - column) * 3, to = line.lowerBound + column * 3
        picture.rgb.replaceSubrange(to..<to + 3, with: pixels[from..<from + 3])
      }
    }
    let mirrored = scratch.file("mirrored.png")
    _ = try ImagingService().write(
      picture, to: mirrored, format: .png, quality: nil, cancellation: Cancellation())
    let error = #expect(throws: SwaplineError.self) {
      try engine.swap(
        SwapRequest(
          scene: fixture("scenes/turned.jpg"), face: mirrored, output: scratch.file("result.png")),
        cancellation: Cancellation())
    }
    #expect(error?.code == .refusedByEngine)
    #expect(error?.message.contains("degrees to the right") == true)
    #expect(error?.message.contains("degrees to the left") == true)
    #expect(error?.message.contains("35 at most") == true, "\(error?.message ?? "")")
  }
}
