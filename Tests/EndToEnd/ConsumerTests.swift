import Foundation
import Testing

/// Uses Swapline as another package would: from a tagged git repository, by `import Swapline`.
@Suite(.serialized) struct ConsumerTests {
  @Test func anotherPackageComposesAndRuns() async throws {
    let workshop = try Workshop()
    try await publish(to: workshop.folder.appending(path: "swapline"))
    let consumer = try writeConsumer(in: workshop)

    let build = try await execute(
      "swift", ["build", "--product", "app", "-Xcxx", "-O2"], in: consumer)
    try #require(
      build.status == 0, "\(build.output.suffix(4_000))\n\(build.messages.suffix(4_000))")
    let out = workshop.path("out")
    let run = try await execute(
      consumer.appending(path: ".build/debug/app").path,
      [Workshop.fixture("scenes/portrait.jpg"), Workshop.fixture("faces/ada.jpg"), out])
    #expect(run.status == 0, "\(run.output)\n\(run.messages)")
    #expect(run.output.contains("done portrait 256"), "\(run.output)\n\(run.messages)")
    #expect(workshop.names(in: "out/portrait").contains("result-256.webp"))

    // A wrong order must not compile, and the compiler must say what to do.
    for (name, message) in [
      ("SwapTooEarly", "put Host(to:) before it"), ("FetchMissing", "begins with Fetch()"),
      ("NormalizeTooLate", "put it before Host(to:)"), ("TwoSwaps", "remove the second Swap"),
    ] {
      let wrong = try await execute(
        "swift", ["build", "--target", name, "-Xcxx", "-O2"], in: consumer)
      #expect(wrong.status != 0, "\(name) compiled")
      #expect((wrong.output + wrong.messages).contains(message), "\(name): \(wrong.output)")
    }
  }

  // The tracked files as they are now, committed and tagged in a repository of their own.
  private func publish(to folder: URL) async throws {
    let listing = try await execute(
      "git", ["ls-files", "-co", "--exclude-standard"], in: Workshop.root)
    let files = FileManager.default
    for path in listing.output.split(separator: "\n").map(String.init) {
      guard ["Sources/", "Tests/TestSupport/", "Package.swift"].contains(where: path.hasPrefix)
      else { continue }
      let source = Workshop.root.appending(path: path)
      guard (try? files.attributesOfItem(atPath: source.path)) != nil else { continue }
      let target = folder.appending(path: path)
      try files.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try files.copyItem(at: source, to: target)
    }
    // Test targets want their folders.
    let manifest = folder.appending(path: "Package.swift")
    let text = try String(contentsOf: manifest, encoding: .utf8)
    for line in text.split(separator: "\n") where line.contains("tests(\"") {
      guard let name = line.split(separator: "\"").dropFirst().first else { continue }
      let tests = folder.appending(path: "Tests/\(name)")
      try files.createDirectory(at: tests, withIntermediateDirectories: true)
      try Data("\n".utf8).write(to: tests.appending(path: "Empty.swift"))
    }
    for arguments in [
      ["init", "-q"], ["add", "-A"],
      ["-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "-qm", "all"],
      ["tag", "1.0.0"],
    ] {
      let end = try await execute("git", arguments, in: folder)
      try #require(end.status == 0, "git \(arguments): \(end.messages)")
    }
  }

  private func writeConsumer(in workshop: borrowing Workshop) throws -> URL {
    let folder = workshop.folder.appending(path: "consumer")
    let wrong = [
      "SwapTooEarly": "Fetch()\n Swap(with: .crun())",
      "FetchMissing": "Thumbnails(sides: [64])\n Metadata()",
      "NormalizeTooLate": "Fetch()\n Host(to: .embedded)\n Normalize()",
      "TwoSwaps": "Fetch()\n Host(to: .embedded)\n Swap(with: .crun())\n Swap(with: .crun())",
    ]
    var files = [
      "Package.swift": """
      // swift-tools-version: 6.2
      import PackageDescription
      let package = Package(
        name: "consumer",
        dependencies: [.package(url: "\(workshop.path("swapline"))", exact: "1.0.0")],
        targets: [
          .executableTarget(name: "app", dependencies: [
            .product(name: "Swapline", package: "swapline"),
            .product(name: "swapline-media", package: "swapline"),
          ]),
          \(wrong.keys.sorted().map {
              ".target(name: \"\($0)\", dependencies: [.product(name: \"Swapline\", package: \"swapline\")]),"
            }.joined(separator: "\n    "))
        ]
      )
      """,
      "Sources/app/main.swift": """
      import Swapline

      let provider = ProviderReference.crun(at: .embedded)
      let catalog = Pipeline("catalog") {
        Fetch(maximumSize: .megabytes(50))
        Validate(minimumSide: 64)
        Normalize(for: provider)
        Host(to: .embedded)
        Swap(with: provider)
        Thumbnails(sides: [256], format: .webp)
        Metadata()
      }
      let arguments = CommandLine.arguments
      let items = [Item(scene: arguments[1], face: arguments[2])]
      for try await outcome in catalog.run(items, into: arguments[3]) {
        switch outcome {
        case .finished(let asset, _):
          let side = asset.renditions.map { max($0.media.width, $0.media.height) }.max() ?? 0
          print("done", asset.id, side)
        case .failed(_, let error): print("failed", error)
        case .stopped: print("stopped")
        }
      }
      """,
    ]
    for (name, stages) in wrong {
      files["Sources/\(name)/Wrong.swift"] =
        "import Swapline\n\npublic let wrong = Pipeline {\n \(stages)\n}\n"
    }
    for (path, text) in files {
      let file = folder.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return folder
  }
}
