import Foundation
import Testing

/// Every file under `pipelines/` is good, and does what its comment says.
@Suite struct PipelineFilesTests {
  static let folder = Workshop.root.appending(path: "pipelines")
  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".yaml") }.sorted()

  @Test func everyFileHasARun() {
    #expect(
      Self.names == [
        "crun.yaml", "finish.yaml", "frame-by-frame.yaml", "gifs-and-videos.yaml", "moving.yaml",
        "prepare.yaml", "quickstart.yaml", "shops.yaml",
      ])
  }

  @Test(arguments: names)
  func isGood(name: String) async throws {
    let end = try await swapline("check", Self.folder.appending(path: name).path)
    #expect(end.status == 0, "\(end.messages)")
  }

  @Test(
    arguments: [
      ("gifs-and-videos.yaml", "moving/person.gif", ["result.gif", "scene.gif"]),
      ("gifs-and-videos.yaml", "moving/person.mp4", ["result.mp4", "scene.mp4"]),
      ("gifs-and-videos.yaml", "scenes/portrait.jpg", ["result.png", "scene.jpg"]),
      ("frame-by-frame.yaml", "moving/still-person.gif", ["result.gif", "scene.gif"]),
    ] as [(String, String, Set<String>)])
  func swaps(name: String, scene: String, files: Set<String>) async throws {
    let workshop = try Workshop()
    let run = try await swapline(
      "run", Self.folder.appending(path: name).path, "--scene", fixture(scene), "--face",
      fixture("faces/ben.jpg"), "--out", workshop.path("out"))
    #expect(run.status == 0, "\(run.messages)")
    let item = try #require(
      workshop.items(in: "out").first)
    #expect(workshop.names(in: "out/\(item)").isSuperset(of: files))
  }

  @Test(
    arguments: [
      ("prepare.yaml", "formats/orientation-6.jpg", ["asset.json", "scene.jpg"]),
      ("prepare.yaml", "formats/alpha.webp", ["asset.json", "scene.png"]),
      ("prepare.yaml", "formats/cmyk.jpg", ["asset.json", "scene.jpg"]),
      (
        "finish.yaml", "scenes/portrait.jpg",
        [
          "asset.json", "scene.jpg", "scene-800.webp", "scene-400.webp", "scene-converted.jpg",
          "scene.webp",
        ]
      ),
      (
        "shops.yaml", "scenes/two-people.jpg",
        [
          "asset.json", "scene.jpg", "scene-amazon.jpg", "scene-walmart.jpg", "scene-google.jpg",
          "scene-zalando.jpg", "scene-instagram.jpg",
        ]
      ),
      (
        "moving.yaml", "moving/vp9-opus.webm",
        [
          "asset.json", "scene.webm", "scene-at-500ms.jpg", "scene-poster.jpg",
          "scene-preview-240.webp", "scene-sheet.jpg",
        ]
      ),
      (
        "finish.yaml", "moving/disposals.gif",
        [
          "asset.json", "scene.gif", "scene-800.webp", "scene-400.webp", "scene.jpg",
          "scene.webp",
        ]
      ),
    ] as [(String, String, Set<String>)])
  func runsWithoutASwap(name: String, scene: String, files: Set<String>) async throws {
    let workshop = try Workshop()
    let run = try await swapline(
      "run", Self.folder.appending(path: name).path, "--scene", fixture(scene), "--out",
      workshop.path("out"))
    #expect(run.status == 0, "\(run.messages)")
    let item = try #require(
      workshop.items(in: "out").first)
    #expect(workshop.names(in: "out/\(item)") == files)
  }
}
