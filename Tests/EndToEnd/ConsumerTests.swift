import Core
import Foundation
import Testing

/// Uses Swapline as another package would: from a tagged git repository, by `import Swapline`.
///
/// The repository and the other package are kept below `.build`, so that only what has changed since the
/// last time is compiled.
@Suite(.serialized) struct ConsumerTests {
  private static let place = Workshop.root.appending(path: ".build/consumer")

  @Test func anotherPackageComposesAndRuns() async throws {
    let workshop = try Workshop()
    var build = try? await built()
    if build?.status != 0 {
      // What a broken-off run has left may be at fault.
      try FileManager.default.removeItem(at: Self.place)
      build = try await built()
    }
    let end = try #require(build)
    try #require(
      end.status == 0, "\(end.output.suffix(4_000))\n\(end.messages.suffix(4_000))")
    // What pkg-config says of GLib's threads is no matter of the code.
    let warnings = (end.output + end.messages).split(separator: "\n").filter {
      $0.contains("warning:") && !$0.contains("prohibited flag")
    }
    #expect(warnings == [])
    let consumer = Self.place.appending(path: "consumer")
    let out = workshop.path("out")
    let run = try await execute(
      consumer.appending(path: ".build/debug/app").path,
      [fixture("scenes/portrait.jpg"), fixture("faces/ada.jpg"), out])
    #expect(run.status == 0, "\(run.output)\n\(run.messages)")
    #expect(run.output.contains("done portrait 256"), "\(run.output)\n\(run.messages)")
    #expect(workshop.names(in: "out/portrait").contains("result-256.webp"))
    #expect(workshop.names(in: "out/portrait").contains("result-square.jpg"))

    // A wrong order must not compile, and the compiler must say what to do.
    for (name, message) in [
      ("SwapTooEarly", "put Host(to:) before it"), ("FetchMissing", "begins with Fetch()"),
      ("NormalizeTooLate", "put it before Host(to:)"), ("TwoSwaps", "remove the second Swap"),
    ] {
      let wrong = try await execute("swift", ["build", "--target", name], in: consumer)
      #expect(wrong.status != 0, "\(name) compiled")
      #expect((wrong.output + wrong.messages).contains(message), "\(name): \(wrong.output)")
    }
  }

  private func built() async throws -> Finished {
    try await publish(to: Self.place.appending(path: "swapline"))
    let consumer = try writeConsumer()
    let update = try await execute("swift", ["package", "update"], in: consumer)
    guard update.status == 0 else { return update }
    return try await execute("swift", ["build", "--product", "app"], in: consumer)
  }

  // The tracked files as they are now, committed and tagged in a repository of their own. What has not
  // changed is not touched.
  private func publish(to folder: URL) async throws {
    let listing = try await execute(
      "git", ["ls-files", "-co", "--exclude-standard"], in: Workshop.root)
    var wanted: [String: Data] = [:]
    var links: [String: String] = [:]
    for path in listing.output.split(separator: "\n").map(String.init) {
      // The schema, because a link among the sources leads to it.
      let taken = ["Sources/", "Tests/TestSupport/", "Package.swift", "pipelines/schema.json"]
      guard taken.contains(where: path.hasPrefix) else { continue }
      let source = Workshop.root.appending(path: path)
      if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: source.path) {
        links[path] = target
      } else if let data = try? Data(contentsOf: source) {
        wanted[path] = data
      }
    }
    // Test targets want their folders.
    let manifest = String(decoding: wanted["Package.swift"] ?? Data(), as: UTF8.self)
    for line in manifest.split(separator: "\n") where line.contains("tests(\"") {
      guard let name = line.split(separator: "\"").dropFirst().first else { continue }
      wanted["Tests/\(name)/Empty.swift"] = Data("\n".utf8)
    }
    func git(_ arguments: String...) async throws -> String {
      let end = try await execute("git", arguments, in: folder)
      guard end.status == 0 else {
        throw SwaplineError(.internal, "git \(arguments): \(end.messages)")
      }
      return end.output
    }
    if !FileManager.default.fileExists(atPath: folder.path) {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      _ = try await git("init", "-q")
    }
    for path in try await git("ls-files").split(separator: "\n").map(String.init)
    where wanted[path] == nil && links[path] == nil {
      try FileManager.default.removeItem(at: folder.appending(path: path))
    }
    for (path, data) in wanted { try Self.write(data, to: folder.appending(path: path)) }
    for (path, target) in links {
      let link = folder.appending(path: path).path
      guard (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) != target else {
        continue
      }
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
    }
    _ = try await git("add", "-A")
    guard try await !git("status", "--porcelain").isEmpty else { return }
    _ = try await git(
      "-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "-qm", "all")
    let versions = try await git("tag").split(separator: "\n").count
    _ = try await git("tag", "1.0.\(versions)")
  }

  private static func write(_ data: Data, to file: URL) throws {
    if let there = try? Data(contentsOf: file), there == data { return }
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }

  private func writeConsumer() throws -> URL {
    let folder = Self.place.appending(path: "consumer")
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
        dependencies: [.package(url: "../swapline", from: "1.0.0")],
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
        Square(side: 200)
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
    // A stage that is written outside of Swapline, as the documentation shows it.
    files["Sources/app/Square.swift"] = try DocumentationTests.blocks(
      of: "docs/library/own-stage.md"
    )
    .first { $0.file == "Square.swift" }?.text
    for (name, stages) in wrong {
      files["Sources/\(name)/Wrong.swift"] =
        "import Swapline\n\npublic let wrong = Pipeline {\n \(stages)\n}\n"
    }
    for (path, text) in files { try Self.write(Data(text.utf8), to: folder.appending(path: path)) }
    return folder
  }
}
