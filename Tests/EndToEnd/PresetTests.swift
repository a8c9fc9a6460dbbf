import Core
import Foundation
import Presets
import Testing

/// Every preset of a shop is good, known by its name, and finds what is wrong.
@Suite struct PresetTests {
  static let names = Preset.all.map(\.name)

  @Test func everyFileIsAPreset() throws {
    let folder = Workshop.root.appending(path: "pipelines/presets")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(files == Self.names.map { $0 + ".yaml" }.sorted())
  }

  @Test func theListNamesSourceDayAndConfidence() async throws {
    let end = try await swapline("presets", "--json")
    #expect(end.status == 0)
    let rows = try end.output.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
    #expect(rows.count == Self.names.count)
    for row in rows {
      guard case .object(let parts) = row else {
        Issue.record("\(row) is no object")
        continue
      }
      for key in ["name", "source", "verified", "confidence"] {
        guard case .string(let text)? = parts[key], !text.isEmpty else {
          Issue.record("\(key) is missing in \(row)")
          continue
        }
      }
    }
  }

  @Test(arguments: names) func isGoodByItsName(_ name: String) async throws {
    let end = try await swapline("check", name)
    #expect(end.status == 0, "\(end.messages)")
  }

  @Test func runsByItsNameAndTellsWhatIsWrong() async throws {
    let workshop = try Workshop()
    let out = workshop.path("out")
    let run = try await swapline(
      "run", "google", "--scene", fixture("formats/orientation-6.jpg"), "--out", out)
    #expect(run.status == 0, "\(run.messages)")
    let asset = try JSONValue(
      parsing: Data(contentsOf: URL(filePath: out + "/orientation-6/asset.json")))
    guard case .object(let parts) = asset, case .array(let findings)? = parts["findings"] else {
      Issue.record("there are no findings in \(asset)")
      return
    }
    let rules = findings.compactMap { finding -> String? in
      guard case .object(let parts) = finding, case .string(let rule)? = parts["rule"] else {
        return nil
      }
      return rule
    }
    #expect(rules == ["minimum_width", "minimum_height"])
  }

  @Test func anUnknownNameIsAnError() async throws {
    let end = try await swapline("presets", "amazn-main")
    #expect(end.status == 2)
    #expect(end.messages.contains("amazon-main"))
  }
}

/// `plan` tells what preparing would change, and does nothing.
@Suite struct PreviewTests {
  @Test(arguments: [
    ("formats/cmyk.jpg", "sRGB"), ("formats/orientation-6.jpg", "upright"),
    ("formats/animated.gif", "gif → png"), ("moving/h264-aac.mp4", "would fail"),
    ("scenes/portrait.jpg", "passes as it is"),
  ])
  func changesAreToldInAdvance(_ scene: String, _ text: String) async throws {
    let workshop = try Workshop()
    let pipeline = Workshop.root.appending(path: "pipelines/prepare.yaml").path
    let end = try await swapline("plan", pipeline, "--scene", fixture(scene))
    #expect(end.status == (text == "would fail" ? 1 : 0), "\(end.messages)")
    #expect(end.output.contains(text), "\(end.output)")
    #expect(workshop.names(in: ".").isEmpty)
  }
}
