import CFaces

/// A box of whole pixels; one that a detector gives may stand beyond the picture's edges.
package struct PixelBox: Sendable, Hashable {
  /// Left edge.
  package var x: Int
  /// Upper edge.
  package var y: Int
  /// Width.
  package var width: Int
  /// Height.
  package var height: Int

  /// A box with its upper left corner at `x`, `y`.
  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  init(_ box: FacesBox) {
    self.init(x: Int(box.x), y: Int(box.y), width: Int(box.width), height: Int(box.height))
  }

  var c: FacesBox {
    FacesBox(
      x: Int32(clamping: x), y: Int32(clamping: y), width: Int32(clamping: width),
      height: Int32(clamping: height))
  }
}

/// One found face.
package struct FoundFace: Sendable, Hashable {
  /// From ear to ear, from the upper forehead to the chin.
  package var box: PixelBox
  /// Its points.
  package var mesh: FaceMesh
  /// How sure it is, 0 to 1.
  package var score: Double

  /// A face in `box`.
  package init(box: PixelBox, mesh: FaceMesh, score: Double) {
    self.box = box
    self.mesh = mesh
    self.score = score
  }

  init(_ found: FacesFound) {
    self.init(box: PixelBox(found.box), mesh: FaceMesh(found.mesh), score: found.score)
  }
}

/// A place between pixels; the middle of the upper left pixel is (0, 0).
package struct PixelPoint: Sendable, Hashable {
  /// To the right.
  package var x: Double
  /// Downwards.
  package var y: Double

  /// A place.
  package init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

/// The middles of a face's two eyes. Left and right are the picture's.
package struct EyePoints: Sendable, Hashable {
  /// The eye on the picture's left.
  package var left: PixelPoint
  /// The eye on the picture's right.
  package var right: PixelPoint

  /// Two eyes.
  package init(left: PixelPoint, right: PixelPoint) {
    self.left = left
    self.right = right
  }

  init(_ eyes: FacesEyes) {
    self.init(
      left: PixelPoint(x: eyes.left_x, y: eyes.left_y),
      right: PixelPoint(x: eyes.right_x, y: eyes.right_y))
  }

  var c: FacesEyes {
    FacesEyes(left_x: left.x, left_y: left.y, right_x: right.x, right_y: right.y)
  }
}
