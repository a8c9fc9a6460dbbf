import Core
import FoundationEssentials
import Imaging
import InProcess
import Processing
import TestSupport
import Testing

/// The engine on GIFs and videos of a drawn person.
@Suite struct MovingSwapTests {
  static let media = InProcessMedia(width: 2)

  @Test func aVideoKeepsItsSoundItsLengthAndTheFramesWithoutAFace() async throws {
    let folder = try TemporaryFolder()
    let scene = fixture("moving/person.mp4")
    let before = try await Self.media.probe(ProbeRequest(file: scene))
    let answer = try await Self.swapped(scene, .mp4, in: folder)
    // 8 frames of nobody, 30 of a person, 5 of nobody.
    #expect(answer.frames == 30)
    #expect(answer.media.frames == before.frames)
    #expect(answer.media.duration == before.duration)
    #expect(answer.media.audioCodec == "aac")
    #expect((answer.media.width, answer.media.height) == (before.width, before.height))
    #expect(answer.changes.map(\.kind) == [.face])
    let old = try await Self.frame(of: scene, at: 0.1, in: folder)
    let new = try await Self.frame(of: answer.file, at: 0.1, in: folder)
    #expect(difference(old, new).mean < 2)
    let oldFace = try await Self.frame(of: scene, at: 0.8, in: folder)
    let newFace = try await Self.frame(of: answer.file, at: 0.8, in: folder)
    #expect(difference(oldFace, newFace, in: answer.touched).mean > 3)
  }

  @Test(arguments: [0.5, 0.8, 1.1, 1.4])
  func aFrameLooksLikeTheSameStillSwappedAlone(time: Double) async throws {
    let folder = try TemporaryFolder()
    let face = fixture("faces/ben.jpg")
    let scene = fixture("moving/person.mp4")
    let video = try await Self.media.swap(
      SwapRequest(scene: scene, face: face, output: folder.file("result.mp4"), format: .mp4))
    let made = try await Self.frame(of: video.file, at: time, in: folder)
    let still = try await Self.still(of: scene, at: time, in: folder)
    let alone = try await Self.media.swap(
      SwapRequest(scene: still, face: face, output: folder.file("alone.png")))
    let pixels = try self.pixels(alone.file)
    let old = try self.pixels(still)
    // Below the eyes: those of frames stay the scene's, because they move.
    var part = alone.touched
    part.y += part.height * 2 / 5
    part.height = part.height * 3 / 5
    #expect(difference(old, pixels, in: part).mean > 3)
    // Encoding alone takes part of what is left.
    let changed = difference(old, made, in: part).mean
    #expect(difference(made, pixels, in: part).mean < changed * 3 / 4)
  }

  @Test func delaysAndLoopsOfAGIFAreExact() async throws {
    let folder = try TemporaryFolder()
    let scene = fixture("moving/person.gif")
    let before = try await Self.media.probe(ProbeRequest(file: scene))
    let answer = try await Self.swapped(scene, .gif, in: folder)
    #expect(answer.media.delays == before.delays)
    #expect(answer.media.loops == before.loops)
    #expect(answer.frames == before.frames)
  }

  @Test func aStillFaceDoesNotFlicker() async throws {
    let folder = try TemporaryFolder()
    let scene = fixture("moving/still-person.gif")
    let answer = try await Self.swapped(scene, .gif, in: folder)
    #expect(answer.media.frames == 8)
    #expect(answer.frames == 8)
    var frames: [PixelPicture] = []
    for number in 0..<8 {
      frames.append(
        try await Self.frame(of: answer.file, at: 0.05 + 0.1 * Double(number), in: folder))
    }
    for (one, next) in zip(frames, frames.dropFirst()) {
      #expect(difference(one, next, in: answer.touched).mean == 0)
      #expect(answer.touched.width > 50)
    }
    // The light beside the face does change.
    #expect(difference(frames[0], frames[1]).mean > 0)
  }

  @Test func withoutAFaceThereIsNoFile() async throws {
    let folder = try TemporaryFolder()
    let error = await #expect(throws: SwaplineError.self) {
      try await Self.media.swap(
        SwapRequest(
          scene: fixture("moving/h264-aac.mp4"), face: fixture("faces/ben.jpg"),
          output: folder.file("result.mp4"), format: .mp4))
    }
    #expect(error?.code == .noFace)
    #expect(error?.message.contains("h264-aac.mp4") == true)
    #expect(folder.names.isEmpty)
  }

  @Test(arguments: [("moving/person.gif", MediaFormat.mp4), ("moving/person.mp4", .gif)])
  func anotherKindOfFileIsRefused(file: String, format: MediaFormat) async throws {
    let folder = try TemporaryFolder()
    let error = await #expect(throws: SwaplineError.self) {
      try await Self.media.swap(
        SwapRequest(
          scene: fixture(file), face: fixture("faces/ben.jpg"),
          output: folder.file("result.\(format.name)"), format: format))
    }
    #expect(error?.code == .usage)
    #expect(folder.names.isEmpty)
  }

  @Test func severalFacesOfOnePicture() async throws {
    let folder = try TemporaryFolder()
    let answer = try await Self.media.swap(
      SwapRequest(
        scene: fixture("scenes/two-people.jpg"),
        faces: [
          NewFace(file: fixture("faces/ben.jpg"), index: 1),
          NewFace(file: fixture("faces/ada.jpg"), index: 0),
        ], output: folder.file("result.png")))
    #expect(answer.changes.map(\.from) == ["face 1 of two-people.jpg", "face 0 of two-people.jpg"])
    #expect(answer.touched.width > 400)
  }

  private static func swapped(
    _ scene: String, _ format: MediaFormat, in folder: TemporaryFolder
  ) async throws -> SwapAnswer {
    try await media.swap(
      SwapRequest(
        scene: scene, face: fixture("faces/ben.jpg"),
        output: folder.file("result.\(format.name)"), format: format))
  }

  private static func still(of file: String, at time: Double, in folder: TemporaryFolder)
    async throws
    -> String
  {
    let output = folder.file("still-\(folder.names.count).png")
    _ = try await media.render(
      RenderRequest(
        file: file,
        renditions: [RenditionRequest(output: output, format: .png, content: .time(time))]))
    return output
  }

  private static func frame(of file: String, at time: Double, in folder: TemporaryFolder)
    async throws
    -> PixelPicture
  {
    try await MovingSwapTests().pixels(still(of: file, at: time, in: folder))
  }

  private func pixels(_ file: String) throws -> PixelPicture {
    try ImagingService().pixels(
      of: file, limits: DecodingGuard(), cancellation: Cancellation())
  }
}

/// How much two pictures of one size differ within a box: the mean of all samples, 0 to 255.
private func difference(
  _ one: PixelPicture, _ other: PixelPicture, in box: FaceBox? = nil
) -> (mean: Double, count: Int) {
  guard one.width == other.width, one.height == other.height else { return (255, 0) }
  let box = box ?? FaceBox(x: 0, y: 0, width: one.width, height: one.height, score: 0)
  var (sum, count) = (0, 0)
  for y in box.y..<box.y + box.height {
    let row = (y * one.width + box.x) * 3
    for at in row..<row + box.width * 3 {
      sum += abs(Int(one.rgb[at]) - Int(other.rgb[at]))
      count += 1
    }
  }
  return (Double(sum) / Double(max(1, count)), count)
}
