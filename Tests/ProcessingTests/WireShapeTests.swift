import Core
import InProcess
import Testing

@testable import Processing

@Suite struct WireShapeTests {
  struct Small: Codable { var a: Int }
  struct Renamed: Codable { var b: Int }
  struct Maybe: Codable { var a: Int? }
  struct Many: Codable { var a: [Int] }
  struct Text: Codable { var a: String }
  struct More: Codable { var (a, b) = (0, 0) }
  struct Nested: Codable { var a: Small }
  struct Words: Codable { var a: MediaKind }
  struct OtherWords: Codable { var a: MetadataPolicy }
  enum Cases: Codable {
    case one(Int)
    case two(name: String)
    enum CodingKeys: CodingKey, CaseIterable { case one, two }
  }
  enum OtherCases: Codable {
    case one(Int)
    case two(title: String)
    enum CodingKeys: CodingKey, CaseIterable { case one, two }
  }

  @Test func everyDifferenceOfTheJSONIsOneOfTheShape() throws {
    let types: [any Decodable.Type] = [
      Small.self, Renamed.self, Maybe.self, Many.self, Text.self, More.self, Nested.self,
      Words.self, OtherWords.self, Cases.self, OtherCases.self,
    ]
    let shapes = try types.map { try WireShape.text(of: $0) }
    #expect(Set(shapes).count == types.count, "\(shapes)")
  }

  @Test func aShapeNamesFieldsAndCasesAllTheWayDown() throws {
    #expect(try WireShape.text(of: Cases.self) == ";one=_0:Int,;two=name:String,")
    let shape = try WireShape.text(of: RenderRequest.self)
    for part in [
      "renditions:*", "content:", ";strip=frames:Int,columns:Int,", "inside|cover|attention",
      "jpg|png|webp", "?region:x:Int,", "decoding:maximumPixels:Int,",
    ] {
      #expect(shape.contains(part), "\(part) is missing in \(shape)")
    }
  }

  enum Silent: Codable {
    case one(Int)
  }
  enum SilentWord: String, Codable {
    case one
  }

  @Test func aTypeThatDoesNotSayWhatItIsIsAnError() {
    #expect(throws: DecodingError.self) { try WireShape.text(of: Silent.self) }
    #expect(throws: DecodingError.self) { try WireShape.text(of: SilentWord.self) }
  }

  @Test func everyKindOfWorkHasANameAndAVersionOfItsOwn() throws {
    let versions = try InProcessMedia.kinds.map { try $0.version }
    #expect(Set(versions).count == versions.count)
    #expect(versions == (try InProcessMedia.kinds.map { try $0.version }), "it never changes")
    #expect(versions.allSatisfy { $0.count == 16 })
  }

  @Test(arguments: InProcessMedia.kinds) func workIsReadBackAsItWas(kind: any MediaWork.Type) throws
  {
    let works: [any MediaWork] = [
      ProbeRequest(file: "/a"), ProbeAllRequest([ProbeRequest(file: "/a")]),
      FindFacesRequest(file: "/a"), MeasureRequest(file: "/a"),
      NormalizeRequest(file: "/a", output: "/b", limits: MediaLimits(maximumSide: 3)),
      RenderRequest(
        file: "/a",
        renditions: [
          RenditionRequest(
            output: "/b.png", format: .png, content: .strip(frames: 3, columns: 2))
        ]),
      SwapRequest(scene: "/a", face: "/c", output: "/b.png"),
      CompareFacesRequest(
        scene: "/a", result: "/b", face: "/c",
        weights: try EngineWeights(embedder: #filePath, range: .signed)),
      CheckNetworkRequest(
        model: try EngineWeights.File(path: #filePath), embedder: nil, inputs: ["/a"],
        expected: "/b"),
      ExtractFramesRequest(file: "/a", output: "/b"),
      ReplaceFramesRequest(
        original: "/a", pictures: .stills(["/c"], order: [0, nil]), output: "/b.gif", format: .gif),
      CapabilitiesRequest(),
    ]
    let work = try #require(works.first { type(of: $0) == kind })
    var bytes = try WireFrame.bytes(PoolMessage.perform(id: 7, SentWork(work)))
    let message: PoolMessage? = try WireFrame.take(from: &bytes, kinds: [kind.name: kind])
    guard case .perform(7, let sent) = message else {
      Issue.record("\(message as Any) is something else")
      return
    }
    let isEqual = Self.isEqual(work, sent.work)
    #expect(isEqual)
    var again = try WireFrame.bytes(PoolMessage.perform(id: 7, SentWork(work)))
    #expect(throws: DecodingError.self) {
      let _: PoolMessage? = try WireFrame.take(from: &again, kinds: [:])
    }
  }

  private static func isEqual<Work: MediaWork>(_ work: Work, _ other: any MediaWork) -> Bool {
    other as? Work == work
  }
}
