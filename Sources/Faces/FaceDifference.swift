import CFaces

/// How much of a scene became another in a result that shows the same, at any size.
package enum FaceDifference {
  /// For each of `meshes`, faces of `scene`, the mean difference of small squares as a share of the contrast
  /// between them. What brightness and contrast did all over the picture does not count.
  package static func ofFaces(
    _ meshes: [FaceMesh], scene: PictureView, result: PictureView
  ) throws(FacesError) -> [Double] {
    let points = meshes.map(\.c)
    var differences = [Double](repeating: 0, count: meshes.count)
    try points.withUnsafeBufferPointer { points throws(FacesError) in
      guard let first = points.baseAddress else { return }
      try checked {
        faces_difference(
          scene.picture, result.picture, first, Int32(points.count), &differences, $0)
      }
    }
    return differences
  }

  /// How much the part that differs most does so, 0 to 255.
  package static func ofParts(
    scene: PictureView, result: PictureView
  ) throws(FacesError) -> Double {
    var difference = 0.0
    try checked { faces_difference_of_parts(scene.picture, result.picture, &difference, $0) }
    return difference
  }
}

extension RGBPicture {
  /// Lends the picture as a view.
  package mutating func withView<Result>(_ body: (PictureView) throws -> Result) throws -> Result {
    let (width, height) = (width, height)
    return try withSamples { samples in
      try body(PictureView(samples, width: width, height: height, channels: 3))
    }
  }
}
