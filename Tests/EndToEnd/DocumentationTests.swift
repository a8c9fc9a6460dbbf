import Foundation
import Testing

/// Everything that the documentation shows is tried.
@Suite struct DocumentationTests {
  /// A fenced block: its language, what else its first line says, and its text.
  struct Block {
    let language: String
    let marks: [String]
    let text: String

    /// The file that a block is written to for the ones after it.
    var file: String? {
      marks.first { $0.hasPrefix("file=") }.map { String($0.dropFirst("file=".count)) }
    }
  }

  /// README, and every page of docs that is no record of a decision, by its path.
  static let pages: [String] = {
    let docs = Workshop.root.appending(path: "docs").path
    let found = (try? FileManager.default.subpathsOfDirectory(atPath: docs)) ?? []
    return ["README.md"]
      + found.filter { $0.hasSuffix(".md") && !$0.hasPrefix("decisions/") }.map { "docs/\($0)" }
      .sorted()
  }()

  static func blocks(of page: String) throws -> [Block] {
    let text = try String(contentsOf: Workshop.root.appending(path: page), encoding: .utf8)
    var found: [Block] = []
    var open: (words: [String], lines: [Substring])?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let block = open {
        if line == "```" {
          found.append(
            Block(
              language: block.words.first ?? "", marks: Array(block.words.dropFirst()),
              text: block.lines.joined(separator: "\n") + "\n"))
          open = nil
        } else {
          open = (block.words, block.lines + [line])
        }
      } else if line.hasPrefix("```") {
        open = (line.dropFirst(3).split(separator: " ").map(String.init), [])
      }
    }
    return found
  }

  @Test(arguments: pages)
  func everyPipelineIsGood(page: String) async throws {
    let workshop = try Workshop()
    for (number, block) in try Self.blocks(of: page).enumerated()
    where block.language == "yaml" && block.text.contains("stages:") {
      let text = (block.text.contains("version:") ? "" : "version: 1\n") + block.text
      let file = try workshop.write(text, to: "block-\(number).yaml")
      let end = try await swapline("check", file)
      #expect(end.status == 0, "\(page): \(end.messages)\n\(text)")
    }
  }

  @Test(
    arguments: try pages.filter { page in try blocks(of: page).contains { $0.marks.contains("run") }
    })
  func everyExampleRuns(page: String) async throws {
    let workshop = try Workshop()
    try Self.furnish(workshop)
    let path = Workshop.products.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    for block in try Self.blocks(of: page) {
      if let file = block.file { _ = try workshop.write(block.text, to: file) }
      if block.language == "csv" { _ = try workshop.write(block.text, to: "export.csv") }
      guard block.language == "sh", block.marks.contains("run") else { continue }
      let end = try await Started(
        "/usr/bin/env", ["bash", "-euo", "pipefail", "-c", block.text], in: workshop.folder,
        environment: ["PATH": path]
      ).wait()
      #expect(end.status == 0, "\(page): \(end.messages)\n\(block.text)")
    }
  }

  /// What the sample consists of, under the names that the pages use.
  private static func furnish(_ workshop: borrowing Workshop) throws {
    for (source, name) in [
      ("fixtures/scenes/portrait.jpg", "scene.jpg"), ("fixtures/faces/ben.jpg", "face.jpg"),
      ("fixtures/moving/person.gif", "person.gif"),
      ("pipelines/quickstart.yaml", "quickstart.yaml"),
      ("pipelines/shops.yaml", "shops.yaml"),
    ] {
      try FileManager.default.copyItem(
        at: Workshop.root.appending(path: source), to: workshop.folder.appending(path: name))
    }
    _ = try workshop.write(
      "id,scene,face\none,scene.jpg,face.jpg\ntwo,scene.jpg,face.jpg\n", to: "items.csv")
  }

  @Test(
    arguments: try pages.filter { page in
      try blocks(of: page).contains { $0.language == "swift" && !$0.marks.contains("no-check") }
    })
  func everySwiftCompiles(page: String) async throws {
    let workshop = try Workshop()
    let blocks = try Self.blocks(of: page).filter {
      $0.language == "swift" && !$0.marks.contains("no-check")
    }
    var files: [String] = []
    for block in blocks {
      if let file = block.file { files.append(try workshop.write(block.text, to: file)) }
    }
    for block in blocks where block.file == nil {
      let text = (block.text.contains("import ") ? "" : "import Swapline\n\n") + block.text
      let main = try workshop.write(text, to: "main.swift")
      let end = try await Self.typecheck(files + [main])
      #expect(end.status == 0, "\(page): \(end.messages)\n\(text)")
    }
  }

  private static func typecheck(_ files: [String]) async throws -> Finished {
    let compiler = try await execute("sh", ["-c", "readlink -f \"$(command -v swiftc)\""]).output
    let toolchain = URL(filePath: compiler.trimmingCharacters(in: .newlines))
      .deletingLastPathComponent().deletingLastPathComponent()
    let sources = Workshop.root.appending(path: "Sources")
    let maps = try FileManager.default.contentsOfDirectory(atPath: sources.path).sorted()
      .map { sources.appending(path: "\($0)/module.modulemap").path }
      .filter { FileManager.default.fileExists(atPath: $0) }
    return try await execute(
      "swiftc",
      [
        "-typecheck", "-swift-version", "6", "-I",
        Workshop.products.appending(path: "Modules").path,
        "-plugin-path", toolchain.appending(path: "lib/swift/host/plugins/testing").path,
      ] + maps.flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] } + files)
  }

  @Test func theReferenceIsUpToDate() async throws {
    let end = try await Started(
      Workshop.root.appending(path: "Scripts/reference").path, ["--check"],
      environment: ["SWAPLINE": Workshop.command.path]
    ).wait()
    #expect(end.status == 0, "\(end.messages)")
  }

  private static let hasReader =
    FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/markdown")
    || ProcessInfo.processInfo.environment["CI"] != nil

  @Test(.enabled(if: hasReader, "python3-markdown is not installed: run Scripts/setup tests"))
  func noLinkLeadsNowhere() async throws {
    let workshop = try Workshop()
    let end = try await Started(
      "/usr/bin/python3",
      [Workshop.root.appending(path: "Scripts/site").path, workshop.path("site")]
    ).wait()
    #expect(end.status == 0, "\(end.messages)")
    #expect(workshop.names(in: "site").contains("index.html"))
  }

  @Test func readmeLinksToWhatIsThere() throws {
    let text = try String(
      contentsOf: Workshop.root.appending(path: "README.md"), encoding: .utf8)
    for match in text.matches(of: /\]\(([^):#]+)\)/) {
      let path = Workshop.root.appending(path: String(match.1)).path
      #expect(FileManager.default.fileExists(atPath: path), "\(match.1)")
    }
    // Two screens, on a page that people read.
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 120)
  }

  @Test func everyTestOfAGuaranteeIsThere() async throws {
    let text = try String(
      contentsOf: Workshop.root.appending(path: "docs/guarantees.md"), encoding: .utf8)
    let names = Set(text.matches(of: /`([A-Za-z]+Tests)`/).map { String($0.1) })
    #expect(names.count > 5)
    for name in names {
      let found = try await execute(
        "grep", ["-rlE", "(struct|class) \(name)\\b", Workshop.root.appending(path: "Tests").path])
      #expect(found.status == 0, "there is no \(name)")
    }
  }

  /// asset.json and run.json of a real run have no field that the reference does not name.
  @Test func everyFieldIsInTheReference() async throws {
    let workshop = try Workshop()
    let end = try await swapline(
      "run", QuickstartTests.pipeline, "--scene", fixture("scenes/portrait.jpg"), "--face",
      fixture("faces/ada.jpg"), "--out", workshop.path("out"))
    #expect(end.status == 0, "\(end.messages)")
    for (file, page) in [("portrait/asset.json", "asset-json"), ("run.json", "run-json")] {
      let data = try Data(contentsOf: URL(filePath: workshop.path("out/\(file)")))
      let object = try #require(
        try JSONSerialization.jsonObject(with: data) as? [String: Any])
      let text = try String(
        contentsOf: Workshop.root.appending(path: "docs/reference/\(page).md"), encoding: .utf8)
      var names = Set(object.keys)
      for key in ["scene", "swap", "charged", "plan"] {
        names.formUnion((object[key] as? [String: Any])?.keys.map { $0 } ?? [])
      }
      for name in names {
        #expect(text.contains("| `\(name)` |"), "\(page).md does not name \(name)")
      }
    }
  }
}
