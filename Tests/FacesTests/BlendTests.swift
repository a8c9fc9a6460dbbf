import Faces
import Testing

@Suite struct BlendTests {
  private let scene: RGBPicture
  private let mesh: FaceMesh
  private let distance = Drawn.near.distance
  private let finder: FaceFinder

  init() throws {
    scene = try picture(Drawn.near.file)
    finder = try makeFinder()
    mesh = try #require(finder.find(in: scene).first).mesh
  }

  private func blender(_ drawn: Drawn, isMoving: Bool = false) throws -> FaceBlender {
    let face = try picture(drawn.file)
    let found = try #require(finder.find(in: face).first)
    return try FaceBlender(face, mesh: found.mesh, isMoving: isMoving)
  }

  private func blended(_ scene: RGBPicture, with drawn: Drawn) throws -> (RGBPicture, PixelBox) {
    var result = scene
    let box = try blender(drawn).blend(into: &result, mesh: mesh)
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

  @Test func leavesGlasses() throws {
    // Two dark rims and a line over the bridge of the nose.
    var samples = scene.samples
    var rims: [(x: Int, y: Int)] = []
    let eyes = [Drawn.near.left, Drawn.near.right]
    for y in 0..<scene.height {
      for x in 0..<scene.width {
        let away = eyes.map { eye in
          let (across, down) = (Double(x) - eye.x, Double(y) - eye.y - distance * 0.05)
          return (across * across + down * down).squareRoot() / distance
        }
        let isRim = away.contains { abs($0 - 0.36) < 0.018 }
        let isBridge =
          abs(Double(y) - eyes[0].y) < distance * 0.018 && away.allSatisfy { $0 > 0.36 }
          && Double(x) > eyes[0].x && Double(x) < eyes[1].x
        guard isRim || isBridge else { continue }
        rims.append((x, y))
        for channel in 0..<3 { samples[(y * scene.width + x) * 3 + channel] = 30 }
      }
    }
    let dressed = try RGBPicture(width: scene.width, height: scene.height, samples: samples)
    let (result, _) = try blended(dressed, with: .ada)
    // Nearly all of them stay dark; without the rule all of them would be skin.
    let dark = rims.count { result[$0.x, $0.y].green < 90 }
    #expect(Double(dark) > Double(rims.count) * 0.8, "\(dark) of \(rims.count)")
    #expect(changed(dressed, result).count > 8_000)
  }

  @Test func takesOffTheNewFacesGlasses() throws {
    // Dark rims around the new face's eyes, and the places where they would be in the scene.
    let plain = try picture(Drawn.ben.file)
    func isRim(_ x: Int, _ y: Int, of drawn: Drawn) -> Bool {
      let away = [drawn.left, drawn.right].map { eye in
        let (across, down) = (Double(x) - eye.x, Double(y) - eye.y - drawn.distance * 0.05)
        return (across * across + down * down).squareRoot() / drawn.distance
      }
      let isBridge =
        abs(Double(y) - drawn.left.y) < drawn.distance * 0.018
        && Double(x) > drawn.left.x && Double(x) < drawn.right.x && away.allSatisfy { $0 > 0.36 }
      return isBridge || away.contains { abs($0 - 0.36) < 0.018 }
    }
    var samples = plain.samples
    for y in 0..<plain.height {
      for x in 0..<plain.width where isRim(x, y, of: .ben) {
        for channel in 0..<3 { samples[(y * plain.width + x) * 3 + channel] = 30 }
      }
    }
    let dressed = try RGBPicture(width: plain.width, height: plain.height, samples: samples)
    let own = try #require(finder.find(in: plain).first).mesh
    func blended(_ face: RGBPicture) throws -> RGBPicture {
      var result = scene
      _ = try FaceBlender(face, mesh: own, isMoving: false).blend(into: &result, mesh: mesh)
      return result
    }
    let (bare, result) = (try blended(plain), try blended(dressed))
    var (rims, dark) = (0, 0)
    for y in 0..<scene.height {
      for x in 0..<scene.width where isRim(x, y, of: .near) {
        rims += 1
        if Int(bare[x, y].green) - Int(result[x, y].green) > 50 { dark += 1 }
      }
    }
    #expect(Double(dark) < Double(rims) * 0.35, "\(dark) of \(rims) are dark")
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
    let box = try blender(.ben).blend(into: &cut, mesh: mesh)
    #expect(box.x + box.width <= width)
    #expect(cut.samples != samples)
  }

  @Test(arguments: [Float(5_000), -5_000])
  func refusesAFaceOutsideTheScene(x: Float) throws {
    var copy = scene
    var away = mesh
    for index in stride(from: 0, to: away.places.count, by: 3) { away.places[index] += x }
    let error = #expect(throws: FacesError.self) {
      try blender(.ben).blend(into: &copy, mesh: away)
    }
    #expect(error?.kind == .nothingToBlend)
    #expect(copy == scene)
  }

  @Test(arguments: [Float(0), .nan, .infinity, 1e9])
  func refusesAMeshThatIsNone(place: Float) throws {
    var copy = scene
    let none = FaceMesh(places: [Float](repeating: place, count: FaceMesh.count * 3))
    let error = #expect(throws: FacesError.self) {
      try blender(.ben).blend(into: &copy, mesh: none)
    }
    #expect(error?.kind == .argument)
    #expect(copy == scene)
  }

  @Test func turnsAFaceToThePose() throws {
    // A face that looks at the camera, over one that looks to the right: its far cheek is narrower there.
    let turned = try picture("scenes/turned.jpg")
    let there = try #require(finder.find(in: turned).first).mesh
    var result = turned
    _ = try blender(.ben).blend(into: &result, mesh: there)
    let found = try finder.look(at: there, in: result)
    #expect(found.mesh.certainty > 0.9)
    #expect(abs(found.mesh.measures.yaw - there.measures.yaw) < 8)
    #expect(!changed(turned, result).isEmpty)
  }

  @Test func aCallingFaceLeavesTheMouthWhereItIs() throws {
    // The new face's jaw hangs by a third of the eyes' distance, and its lower lip ends in a dark spot.
    let face = try picture(Drawn.ben.file)
    var jaw = try #require(finder.find(in: face).first).mesh
    let (upperLip, lowerLip, lipsEnd) = (13, 14, 17)
    func place(_ point: Int, of mesh: FaceMesh) -> (x: Double, y: Double) {
      (Double(mesh.places[point * 3]), Double(mesh.places[point * 3 + 1]))
    }
    let line = (place(upperLip, of: jaw).y + place(lowerLip, of: jaw).y) / 2
    for index in stride(from: 1, to: jaw.places.count, by: 3) where Double(jaw.places[index]) > line
    {
      jaw.places[index] += Float(Drawn.ben.distance / 3)
    }
    let spot = place(lipsEnd, of: jaw)
    var samples = face.samples
    for y in Int(spot.y) - 7...Int(spot.y) + 7 {
      for x in Int(spot.x) - 7...Int(spot.x) + 7 {
        for channel in 0..<3 { samples[(y * face.width + x) * 3 + channel] = 10 }
      }
    }
    let marked = try RGBPicture(width: face.width, height: face.height, samples: samples)
    var result = scene
    _ = try FaceBlender(marked, mesh: jaw, isMoving: false).blend(into: &result, mesh: mesh)
    let end = place(lipsEnd, of: mesh)
    #expect(result[Int(end.x), Int(end.y)].red < 90)
    let below = result[Int(end.x), Int(end.y + distance * 0.1)]
    #expect(below.red > 120, "the lip was pulled down: \(below)")
  }

  @Test func framesOfTheSameBytesGetTheSameBytes() throws {
    let moving = try blender(.ada, isMoving: true)
    func blended(isFresh: Bool) throws -> [UInt8] {
      var samples = scene.samples
      try samples.withUnsafeMutableBytes { bytes in
        let frame = try PictureView(bytes, width: scene.width, height: scene.height, channels: 3)
        _ = try moving.blend(into: frame, mesh: mesh, isFresh: isFresh)
      }
      return samples
    }
    let first = try blended(isFresh: true)
    #expect(first != scene.samples)
    for isFresh in [false, false, true] { #expect(try blended(isFresh: isFresh) == first) }
  }

  @Test func keepsTheScenesGazeInFrames() throws {
    // The scene's eyes are green, the face's brown.
    var result = scene
    _ = try blender(.ada, isMoving: true).blend(into: &result, mesh: mesh)
    let iris = result[Int(Drawn.near.left.x) - 9, Int(Drawn.near.left.y) + 3]
    #expect(iris.green > iris.red)
  }

  /// The mean difference of neighbouring samples on the scene's left cheek: its grain.
  private func grain(_ picture: RGBPicture) -> Double {
    let x = Int(Drawn.near.left.x), y = Int(Drawn.near.left.y + distance * 0.6)
    var sum = 0
    for row in y..<y + 20 {
      for column in x - 10..<x + 10 {
        sum += abs(Int(picture[column, row].green) - Int(picture[column + 1, row].green))
      }
    }
    return Double(sum) / 400
  }

  @Test func bringsTheScenesGrain() throws {
    var noise = SplitMix(state: 7)
    let samples = scene.samples.map { UInt8(clamping: Int($0) + Int(noise.next() % 17) - 8) }
    let grainy = try RGBPicture(width: scene.width, height: scene.height, samples: samples)
    let smooth = grain(try blended(scene, with: .ben).0)
    let matched = grain(try blended(grainy, with: .ben).0)
    #expect(smooth < 2)
    #expect(matched > grain(grainy) / 2)
  }

  @Test func bringsTheScenesFocus() throws {
    let soft = try blurred(scene, radius: 3)
    let face = try #require(finder.find(in: soft).first)
    var result = soft
    _ = try blender(.ben).blend(into: &result, mesh: face.mesh)
    let sharp = try blended(scene, with: .ben).0
    let (focus, usual) = (try result.sharpness(in: face.box), try sharp.sharpness(in: face.box))
    #expect(focus < usual / 3)
  }
}

/// Numbers without a pattern, always the same: Steele, Lea and Flood's SplitMix.
private struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}
