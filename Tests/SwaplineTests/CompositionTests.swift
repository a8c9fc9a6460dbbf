import Swapline
import Testing

/// A composition in Swift and the same lines in a file say the same, right or wrong.
@Suite struct CompositionTests {
  /// A stage in both forms.
  struct Pair: Sendable, CustomTestStringConvertible {
    var yaml: String
    var swift: Pipeline
    var testDescription: String { yaml }

    init<Line: Finishable>(
      _ yaml: String, @PipelineBuilder _ line: () -> Composition<Line>
    ) {
      self.yaml = yaml
      swift = Pipeline("p", line)
    }

    var file: PipelineFile {
      PipelineFile(
        text: "version: 1\nname: p\nstages:\n  - fetch\n  - \(yaml)\n", file: "p.yaml",
        vocabulary: .standard)
    }
  }

  private static func normalize(_ yaml: String, _ stage: Normalize) -> Pair {
    Pair("normalize: { \(yaml) }") {
      Fetch()
      stage
    }
  }

  @Test(arguments: [
    normalize(
      "formats: [jpg], maximum_side: 100",
      Normalize(
        limits: MediaLimits(formats: [.jpg], maximumSide: 100))),
    normalize("srgb: false", Normalize(limits: MediaLimits(requiresSRGB: false))),
    normalize(
      "upright: false, bit_depth: 16",
      Normalize(
        limits: MediaLimits(maximumBitDepth: 16, requiresUpright: false))),
    normalize("for: crun", Normalize(for: .crun())),
    normalize(
      "for: crun, srgb: false, even_sides: false",
      Normalize(
        for: .crun(), limits: MediaLimits(requiresSRGB: false, requiresEvenSides: false))),
    normalize(
      "maximum_duration: 5s, trim: true",
      Normalize(
        limits: MediaLimits(maximumDuration: .seconds(5)), trims: true)),
    normalize("for: none", Normalize()),
  ])
  func whatIsSaidInBothFormsIsOnePlan(pair: Pair) throws {
    let pipeline = try #require(pair.file.pipeline, "\(pair.file.findings)")
    #expect(Plan(pipeline) == Plan(pair.swift))
    #expect(pair.swift.problems.isEmpty)
  }

  @Test func limitsThatAreSetLaterKeepTheUsualOnes() {
    var stage = Normalize()
    stage.limits = MediaLimits(maximumSide: 9)
    #expect(stage.limits == Normalize(limits: MediaLimits(maximumSide: 9)).limits)
    #expect(stage.limits.requiresSRGB == true && stage.limits.maximumBitDepth == 8)
    stage.limits.requiresSRGB = false
    #expect(stage.limits.requiresSRGB == false)
  }

  static let wrong: [Pair] = [
    normalize("maximum_side: 0", Normalize(limits: MediaLimits(maximumSide: 0))),
    normalize("maximum_aspect: 0.5", Normalize(limits: MediaLimits(maximumAspect: 0.5))),
    normalize("bit_depth: 4", Normalize(limits: MediaLimits(maximumBitDepth: 4))),
    normalize("formats: []", Normalize(limits: MediaLimits(formats: []))),
    normalize(
      "minimum_side: 9, maximum_side: 8",
      Normalize(
        limits: MediaLimits(maximumSide: 8, minimumSide: 9))),
    normalize("for: nobody", Normalize(for: .provider("nobody"))),
    Pair("thumbnails: { sides: [0] }") {
      Fetch()
      Thumbnails(sides: [0])
    },
    Pair("thumbnails: { sides: [] }") {
      Fetch()
      Thumbnails(sides: [])
    },
    Pair("thumbnails: { quality: 101 }") {
      Fetch()
      Thumbnails(sides: [64], quality: 101)
    },
    Pair("convert: { to: [heic] }") {
      Fetch()
      Convert(to: [.heic])
    },
    Pair("resize: { name: 'a b', width: 9 }") {
      Fetch()
      Resize(name: "a b", width: 9, height: nil)
    },
    Pair("contact_sheet: { frames: 0 }") {
      Fetch()
      ContactSheet(frames: 0)
    },
    Pair("previews: { sides: [9000] }") {
      Fetch()
      Previews(sides: [9_000])
    },
    Pair("validate: { minimum_side: 9, maximum_side: 8 }") {
      Fetch()
      Validate(minimumSide: 9, maximumSide: 8)
    },
  ]

  @Test(arguments: wrong)
  func whatIsOutOfRangeIsRefusedBeforeAnythingIsFetched(pair: Pair) async throws {
    let inFile = try #require(pair.file.findings.first, "check takes it")
    let inSwift = try #require(pair.swift.problems.first, "the composition takes it")
    #expect(inSwift.message.contains(inFile.message), "\(inSwift) \(inFile)")
    #expect(inSwift.message.hasPrefix(String(pair.yaml.prefix { $0 != ":" })))
    let desk = try Desk()
    let error = await #expect(throws: SwaplineError.self) {
      _ = try await desk.run(pair.swift, [try desk.item("one")])
    }
    #expect(error?.message == inSwift.message)
    #expect(!FileSystem.exists(desk.path + "/out/one"), "something was done")
  }

  /// A stage of a program's own, as its author writes it.
  struct Frame: FinishingStage {
    var text = "frame"
    init() {}
    static let declaration = StageDeclaration<Frame>(
      "frame", "Notes a text.", example: "frame: { text: gold }",
      parameters: [Parameter("text", \.text, "What is noted.")])
    func finish(_ asset: Asset, main: Media, in context: StageContext) async throws -> Asset {
      context.note(text)
      return asset
    }
  }

  @Test func aProgramsOwnStageIsNamedInAFile() async throws {
    let words = Vocabulary.standard.adding(stages: [StageType(finishing: Frame.self)])
    let text = "version: 1\nname: own\nstages:\n  - fetch\n  - frame: { text: gold }\n"
    let file = PipelineFile(text: text, file: "own.yaml", vocabulary: words)
    let pipeline = try #require(file.pipeline, "\(file.findings)")
    let desk = try Desk()
    let asset = try #require(try await desk.run(pipeline, [try desk.item("one")]).assets.first)
    #expect(asset.stages.last?.note == "gold")
    #expect(try JSONText.line(PipelineSchema.document(words)).contains(#""const":"frame""#))
    // Whoever does not know the stage says so.
    #expect(PipelineFile(text: text, file: "own.yaml", vocabulary: .standard).pipeline == nil)
    #expect(words.stages.filter { $0.name == "fetch" }.count == 1)
  }
}
