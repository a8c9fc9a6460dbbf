import Faces
import Processing
import TestSupport
import Testing

@Suite struct FaceFinderTests {
  @Test(arguments: Drawn.all)
  func findsDrawnFaces(drawn: Drawn) throws {
    let faces = try makeFinder().find(in: picture(drawn.file))
    try #require(faces.count > drawn.index)
    let box = faces[drawn.index].box
    for eye in [drawn.left, drawn.right] {
      #expect(Double(box.x) < eye.x && eye.x < Double(box.x + box.width))
      #expect(Double(box.y) < eye.y && eye.y < Double(box.y + box.height))
    }
    #expect((1.7...2.8).contains(Double(box.width) / drawn.distance))
    let measures = faces[drawn.index].mesh.measures
    for (found, wanted) in [(measures.eyes.left, drawn.left), (measures.eyes.right, drawn.right)] {
      #expect(abs(found.x - wanted.x) < drawn.distance * 0.04, "\(found) for \(wanted)")
      #expect(abs(found.y - wanted.y) < drawn.distance * 0.04, "\(found) for \(wanted)")
    }
    #expect(abs(measures.yaw) < 5)
    #expect(measures.openness < 0.1)
  }

  @Test func sortsLargestFirst() throws {
    let faces = try makeFinder().find(in: picture("scenes/two-people.jpg"))
    try #require(faces.count == 2)
    #expect(faces[0].box.width > faces[1].box.width)
    #expect(faces[0].box.x < faces[1].box.x, "the nearer person stands on the left")
  }

  @Test(arguments: ["portrait", "turned", "rolled", "two-people"])
  func theLargestIsTheSameToThePixelWithoutTheParts(name: String) throws {
    let scene = try picture("scenes/\(name).jpg")
    let finder = try makeFinder()
    let all = try finder.find(in: scene)
    #expect(try finder.find(in: scene, onlyLargest: true).first == all.first)
  }

  @Test func findsNobodyInAStillLife() throws {
    #expect(try makeFinder().find(in: picture("scenes/no-face.jpg")).isEmpty)
  }

  @Test func findsAFaceOfTwentyFourPixels() throws {
    let faces = try makeFinder().find(in: picture("scenes/tiny.png"))
    try #require(faces.count == 1)
    #expect((20...30).contains(faces[0].box.width))
  }

  @Test func findsASmallFaceInALargeScene() throws {
    // Of 48 pixels in 1600 x 900, every pixel doubled: less than the detector sees in the whole.
    let person = try picture("scenes/tiny.png")
    let (width, height) = (1_600, 900)
    var samples = [UInt8](repeating: 128, count: width * height * 3)
    for y in 0..<person.height * 2 {
      for x in 0..<person.width * 2 {
        let pixel = person[x / 2, y / 2]
        let at = ((y + 700) * width + x + 1_200) * 3
        samples.replaceSubrange(at..<at + 3, with: [pixel.red, pixel.green, pixel.blue])
      }
    }
    let scene = try RGBPicture(width: width, height: height, samples: samples)
    let faces = try makeFinder().find(in: scene)
    try #require(faces.count == 1)
    #expect((1_200...1_250).contains(faces[0].box.x) && (700...760).contains(faces[0].box.y))
    #expect((40...60).contains(faces[0].box.width))
  }

  @Test func measuresTurnAndTilt() throws {
    let finder = try makeFinder()
    let turned = try #require(finder.find(in: picture("scenes/turned.jpg")).first).mesh.measures
    #expect((25...40).contains(turned.yaw))
    let rolled = try #require(finder.find(in: picture("scenes/rolled.jpg")).first).mesh.measures
    #expect(abs(rolled.roll - 15) < 2)
    #expect(abs(rolled.yaw) < 5)
  }

  @Test func looksAgainAtAnotherSize() throws {
    let finder = try makeFinder()
    let small = try #require(finder.find(in: picture(Drawn.gray.file)).first)
    // The same face stands in `ada` at 2 2/3 times the size and place.
    let large = try picture(Drawn.ada.file)
    let found = try finder.look(at: small.mesh.scaled(by: 640.0 / 240), in: large)
    #expect(found.mesh.certainty > 0.9)
    let eyes = found.mesh.measures.eyes
    #expect(abs(eyes.left.x - Drawn.ada.left.x) < 8 && abs(eyes.right.x - Drawn.ada.right.x) < 8)
  }

  @Test(arguments: [[], [0x08], Array("not a network at all".utf8)])
  func refusesABadNetwork(bytes: [UInt8]) throws {
    let good = try EngineNetworks().read(.mesh)
    for (detector, mesh) in [(bytes, good), (good, bytes)] {
      let error = #expect(throws: FacesError.self) {
        try FaceFinder(detector: detector, mesh: mesh)
      }
      #expect(error?.kind == .network)
    }
  }

  @Test func givesTheSameOnSeveralThreads() async throws {
    let picture = try picture(Drawn.cutout.file)
    let finders = [try makeFinder(), try makeFinder()]
    let results = try await withThrowingTaskGroup(of: [FoundFace].self) { group in
      for turn in 0..<4 {
        group.addTask { try finders[turn % 2].find(in: picture) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.count == 4)
    #expect(Set(results).count == 1)
    #expect(results[0].count == 1)
  }
}

@Suite struct RGBPictureTests {
  @Test(arguments: [(2, 2, 11), (0, 3, 0), (-1, -1, 3), (70_000, 1, 210_000)])
  func refusesSamplesThatDoNotFit(width: Int, height: Int, count: Int) {
    let error = #expect(throws: FacesError.self) {
      try RGBPicture(
        width: width, height: height, samples: [UInt8](repeating: 0, count: count))
    }
    #expect(error?.kind == .argument)
  }

  @Test func measuresSharpness() throws {
    let sharp = try picture(Drawn.cutout.file)
    let box = PixelBox(x: 54, y: 97, width: 130, height: 130)
    let before = try sharp.sharpness(in: box)
    let after = try blurred(sharp, radius: 6).sharpness(in: box)
    #expect(before > 100)
    #expect(after < 10)
  }
}

/// Every sample as the average of its neighbours, twice over: a picture out of focus.
func blurred(_ picture: RGBPicture, radius: Int) throws -> RGBPicture {
  let (width, height) = (picture.width, picture.height)
  var samples = picture.samples.map(Int.init)
  for (step, limit) in [(3, width), (width * 3, height)] {
    for _ in 0..<2 {
      var next = samples
      for index in samples.indices {
        let place = step == 3 ? index / 3 % width : index / (width * 3)
        let first = max(0, place - radius), last = min(limit - 1, place + radius)
        var sum = 0
        for other in first...last { sum += samples[index + (other - place) * step] }
        next[index] = sum / (last - first + 1)
      }
      samples = next
    }
  }
  return try RGBPicture(width: width, height: height, samples: samples.map { UInt8($0) })
}
