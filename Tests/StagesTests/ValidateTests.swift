import Core
import Pipelines
import Processing
import Stages
import Testing

/// A rule that a file breaks, with what must be said.
struct BrokenRule: Sendable, CustomTestStringConvertible {
  var rules: Validate
  var scene: (width: Int, height: Int)
  var says: [String]
  var faces = 1
  var testDescription: String { says.joined(separator: " + ") }
}

@Suite struct ValidateTests {
  static let wide = (width: 640, height: 480)

  static let broken: [BrokenRule] = [
    BrokenRule(
      rules: Validate(minimumSide: 481), scene: wide,
      says: [
        "scene: 640x480 pixels; each side must be at least 481",
        "face: 64x64 pixels; each side must be at least 481",
      ]),
    BrokenRule(
      rules: Validate(maximumSide: 639), scene: wide,
      says: ["scene: 640x480 pixels; each side must be at most 639"]),
    BrokenRule(
      rules: Validate(maximumPixels: 307_199), scene: wide,
      says: ["scene: 307200 pixels; at most 307199 allowed"]),
    BrokenRule(
      rules: Validate(maximumSize: ByteSize(bytes: 32)), scene: wide,
      says: ["scene: 33 B; at most 32B allowed", "face: 33 B; at most 32B allowed"]),
    BrokenRule(
      rules: Validate(maximumAspect: 1.33), scene: wide,
      says: ["scene: aspect ratio 1.33; at most 1.33 allowed"]),
    BrokenRule(
      rules: Validate(maximumAspect: 2), scene: (100, 301),
      says: ["scene: aspect ratio 3.01; at most 2.0 allowed"]),
    BrokenRule(
      rules: Validate(formats: [.jpg, .webp]), scene: wide,
      says: [
        "scene: png; allowed: jpg, webp", "face: png; allowed: jpg, webp",
      ]),
    BrokenRule(
      rules: Validate(minimumFaces: 2), scene: wide,
      says: ["scene: 1 face found; at least 2 required"]),
    BrokenRule(
      rules: Validate(maximumFaces: 0), scene: wide,
      says: ["scene: 1 face found; at most 0 allowed"]),
    BrokenRule(
      rules: Validate(faceRequired: true), scene: wide,
      says: ["face: no face found; one is required"],
      faces: 0),
    BrokenRule(
      rules: Validate(minimumFaces: 1, faceRequired: true), scene: wide,
      says: ["scene: 0 faces found; at least 1 required", "face: no face found; one is required"],
      faces: 0),
    BrokenRule(
      rules: Validate(
        minimumSide: 65, maximumPixels: 300_000, formats: [.gif]), scene: wide,
      says: [
        "scene: 307200 pixels; at most 300000 allowed", "scene: png; allowed: gif",
        "face: 64x64 pixels; each side must be at least 65", "face: png; allowed: gif",
      ]),
  ]

  func run(_ rule: BrokenRule, _ world: Line) async throws -> Run {
    let line = Pipeline {
      Fetch(maximumSize: .megabytes(1))
      rule.rules
    }
    let item = Item(
      id: "one", scene: try world.file("s.png", picture(rule.scene.width, rule.scene.height)),
      face: try world.file("f.png", picture(64, 64)))
    return try await world.run(line, [item])
  }

  @Test(arguments: broken)
  func saysWhatWasFoundAndWhatWanted(rule: BrokenRule) async throws {
    let world = try Line(media: FakeMedia(faces: rule.faces))
    let error = try await run(rule, world).error()
    #expect(error.code == .rejected)
    #expect(error.place == "validate")
    #expect(error.message == rule.says.joined(separator: "; ") + ".")
  }

  @Test func whatIsExactlyWithinEveryRulePasses() async throws {
    let rules = Validate(
      minimumSide: 64, maximumSide: 640, maximumPixels: 307_200,
      maximumSize: ByteSize(bytes: 33), maximumAspect: 4.0 / 3, formats: [.png], minimumFaces: 1,
      maximumFaces: 1, faceRequired: true)
    let world = try Line()
    let run = try await run(BrokenRule(rules: rules, scene: Self.wide, says: []), world)
    #expect(try run.asset().stages.last?.note == "every rule met, 1 face in the scene")
  }

  @Test(arguments: [true, false])
  func everyPixelIsDecodedWhereThatIsWanted(complete: Bool) async throws {
    let world = try Line()
    let rules = Validate(complete: complete)
    _ = try await run(BrokenRule(rules: rules, scene: Self.wide, says: []), world).asset()
    let decoded = world.media.asked.filter { ($0 as? ProbeRequest)?.decodesFully == true }
    #expect(decoded.count == (complete ? 2 : 0))
  }

  @Test func nothingIsDecodedOfWhatBreaksARule() async throws {
    let world = try Line()
    let rules = Validate(minimumSide: 1_000, minimumFaces: 1)
    _ = try await run(BrokenRule(rules: rules, scene: Self.wide, says: []), world).error()
    for request in world.media.asked {
      guard let probe = request as? ProbeRequest else {
        Issue.record("only headers were to be read")
        continue
      }
      #expect(!probe.decodesFully)
    }
  }
}
