import Faces
import TestSupport
import Testing

@Suite struct FollowerTests {
  private let scene: RGBPicture
  private let mesh: FaceMesh
  private let finder: FaceFinder

  init() throws {
    scene = try picture(Drawn.near.file)
    finder = try makeFinder()
    mesh = try #require(finder.find(in: scene).first).mesh
  }

  /// Lends a picture's samples as a frame.
  private func withFrame<Result>(
    _ picture: RGBPicture, _ body: (PictureView) throws -> Result
  ) throws -> Result {
    var samples = picture.samples
    return try samples.withUnsafeMutableBytes { bytes in
      try body(
        PictureView(bytes, width: picture.width, height: picture.height, channels: 3))
    }
  }

  /// The scene moved to the right, its edge repeated.
  private func moved(by x: Int) throws -> RGBPicture {
    var samples = scene.samples
    for row in 0..<scene.height {
      for column in 0..<scene.width {
        let from = (row * scene.width + max(0, column - x)) * 3
        let to = (row * scene.width + column) * 3
        samples.replaceSubrange(to..<to + 3, with: scene.samples[from..<from + 3])
      }
    }
    return try RGBPicture(width: scene.width, height: scene.height, samples: samples)
  }

  @Test func standsStillWhereNothingMoves() throws {
    let follower = try withFrame(scene) { try FaceFollower($0, mesh: mesh) }
    let meshes = try (0..<3).map { _ in
      try withFrame(scene) { try follower.follow($0, with: finder) }
    }
    #expect(meshes.allSatisfy { $0 == meshes[0] && $0 != nil })
  }

  @Test(arguments: [2, 8, 24])
  func keepsUpWithMovement(step: Int) throws {
    let follower = try withFrame(scene) { try FaceFollower($0, mesh: mesh) }
    var last: FaceMesh?
    for turn in 1...4 {
      last = try withFrame(try moved(by: turn * step)) { try follower.follow($0, with: finder) }
    }
    let eyes = try #require(last).measures.eyes
    // Less than a fiftieth of the eyes' distance behind.
    #expect(abs(eyes.left.x - Drawn.near.left.x - Double(4 * step)) < 4)
    #expect(abs(eyes.left.y - Drawn.near.left.y) < 4)
  }

  @Test func losesAFaceThatIsGone() throws {
    let follower = try withFrame(scene) { try FaceFollower($0, mesh: mesh) }
    let empty = try RGBPicture(
      width: scene.width, height: scene.height,
      samples: [UInt8](repeating: 90, count: scene.samples.count))
    #expect(try withFrame(empty) { try follower.follow($0, with: finder) } == nil)
  }

  @Test func tellsOnePersonFromAnother() throws {
    let other = try #require(finder.find(in: scene).last).mesh
    let follower = try withFrame(scene) { try FaceFollower($0, mesh: mesh) }
    func likeness(_ picture: RGBPicture, _ mesh: FaceMesh) throws -> Double {
      try withFrame(picture) { try follower.likeness(of: mesh, in: $0) }
    }
    #expect(try likeness(scene, mesh) > 0.99)
    #expect(try likeness(scene, other) < 0.75)
    var there = mesh
    for index in stride(from: 0, to: there.places.count, by: 3) { there.places[index] += 60 }
    #expect(try likeness(moved(by: 60), there) > 0.95)
  }
}
