import Core
import Pipelines
import Providers
import Stages
import Testing

/// What can be known before paying is known before paying.
@Suite struct BeforePayingTests {
  /// A file of stages and what is found in it, with line and column.
  struct Wrong: Sendable, CustomTestStringConvertible {
    var stages: String
    var says: String
    var place: (Int, Int)?
    var testDescription: String { says }
  }

  private func file(_ stages: String, provider: String = "{ at: embedded }") -> PipelineFile {
    read("version: 1\nproviders: { crun: \(provider) }\nstages:\n" + stages)
  }

  @Test(arguments: [
    Wrong(
      stages: "  - fetch\n  - resize: { name: shop, width: 9 }\n  - inspect: { file: shpo }",
      says: "makes a file 'shpo'", place: (6, 22)),
    Wrong(
      stages: "  - fetch\n  - inspect: { file: shop }\n  - resize: { name: shop, width: 9 }",
      says: "makes a file 'shop'", place: (5, 22)),
    Wrong(
      stages: "  - fetch\n  - resize: { name: a, width: 9 }\n  - resize: { name: a, width: 8 }",
      says: "writes scene-a.jpg", place: (6, 5)),
    Wrong(
      stages: "  - fetch\n  - thumbnails: { sides: [64] }\n  - thumbnails: { sides: [32, 64] }",
      says: "'thumbnails' before it does too", place: (6, 5)),
    Wrong(
      stages: "  - fetch\n  - resize: { name: shop, width: 900, height: 900 }\n"
        + "  - inspect: { file: shop, minimum_width: 1000 }",
      says: "minimum_width 1000 pixels, and 'shop' has 900 at most", place: (6, 43)),
    Wrong(
      stages: "  - fetch\n  - normalize: { maximum_side: 500 }\n"
        + "  - inspect: { minimum_long_side: 1000 }",
      says: "the main file has 500 at most", place: (6, 35)),
    Wrong(
      stages: "  - fetch\n  - thumbnails: { sides: [64] }\n"
        + "  - inspect: { file: scene-64.webp, formats: [jpg] }",
      says: "formats jpg, and 'scene-64.webp' has webp", place: (6, 46)),
    Wrong(
      stages: "  - fetch\n  - normalize: { formats: [webp] }\n  - inspect: { formats: [jpg, png] }",
      says: "formats jpg, png, and the main file has webp", place: (6, 25)),
    Wrong(
      stages: "  - fetch\n  - host\n  - swap: { provider: crun }\n"
        + "  - convert: { to: [webp] }\n  - convert: { to: [webp, png] }",
      says: "writes result.webp", place: (8, 5)),
  ])
  func checkFindsItAtItsPlace(wrong: Wrong) throws {
    let found = file(wrong.stages)
    let finding = try #require(found.findings.first, "\(wrong.says) was not found")
    #expect(found.findings.count == 1, "\(found.findings)")
    #expect(finding.severity == .error && finding.message.contains(wrong.says), "\(finding)")
    #expect(finding.hint?.isEmpty == false)
    #expect(finding.place?.line == wrong.place?.0 && finding.place?.column == wrong.place?.1)
  }

  @Test(arguments: [
    "  - fetch\n  - resize: { name: shop, width: 9 }\n  - inspect: { file: shop }",
    "  - fetch\n  - resize: { name: shop, width: 9 }\n"
      + "  - inspect: { file: shop, minimum_width: 9, minimum_height: 99 }",
    "  - fetch\n  - normalize: { maximum_side: 500 }\n  - host\n  - swap: { provider: crun }\n"
      + "  - inspect: { minimum_long_side: 1000 }",
    "  - fetch\n  - convert: { to: [jpg] }\n  - inspect: { formats: [jpg, png] }",
    "  - fetch\n  - thumbnails: { sides: [64] }\n  - inspect: { file: scene-64.webp }",
    "  - fetch\n  - thumbnails: { sides: [64] }\n  - thumbnails: { sides: [64], format: png }",
    "  - fetch\n  - thumbnails: { sides: [64] }\n  - host\n  - swap: { provider: crun }\n"
      + "  - thumbnails: { sides: [64] }",
  ])
  func whatIsRightIsNotFound(stages: String) {
    #expect(file(stages).findings.isEmpty, "\(file(stages).findings)")
  }

  @Test(arguments: [
    ("{ at: embedded }", 0), ("{}", 1),
  ])
  func aHostThatTheVendorCannotReachIsAdvice(provider: String, count: Int) {
    let stages = "  - fetch\n  - host: { to: embedded }\n  - swap: { provider: crun }"
    let found = file(stages, provider: provider)
    #expect(found.pipeline != nil)
    #expect(found.advice.count == count)
    #expect(found.advice.allSatisfy { $0.place?.line == 5 && $0.severity == .warning })
  }

  @Test func aVideoOfAStillIsRefusedBeforeItIsPaid() async throws {
    let world = try Line()
    world.provider.answer(status: world.result())
    let line = Pipeline("video") {
      Fetch(maximumSize: .megabytes(1), addresses: .loopback)
      Host(to: .embedded)
      Swap(with: .crun())
      Convert(to: [.png, .mp4])
    }
    let error = try await world.run(line, [world.item()]).error()
    #expect(
      error.place == "convert" && error.hint?.contains("Nothing was paid") == true, "\(error)")
    #expect(world.provider.submissions.isEmpty)
    #expect(try await world.ledger().isEmpty)
  }
}
