import Core
import Foundation
import Imaging
import InProcess
import Processing
import TestSupport
import Testing

/// Networks of the user's own, tried with tiny ones that Scripts/make-test-networks writes.
@Suite(.enabled(if: TestNetworks.absence == nil, "\(TestNetworks.absence ?? "")"))
struct OwnNetworksTests {
  static let media = InProcessMedia(width: 2)
  static let face = fixture("faces/ben.jpg")
  static let scene = fixture("scenes/portrait.jpg")

  private func swapped(
    _ model: String, scene: String = scene, face: String = face, _ format: MediaFormat = .png,
    in folder: TemporaryFolder, _ name: String = "result"
  ) async throws -> SwapAnswer {
    try await Self.media.swap(
      SwapRequest(
        scene: scene, face: face, output: folder.file("\(name).\(format)"), format: format,
        weights: try TestNetworks.weights(model)))
  }

  private func pixels(_ file: String) throws -> PixelPicture {
    try ImagingService().pixels(of: file, limits: .init(), cancellation: Cancellation())
  }

  private func compare(
    _ scene: String, _ result: String, face: String? = nil, _ weights: EngineWeights? = nil
  ) async throws -> FaceComparison {
    try await Self.media.compareFaces(
      CompareFacesRequest(scene: scene, result: result, face: face, weights: weights))
  }

  @Test(arguments: [256, 512])
  func aNetworkThatGivesWhatItGetsChangesNoFace(side: Int) async throws {
    let folder = try TemporaryFolder()
    let answer = try await swapped("swap-same-\(side)", in: folder)
    let comparison = try await compare(Self.scene, answer.file)
    #expect(comparison.unchanged == 1, "\(comparison)")
    // It was shown the face, and what it gave was put back in its place.
    #expect(answer.touched.width > 200)
    let (before, after) = (try pixels(Self.scene), try pixels(answer.file))
    let box = answer.touched
    let outside = (0..<before.width * before.height).filter { pixel in
      let (x, y) = (pixel % before.width, pixel / before.width)
      return x < box.x || y < box.y || x >= box.x + box.width || y >= box.y + box.height
    }
    #expect(outside.allSatisfy { before.rgb[$0 * 3] == after.rgb[$0 * 3] })
  }

  @Test func whatTheNetworkPaintsIsSeenAndIsTheSameEachTime() async throws {
    let folder = try TemporaryFolder()
    let answer = try await swapped("swap-mark-128", in: folder)
    let comparison = try await compare(Self.scene, answer.file)
    #expect(comparison.unchanged == 0, "\(comparison)")
    let again = try await swapped("swap-mark-128", in: folder, "again")
    #expect(again.media.digest == answer.media.digest)
    // The engine's own way is another.
    let own = try await Self.media.swap(
      SwapRequest(scene: Self.scene, face: Self.face, output: folder.file("own.png")))
    #expect(own.media.digest != answer.media.digest)
  }

  @Test func everyFrameOfAGIFGoesThroughTheNetworkAndAStillSceneDoesNotFlicker() async throws {
    let folder = try TemporaryFolder()
    let scene = fixture("moving/still-person.gif")
    let answer = try await swapped("swap-mark-128", scene: scene, .gif, in: folder)
    #expect(answer.frames == 8)
    let split = try await Self.media.split(ExtractFramesRequest(file: answer.file, output: nil))
    let before = try await Self.media.split(ExtractFramesRequest(file: scene, output: nil))
    #expect(split.order == before.order)
    let comparison = try await compare(scene, answer.file)
    #expect((comparison.faced, comparison.unchanged) == (8, 0))
  }

  @Test(arguments: [
    ("broken", "cannot be used"), ("swap-gray", "one picture of 1x3xNxN"),
    ("swap-flat-128", "output 1x3x64x64"), ("swap-nan-128", "NaN"),
    ("embedder-112", "takes a picture and a vector"),
  ])
  func aNetworkThatCannotBeUsedIsNamedWithTheReason(_ name: String, _ reason: String) async throws {
    let folder = try TemporaryFolder()
    let error = await #expect(throws: SwaplineError.self) {
      try await swapped(name, in: folder)
    }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("\(name).onnx") == true, "\(error?.message ?? "")")
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    #expect(error?.hint != nil)
    #expect(folder.names.isEmpty)
  }

  @Test func aFileThatChangedIsRefusedAndOneThatIsAbsentNamed() async throws {
    let folder = try TemporaryFolder()
    let path = folder.file("swap.onnx")
    try FileManager.default.copyItem(atPath: TestNetworks.file("swap-same-128"), toPath: path)
    let weights = try EngineWeights(model: path, embedder: TestNetworks.file("embedder-112"))
    try folder.write("another", to: "swap.onnx")
    let request = SwapRequest(
      scene: Self.scene, face: Self.face, output: folder.file("out.png"), weights: weights)
    let error = await #expect(throws: SwaplineError.self) { try await Self.media.swap(request) }
    #expect(error?.message.contains("has changed") == true)
    #expect(throws: SwaplineError.self) {
      try EngineWeights(model: "/nowhere.onnx", embedder: TestNetworks.file("embedder-112"))
    }
    let alone = #expect(throws: SwaplineError.self) {
      try EngineWeights(model: TestNetworks.file("swap-same-128"))
    }
    #expect(alone?.message.contains("no embedder") == true)
  }

  @Test func anotherNetworkHasAnotherIdentity() throws {
    let one = try TestNetworks.weights("swap-same-128")
    #expect(try TestNetworks.weights("swap-same-128").identity == one.identity)
    #expect(try TestNetworks.weights("swap-mark-128").identity != one.identity)
    var other = one
    other.range = .signed
    #expect(other.identity != one.identity)
  }

  @Test func likenessIsTheCosineOfTheEmbeddersVectors() async throws {
    let folder = try TemporaryFolder()
    var weights = try TestNetworks.weights("swap-mark-128")
    weights.model = nil
    let own = try await Self.media.swap(
      SwapRequest(scene: Self.scene, face: Self.face, output: folder.file("own.png")))
    let comparison = try await compare(Self.scene, own.file, face: Self.face, weights)
    let (likeness, before) = (
      try #require(comparison.likeness), try #require(comparison.sceneLikeness)
    )
    #expect((-1...1).contains(likeness) && (-1...1).contains(before))
    // The scene beside itself is the same person to any embedder.
    let same = try await compare(Self.scene, Self.scene, face: Self.face, weights)
    #expect(try #require(same.sceneLikeness) > 0.999)
    #expect(
      likeness < before, "the engine keeps the scene's colours, of which this embedder thinks")
    // Nothing is said where there is no embedder.
    #expect(try await compare(Self.scene, own.file).likeness == nil)
  }

  @Test func aRecordedOutputIsComparedNumberByNumber() async throws {
    let folder = try TemporaryFolder()
    let picture = (0..<3 * 128 * 128).map { Float($0 % 97) / 97 }
    let identity = (0..<48).map { Float($0) / 48 }
    var recorded = picture
    recorded[7] += 0.25
    try folder.write(TestNetworks.array([1, 3, 128, 128], picture), to: "picture.npy")
    try folder.write(TestNetworks.array([1, 48], identity), to: "identity.npy")
    try folder.write(TestNetworks.array([1, 3, 128, 128], recorded), to: "recorded.npy")
    let model = try EngineWeights.File(path: TestNetworks.file("swap-same-128"))
    func check(_ inputs: [String], _ expected: String) async throws -> NetworkCheck {
      try await Self.media.checkNetwork(
        CheckNetworkRequest(
          model: model, embedder: nil, inputs: inputs.map { folder.file($0) },
          expected: folder.file(expected)))
    }
    let same = try await check(["identity.npy", "picture.npy"], "picture.npy")
    #expect((same.count, same.largest, same.mean) == (3 * 128 * 128, 0, 0))
    let other = try await check(["picture.npy", "identity.npy"], "recorded.npy")
    #expect(abs(other.largest - 0.25) < 1e-6)
    #expect(abs(other.mean * Double(other.count) - 0.25) < 1e-6)
    let error = await #expect(throws: SwaplineError.self) {
      try await check(["picture.npy"], "picture.npy")
    }
    #expect(error?.message.contains("an identity of 1x48") == true, "\(error?.message ?? "")")
  }
}

extension TestNetworks {
  static func weights(_ model: String) throws -> EngineWeights {
    try EngineWeights(model: file(model), embedder: file("embedder-112"))
  }
}
