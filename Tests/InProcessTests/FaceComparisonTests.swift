import Core
import InProcess
import Processing
import TestSupport
import Testing

/// Whether a result shows another face: scenes that were only encoded anew, and true swaps.
@Suite struct FaceComparisonTests {
  static let media = InProcessMedia(width: 2)

  /// A way in which a provider may give a scene back.
  struct Way: Sendable, CustomTestStringConvertible {
    var format: MediaFormat
    var quality: Int?
    var scale = 1.0
    var testDescription: String { "\(format) \(quality ?? 0) \(scale)" }
  }

  static let ways = [
    Way(format: .png), Way(format: .jpg, quality: 95), Way(format: .jpg, quality: 40),
    Way(format: .webp, quality: 60), Way(format: .jpg, quality: 60, scale: 0.5),
  ]

  private func again(
    _ file: String, _ way: Way, _ content: RenditionContent, in folder: TemporaryFolder,
    _ name: String = "again"
  ) async throws -> String {
    let media = try await Self.media.probe(ProbeRequest(file: file))
    var order = RenditionRequest(
      output: folder.file("\(name).\(way.format.name)"), format: way.format, quality: way.quality,
      content: content)
    if way.scale != 1 { order.width = Int(Double(media.uprightWidth) * way.scale) }
    let made = try await Self.media.render(RenderRequest(file: file, renditions: [order]))
    return try #require(made.first).file
  }

  private func compare(_ scene: String, _ result: String) async throws -> FaceComparison {
    try await Self.media.compareFaces(CompareFacesRequest(scene: scene, result: result))
  }

  @Test(arguments: ["portrait", "turned", "two-people"], ways)
  func aSceneThatWasEncodedAnewHasNoOtherFace(_ name: String, _ way: Way) async throws {
    let folder = try TemporaryFolder()
    let scene = fixture("scenes/\(name).jpg")
    let comparison = try await compare(scene, try await again(scene, way, .first, in: folder))
    #expect(comparison.changedNothing, "\(comparison)")
    #expect((comparison.frames, comparison.faced, comparison.unchanged) == (1, 1, 1))
  }

  @Test(
    arguments: [
      ("portrait", "ada"), ("portrait", "ben"), ("turned", "ben"), ("two-people", "ada"),
    ],
    [Way(format: .png), Way(format: .jpg, quality: 40), Way(format: .jpg, quality: 60, scale: 0.5)])
  func aSwapIsNeverTakenForTheScene(_ names: (String, String), _ way: Way) async throws {
    let folder = try TemporaryFolder()
    let scene = fixture("scenes/\(names.0).jpg")
    let swapped = try await Self.media.swap(
      SwapRequest(
        scene: scene, face: fixture("faces/\(names.1).jpg"), output: folder.file("swapped.png")))
    let comparison = try await compare(
      scene, try await again(swapped.file, way, .first, in: folder))
    #expect(!comparison.changedNothing, "\(comparison)")
    #expect((comparison.faced, comparison.unchanged) == (1, 0))
  }

  @Test func withoutAFaceOnlyTheWholePictureCounts() async throws {
    let folder = try TemporaryFolder()
    let scene = fixture("scenes/no-face.jpg")
    let way = Way(format: .jpg, quality: 90)
    let same = try await compare(scene, try await again(scene, way, .first, in: folder))
    #expect(same.changedNothing)
    #expect((same.faced, same.difference) == (0, nil))
    let other = try await compare(scene, fixture("scenes/portrait.jpg"))
    #expect(!other.changedNothing)
  }

  @Test(arguments: [("person.mp4", MediaFormat.mp4), ("person.gif", .gif)])
  func everyFrameOfAMovingSceneIsCompared(_ name: String, _ format: MediaFormat) async throws {
    let folder = try TemporaryFolder()
    let scene = fixture("moving/\(name)")
    let frames = try await Self.media.probe(ProbeRequest(file: scene)).frames
    // A video anew at another size, a GIF by way of WebP.
    let way =
      format == .mp4
      ? Way(format: .mp4, quality: 70, scale: 0.75) : Way(format: .webp, quality: 70)
    let same = try await compare(scene, try await again(scene, way, .moving, in: folder))
    #expect(same.changedNothing, "\(same)")
    #expect(same.frames == frames)
    #expect(same.faced >= 8)

    let swapped = try await Self.media.swap(
      SwapRequest(
        scene: scene, face: fixture("faces/ben.jpg"), output: folder.file("new.\(format)"),
        format: format))
    let other = try await compare(scene, swapped.file)
    #expect(!other.changedNothing)
    #expect(other.unchanged == 0, "\(other)")
  }

  @Test func framesThatKeepTheSceneSFaceAreCounted() async throws {
    let folder = try TemporaryFolder()
    let scene = fixture("moving/still-person.gif")
    let swapped = try await Self.media.swap(
      SwapRequest(
        scene: scene, face: fixture("faces/ben.jpg"), output: folder.file("new.gif"), format: .gif))
    let split = try await Self.media.split(
      ExtractFramesRequest(file: swapped.file, output: folder.file("frame")))
    let new = try #require(split.frames.first)
    let order = split.order.indices.map { $0 < 5 ? 0 : nil }
    let mixed = try await Self.media.join(
      ReplaceFramesRequest(
        original: scene, pictures: .stills([new.file], order: order),
        output: folder.file("mixed.gif"), format: .gif))
    let comparison = try await compare(scene, mixed.file)
    #expect((comparison.faced, comparison.unchanged) == (8, 3), "\(comparison)")
    #expect(!comparison.changedNothing)
  }
}
