import Core
import Processing
import Vips

/// Finds the faces of the upright picture in a file.
package typealias FaceFinder =
  @Sendable (_ request: FindFacesRequest, _ cancellation: Cancellation) throws -> [FaceBox]

/// Cuts a scaled picture to its box, or pads it to one.
struct Framing {
  let rendition: RenditionRequest
  let placement: Placement
  /// The whole picture before it was scaled, in which faces are counted.
  let picture: Size

  /// The picture in its box.
  func apply(to image: Image, faces: [FaceBox]) throws(VipsError) -> Image {
    let kept = placement.kept
    switch rendition.fit {
    case .pad:
      guard let width = rendition.width, let height = rendition.height else { return image }
      return try image.padded(width: width, height: height, background: rendition.background)
        .inMemory()
    case .inside:
      return image
    case .attention where kept != placement.scaled:
      return try image.croppedToAttention(width: kept.width, height: kept.height)
    case .cover, .attention, .face:
      guard kept != placement.scaled else { return image }
      let corner = corner(faces: rendition.fit == .face ? faces : [])
      return try image.cropped(
        left: corner.left, top: corner.top, width: kept.width, height: kept.height)
    }
  }

  /// The part's upper left corner: around the middle of all faces, or of the picture.
  private func corner(faces: [FaceBox]) -> (left: Int, top: Int) {
    let (scaled, kept) = (placement.scaled, placement.kept)
    var (x, y) = (Double(scaled.width) / 2, Double(scaled.height) / 2)
    if let left = faces.map(\.x).min(), let top = faces.map(\.y).min(),
      let right = faces.map({ $0.x + $0.width }).max(),
      let bottom = faces.map({ $0.y + $0.height }).max()
    {
      x = Double(left + right) / 2 * Double(scaled.width) / Double(picture.width)
      y = Double(top + bottom) / 2 * Double(scaled.height) / Double(picture.height)
    }
    let left = Int(x) - kept.width / 2
    let top = Int(y) - kept.height / 2
    return (
      min(max(0, left), scaled.width - kept.width), min(max(0, top), scaled.height - kept.height)
    )
  }
}
