import Core
import FaceSwap
import Faces
import Imaging
import Processing
import TestSupport

/// One engine for all tests: its finders are slow to make.
let engine = LocalSwap()

/// The stored samples of a picture, without any conversion where it is RGB of 8 bits.
func stored(_ file: String) throws -> PixelPicture {
  try ImagingService().pixels(
    of: file, limits: DecodingGuard(), colors: .asStored, cancellation: Cancellation())
}

/// Swaps fixtures.
func swap(
  _ scene: String, _ face: String, index: Int = 0, format: MediaFormat = .png,
  in scratch: TemporaryFolder
) throws -> SwapAnswer {
  try engine.swap(
    SwapRequest(
      scene: fixture(scene), face: fixture(face), faceIndex: index,
      output: scratch.file("result.\(format.name)"), format: format),
    cancellation: Cancellation())
}

extension FaceMesh {
  /// Points that say nothing.
  static let blank = FaceMesh(places: [Float](repeating: 0, count: count * 3))
}

extension FoundFace {
  /// A face of which only the box matters.
  init(box: PixelBox, score: Double) {
    self.init(box: box, mesh: .blank, score: score)
  }
}
