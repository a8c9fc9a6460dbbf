import Faces
import TestSupport
import Testing

@Suite struct FaceFinderTests {
  @Test(arguments: Drawn.all)
  func findsDrawnFaces(drawn: Drawn) throws {
    let picture = try picture(drawn.file)
    let finder = try FaceFinder()
    let faces = try finder.find(in: picture, side: searchedSide)
    try #require(faces.count > drawn.index)
    let box = faces[drawn.index].box
    for eye in [drawn.left, drawn.right] {
      #expect(Double(box.x) < eye.x && eye.x < Double(box.x + box.width))
      #expect(Double(box.y) < eye.y && eye.y < Double(box.y + box.height))
    }
    #expect((1.7...2.8).contains(Double(box.width) / drawn.distance))

    let eyes = try finder.eyes(of: box, in: picture)
    #expect(eyes.areSeen)
    for (found, wanted) in [(eyes.left, drawn.left), (eyes.right, drawn.right)] {
      #expect(abs(found.x - wanted.x) < drawn.distance * 0.04, "\(found) for \(wanted)")
      #expect(abs(found.y - wanted.y) < drawn.distance * 0.04, "\(found) for \(wanted)")
    }
  }

  @Test func sortsLargestFirst() throws {
    let faces = try FaceFinder().find(in: picture("scenes/two-people.jpg"), side: searchedSide)
    try #require(faces.count == 2)
    #expect(faces[0].box.width > faces[1].box.width)
    #expect(faces[0].box.x < faces[1].box.x, "the nearer person stands on the left")
  }

  @Test func findsNobodyInAStillLife() throws {
    #expect(try FaceFinder().find(in: picture("scenes/no-face.jpg"), side: searchedSide).isEmpty)
  }

  @Test func enlargesSmallPictures() throws {
    let picture = try picture("scenes/tiny.png")
    let finder = try FaceFinder()
    #expect(try finder.find(in: picture, side: picture.height).isEmpty)
    #expect(try finder.find(in: picture, side: picture.height * 2).count == 1)
  }

  @Test func tellsATurnedHead() throws {
    let picture = try picture("scenes/turned.jpg")
    let finder = try FaceFinder()
    let face = try #require(finder.find(in: picture, side: searchedSide).first)
    #expect(face.view == .right)
    let eyes = try finder.eyes(of: face.box, in: picture)
    #expect(!eyes.areSeen)
    // Guessed ones stand level, within the box, and beside its middle.
    #expect(eyes.left.y == eyes.right.y)
    let middle = Double(face.box.x) + Double(face.box.width) / 2
    #expect(abs((eyes.left.x + eyes.right.x) / 2 - middle) < 0.001)
  }

  @Test(arguments: ["/nowhere/cascade.xml", fixture("formats/text.jpg"), fixture("drawings")])
  func refusesABadCascade(path: String) {
    let error = #expect(throws: FacesError.self) { try FaceFinder(cascade: path) }
    #expect(error?.kind == .cascade)
  }

  @Test(arguments: [
    PixelBox(x: 500, y: 0, width: 50, height: 50), PixelBox(x: 0, y: 0, width: 0, height: 9),
  ])
  func refusesABoxWithoutPixels(box: PixelBox) throws {
    let picture = try picture("formats/gray.jpg")
    let error = #expect(throws: FacesError.self) { try FaceFinder().eyes(of: box, in: picture) }
    #expect(error?.kind == .argument)
  }

  @Test func givesTheSameOnSeveralThreads() async throws {
    let picture = try picture(Drawn.cutout.file)
    let finders = [try FaceFinder(), try FaceFinder()]
    let results = try await withThrowingTaskGroup(of: [FoundFace].self) { group in
      for turn in 0..<4 {
        group.addTask { try finders[turn % 2].find(in: picture, side: 300) }
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
