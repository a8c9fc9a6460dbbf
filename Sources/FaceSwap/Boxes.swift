import Faces
import Processing

extension FoundFace {
  /// The same face in a picture that is `scale` times as large.
  func scaled(by scale: Double) -> FoundFace {
    var copy = self
    copy.mesh = mesh.scaled(by: scale)
    copy.box = PixelBox(
      x: Int((Double(box.x) * scale).rounded()), y: Int((Double(box.y) * scale).rounded()),
      width: Int((Double(box.width) * scale).rounded()),
      height: Int((Double(box.height) * scale).rounded()))
    return copy
  }

  /// The part of the face's box that lies within the picture.
  func clipped(to size: (width: Int, height: Int)) -> FaceBox {
    let left = min(max(0, box.x), size.width), top = min(max(0, box.y), size.height)
    let right = min(max(left, box.x + box.width), size.width)
    let bottom = min(max(top, box.y + box.height), size.height)
    return FaceBox(x: left, y: top, width: right - left, height: bottom - top, score: score)
  }
}

/// The smallest box of pixels that differ between two pictures of one size; both are alike outside
/// `box`. Without any difference it is empty and stands at the box's corner.
func difference(_ one: RGBPicture, _ other: RGBPicture, within box: PixelBox) -> FaceBox {
  var left = Int.max, right = Int.min, top = Int.max, bottom = Int.min
  for y in box.y..<box.y + box.height {
    let row = y * one.width
    for x in box.x..<box.x + box.width {
      let at = (row + x) * 3
      guard (at..<at + 3).contains(where: { one.samples[$0] != other.samples[$0] }) else {
        continue
      }
      left = min(left, x)
      right = max(right, x)
      top = min(top, y)
      bottom = max(bottom, y)
    }
  }
  guard left <= right else { return FaceBox(x: box.x, y: box.y, width: 0, height: 0, score: 0) }
  return FaceBox(x: left, y: top, width: right - left + 1, height: bottom - top + 1, score: 0)
}

extension FaceBox {
  /// The smallest box that holds both; an empty one adds nothing.
  func union(_ other: FaceBox) -> FaceBox {
    guard width > 0, height > 0 else { return other }
    guard other.width > 0, other.height > 0 else { return self }
    let (left, top) = (min(x, other.x), min(y, other.y))
    let (right, bottom) = (
      max(x + width, other.x + other.width), max(y + height, other.y + other.height)
    )
    return FaceBox(x: left, y: top, width: right - left, height: bottom - top, score: score)
  }
}
