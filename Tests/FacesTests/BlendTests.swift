import Faces
import Testing

@Suite struct BlendTests {
  private let scene: RGBPicture
  private let eyes: EyePoints
  private let distance = Drawn.near.distance

  init() throws {
    scene = try picture(Drawn.near.file)
    eyes = EyePoints(left: Drawn.near.left, right: Drawn.near.right)
  }

  private func blended(_ scene: RGBPicture, with drawn: Drawn) throws -> (RGBPicture, PixelBox) {
    var result = scene
    let face = try picture(drawn.file)
    let from = EyePoints(left: drawn.left, right: drawn.right)
    let box = try result.blend(face, from: from, to: eyes)
    return (result, box)
  }

  /// Every pixel that differs.
  private func changed(_ one: RGBPicture, _ other: RGBPicture) -> [(x: Int, y: Int)] {
    (0..<one.width * one.height).filter { pixel in
      (pixel * 3..<pixel * 3 + 3).contains { one.samples[$0] != other.samples[$0] }
    }.map { ($0 % one.width, $0 / one.width) }
  }

  @Test func changesOnlyItsBox() throws {
    let (result, box) = try blended(scene, with: .ben)
    let pixels = changed(scene, result)
    #expect(pixels.count > 10_000)
    for pixel in pixels {
      #expect(box.x <= pixel.x && pixel.x < box.x + box.width)
      #expect(box.y <= pixel.y && pixel.y < box.y + box.height)
    }
  }

  @Test func staysBelowTheHairline() throws {
    let (result, _) = try blended(scene, with: .ben)
    // The drawing's hairline stands 1.05 eye distances above the eyes, its chin 1.72 below.
    let upper = Drawn.near.left.y - distance * 0.8, lower = Drawn.near.left.y + distance * 1.72
    for pixel in changed(scene, result) {
      #expect(Double(pixel.y) > upper)
      #expect(Double(pixel.y) < lower)
    }
  }

  @Test func leavesHairThatFallsIntoTheFace() throws {
    // A dark fringe over the forehead and a lock over one cheek.
    var samples = scene.samples
    var hair: [(x: Int, y: Int)] = []
    let middle = (Drawn.near.left.x + Drawn.near.right.x) / 2
    for y in 0..<scene.height {
      for x in 0..<scene.width {
        let across = (Double(x) - middle) / distance
        let down = (Double(y) - Drawn.near.left.y) / distance
        let isFringe = abs(across) < 0.7 && down > -1.2 && down < -0.56
        let isLock = across > 0.78 && across < 1.3 && down > -1 && down < 0.9
        guard isFringe || isLock else { continue }
        hair.append((x, y))
        for (channel, value) in [UInt8(38), 24, 18].enumerated() {
          samples[(y * scene.width + x) * 3 + channel] = value
        }
      }
    }
    let fringed = try RGBPicture(width: scene.width, height: scene.height, samples: samples)
    let (result, _) = try blended(fringed, with: .ben)
    #expect(changed(fringed, result).count > 8_000)
    for pixel in hair { #expect(result[pixel.x, pixel.y] == fringed[pixel.x, pixel.y]) }
  }

  @Test func putsAFaceOntoItselfWithoutATrace() throws {
    let (result, box) = try blended(scene, with: .near)
    var sum = 0
    for y in box.y..<box.y + box.height {
      for x in box.x..<box.x + box.width {
        let (old, new) = (scene[x, y], result[x, y])
        sum += abs(Int(old.red) - Int(new.red)) + abs(Int(old.green) - Int(new.green))
        sum += abs(Int(old.blue) - Int(new.blue))
      }
    }
    #expect(Double(sum) / Double(box.width * box.height * 3) < 0.6)
  }

  @Test func bringsTheFeaturesAndKeepsTheSkin() throws {
    let (result, _) = try blended(scene, with: .ada)
    // Irises: ada's are brown, the scene's are green.
    let left = (x: Int(Drawn.near.left.x) - 9, y: Int(Drawn.near.left.y) + 3)
    let before = scene[left.x, left.y], after = result[left.x, left.y]
    #expect(before.green > before.red)
    #expect(after.red > after.green)
    // Pupils stay black on the lighter skin: a shift of the colours would turn them grey.
    let pupil = result[Int(Drawn.near.left.x) + 2, Int(Drawn.near.left.y) + 2]
    #expect(max(pupil.red, pupil.green, pupil.blue) < 60, "\(pupil)")
    // Skin: ada's is far darker than the scene's, whose colour the result keeps.
    let cheek = (x: Int(Drawn.near.left.x), y: Int(Drawn.near.left.y + distance * 0.6))
    let own = scene[cheek.x, cheek.y], now = result[cheek.x, cheek.y]
    #expect(abs(Int(own.red) - Int(now.red)) < 24)
    #expect(abs(Int(own.green) - Int(now.green)) < 24)
  }

  @Test func givesTheSameTwice() throws {
    #expect(try blended(scene, with: .ben).0 == blended(scene, with: .ben).0)
  }

  @Test func keepsToTheScenesEdge() throws {
    // A crop that cuts the face in half.
    let width = Int(Drawn.near.left.x) + 40
    var samples: [UInt8] = []
    for y in 0..<scene.height {
      samples += scene.samples[y * scene.width * 3..<(y * scene.width + width) * 3]
    }
    var cut = try RGBPicture(width: width, height: scene.height, samples: samples)
    let face = try picture(Drawn.ben.file)
    let box = try cut.blend(
      face, from: EyePoints(left: Drawn.ben.left, right: Drawn.ben.right), to: eyes)
    #expect(box.x + box.width <= width)
    #expect(cut.samples != samples)
  }

  @Test(arguments: [5_000.0, -5_000.0])
  func refusesAFaceOutsideTheScene(x: Double) throws {
    var copy = scene
    let face = try picture(Drawn.ben.file)
    let away = EyePoints(left: PixelPoint(x: x, y: 300), right: PixelPoint(x: x + 100, y: 300))
    let error = #expect(throws: FacesError.self) {
      try copy.blend(
        face, from: EyePoints(left: Drawn.ben.left, right: Drawn.ben.right), to: away)
    }
    #expect(error?.kind == .nothingToBlend)
    #expect(copy == scene)
  }

  @Test func refusesEyesOnOneAnother() throws {
    var copy = scene
    let point = EyePoints(left: Drawn.near.left, right: Drawn.near.left)
    let error = #expect(throws: FacesError.self) {
      try copy.blend(picture(Drawn.ben.file), from: eyes, to: point)
    }
    #expect(error?.kind == .argument)
  }
}
