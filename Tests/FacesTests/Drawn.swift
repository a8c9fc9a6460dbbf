import Core
import Faces
import Imaging
import Processing
import TestSupport

/// A fixture together with what its drawing says about one of its faces.
struct Drawn: Sendable, CustomStringConvertible {
  /// The path below `fixtures`.
  let file: String
  /// The pupils.
  let left: PixelPoint
  let right: PixelPoint
  /// Its place among the picture's faces by size.
  var index = 0

  var description: String { "\(file)#\(index)" }

  /// From pupil to pupil, in pixels.
  var distance: Double {
    let x = right.x - left.x, y = right.y - left.y
    return (x * x + y * y).squareRoot()
  }

  init(_ file: String, _ left: (Double, Double), _ right: (Double, Double), index: Int = 0) {
    self.file = file
    self.left = PixelPoint(x: left.0, y: left.1)
    self.right = PixelPoint(x: right.0, y: right.1)
    self.index = index
  }

  // The drawings put the pupils 45 units beside the place of a person; the scale is theirs too.
  static let ada = Drawn("faces/ada.jpg", (250.25, 352), (389.75, 352))
  static let ben = Drawn("faces/ben.jpg", (250.25, 352), (389.75, 352))
  static let near = Drawn("scenes/two-people.jpg", (337.9, 345), (462.1, 345))
  static let far = Drawn("scenes/two-people.jpg", (789.1, 340), (880.9, 340), index: 1)
  static let cutout = Drawn("formats/alpha.png", (93.9, 132), (146.1, 132))
  static let gray = Drawn("formats/gray.jpg", (93.8, 132), (146.2, 132))
  // Rolled by 15 degrees around a point 120 units below the eyes.
  static let rolled = Drawn("scenes/rolled.jpg", (391.4, 338.7), (521.8, 373.6))

  static let all = [ada, ben, near, far, cutout, gray, rolled]
}

/// The samples of a fixture.
func picture(_ file: String) throws -> RGBPicture {
  let pixels = try ImagingService().pixels(
    of: fixture(file), limits: DecodingGuard(), cancellation: Cancellation())
  return try RGBPicture(width: pixels.width, height: pixels.height, samples: pixels.rgb)
}

/// A finder with the networks of this machine.
func makeFinder() throws -> Faces.FaceFinder {
  let networks = EngineNetworks()
  return try Faces.FaceFinder(detector: networks.read(.detector), mesh: networks.read(.mesh))
}
