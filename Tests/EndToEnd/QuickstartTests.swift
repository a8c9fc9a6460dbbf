import Core
import Foundation
import Pipelines
import Runs
import Testing

/// The main job: one scene and one face down the whole line, through the built command.
@Suite struct QuickstartTests {
  static let pipeline = Workshop.root.appending(path: "pipelines/quickstart.yaml").path
  static let files: Set = [
    "asset.json", "scene.jpg", "face.jpg", "result.png", "result.jpg", "result.webp",
    "result-1024.webp", "result-512.webp", "result-256.webp", "result-128.webp",
  ]

  @Test func theWholeLineGivesItsFilesAndDoesNothingTwice() async throws {
    let workshop = try Workshop()
    let arguments = [
      "run", Self.pipeline, "--scene", fixture("scenes/portrait.jpg"), "--face",
      fixture("faces/ada.jpg"), "--out", workshop.path("out"),
    ]
    let first = try await Started(Workshop.command.path, arguments).wait()
    #expect(first.status == 0, "\(first.messages)")
    #expect(workshop.names(in: "out/portrait") == Self.files)
    #expect(first.output.contains("/portrait"))
    for stage in ["fetch", "validate", "normalize", "host", "swap", "thumbnails", "convert"] {
      #expect(first.messages.contains(stage), "\(stage) is not shown")
    }
    try checkFacts(workshop.path("out/portrait/asset.json"), in: workshop.path("out/portrait"))

    let second = try await Started(Workshop.command.path, arguments).wait()
    #expect(second.status == 0, "\(second.messages)")
    #expect(second.messages.contains("1 of them done before"))
  }

  // Every fact of asset.json is measured again here, from the bytes on disk.
  private func checkFacts(_ path: String, in folder: String) throws {
    let report = try JSONDecoder().decode(
      AssetReport.self, from: Data(contentsOf: URL(filePath: path)))
    let scene = try #require(report.scene)
    let result = try #require(report.result)
    #expect(result.media.width == scene.media.width && result.media.height == scene.media.height)
    #expect(result.media.digest != scene.media.digest)
    #expect(report.swap?.task.isEmpty == false)
    #expect(report.renditions.count == 7)
    for file in report.renditions + [scene, result, try #require(report.face)] {
      let bytes = try Data(contentsOf: URL(filePath: "\(folder)/\(file.file)"))
      #expect(Int64(bytes.count) == file.media.size)
      #expect(Digest(of: Array(bytes)) == file.media.digest)
      #expect(MediaFormat.sniff(Array(bytes.prefix(64))) == file.media.format)
    }
    for (name, side) in [("result-512.webp", 512), ("result-128.webp", 128)] {
      let file = try #require(report.renditions.first { $0.file == name })
      #expect(max(file.media.width, file.media.height) == side)
    }
  }

  @Test func oneBadItemStopsNobody() async throws {
    let workshop = try Workshop()
    let items = try workshop.write(
      """
      id,scene,face,thumbnails.sides
      good,\(fixture("scenes/portrait.jpg")),\(fixture("faces/ben.jpg")),[64]
      missing,\(workshop.path("nothing.jpg")),\(fixture("faces/ben.jpg")),
      page,\(fixture("formats/text.jpg")),\(fixture("faces/ben.jpg")),
      cut,\(fixture("formats/truncated.jpg")),\(fixture("faces/ben.jpg")),
      nobody,\(fixture("scenes/no-face.jpg")),\(fixture("faces/ben.jpg")),
      """, to: "items.csv")
    let run = try await swapline(
      "run", Self.pipeline, "--items", items, "--out", workshop.path("out"))
    #expect(run.status == 4, "\(run.messages)")
    #expect(workshop.names(in: "out/good").contains("result-64.webp"))
    for item in ["missing", "page", "cut", "nobody"] {
      #expect(run.messages.contains("\(item): "), "\(item) is not named: \(run.messages)")
      #expect(workshop.names(in: "out/\(item)").isEmpty)
    }
  }

  @Test func changingALateStageDoesOnlyThatAgain() async throws {
    let workshop = try Workshop()
    let arguments = [
      "run", Self.pipeline, "--scene", fixture("scenes/portrait.jpg"), "--face",
      fixture("faces/ada.jpg"), "--out", workshop.path("out"), "--json",
    ]
    _ = try await Started(Workshop.command.path, arguments).wait()
    let again = try await Started(
      Workshop.command.path, arguments + ["--set", "convert.quality=50"]
    ).wait()
    #expect(again.status == 0, "\(again.messages)")
    let events = try again.output.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
    func stages(_ event: String) -> [String] {
      events.filter { $0["event"]?.string == event }.compactMap { $0["stage"]?.string }
    }
    #expect(stages("stage_finished") == ["convert", "metadata"])
    #expect(stages("stage_reused").contains("swap"))
  }

  @Test func aCrashedWorkerCostsItsItemOnly() async throws {
    let workshop = try Workshop()
    // Every swap is another one: items that share a swap would share its crash.
    let items = ["portrait", "rolled", "two-people"].flatMap { scene in
      ["ada", "ben"].map { face in
        "{\"id\":\"\(scene)-\(face)\",\"scene\":\"\(fixture("scenes/\(scene).jpg"))\","
          + "\"face\":\"\(fixture("faces/\(face).jpg"))\"}"
      }
    }
    let rows = try workshop.write(items.joined(separator: "\n"), to: "items.jsonl")
    let run = try Started(
      Workshop.command.path,
      ["run", Self.pipeline, "--items", rows, "--out", workshop.path("out"), "--json"])
    var killed = 0
    while run.isRunning, killed < 1 {
      for pid in Self.children(of: run.pid) where killed < 1 && Self.isBusy(pid) {
        kill(pid, SIGSEGV)
        killed += 1
      }
      try await Task.sleep(for: .milliseconds(2))
    }
    let end = await run.wait()
    #expect(killed == 1)
    // Either the worker died with an item, which says so, or between two and nothing was lost.
    #expect(end.status == 4 || end.status == 0, "\(end.messages)")
    if end.status == 4 { #expect(end.messages.contains("worker"), "\(end.messages)") }
    let finished = end.output.split(separator: "\n").filter { $0.contains("item_finished") }
    #expect(finished.count >= 5, "\(end.messages)")
  }

  private static func children(of pid: Int32) -> [Int32] {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
    return tasks.flatMap { task -> [Int32] in
      let path = "/proc/\(pid)/task/\(task)/children"
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      return text.split(separator: " ").compactMap { Int32($0) }
    }
  }

  private static func isBusy(_ pid: Int32) -> Bool {
    let text = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
    return text.contains(") R ")
  }
}
