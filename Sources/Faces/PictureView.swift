import CFaces

/// A picture in memory that somebody else owns and lends: rows of red, green and blue, and an
/// opacity where there are four channels, 8 bits a sample, without padding.
///
/// It is good only as long as the memory is lent. The opacity is neither looked at nor changed.
package struct PictureView {
  /// Columns.
  package let width: Int
  /// Rows.
  package let height: Int
  /// 3 or 4.
  package let channels: Int
  let samples: UnsafeMutablePointer<UInt8>

  /// A view of `samples`; throws `.argument` when they are not `width * height * channels`.
  package init(
    _ samples: UnsafeMutableRawBufferPointer, width: Int, height: Int, channels: Int
  ) throws(FacesError) {
    guard (1...65_535).contains(width), (1...65_535).contains(height), [3, 4].contains(channels),
      samples.count == width * height * channels, let base = samples.baseAddress
    else {
      throw FacesError(
        .argument, "\(samples.count) samples are no picture of \(width)x\(height)x\(channels)")
    }
    self.width = width
    self.height = height
    self.channels = channels
    self.samples = base.assumingMemoryBound(to: UInt8.self)
  }

  var picture: FacesPicture {
    FacesPicture(
      samples: samples, width: Int32(width), height: Int32(height), channels: Int32(channels),
      stride: width * channels)
  }

  var canvas: FacesCanvas {
    FacesCanvas(
      samples: samples, width: Int32(width), height: Int32(height), channels: Int32(channels),
      stride: width * channels)
  }

  /// How sharp `box` is, as `RGBPicture.sharpness` measures it.
  package func sharpness(in box: PixelBox) throws(FacesError) -> Double {
    var sharpness = 0.0
    try checked { faces_sharpness(picture, box.c, &sharpness, $0) }
    return sharpness
  }

  /// A copy of `box`, which lies within the picture, without the opacity. Throws `.argument` for one
  /// that does not.
  package func part(_ box: PixelBox) throws(FacesError) -> RGBPicture {
    guard box.x >= 0, box.y >= 0, box.x + box.width <= width, box.y + box.height <= height else {
      throw FacesError(.argument, "the box lies outside the picture")
    }
    let rgb = [UInt8](unsafeUninitializedCapacity: box.width * box.height * 3) { target, count in
      for row in 0..<box.height {
        let from = samples + ((box.y + row) * width + box.x) * channels
        for column in 0..<box.width {
          for k in 0..<3 {
            target[(row * box.width + column) * 3 + k] = from[column * channels + k]
          }
        }
      }
      count = box.width * box.height * 3
    }
    return try RGBPicture(width: box.width, height: box.height, samples: rgb)
  }

  /// The green of 32 x 32 places, to tell whether two frames show the same.
  package func fingerprint() -> [UInt8] {
    (0..<1_024).map { place in
      let (column, row) = (place % 32, place / 32)
      let x = (2 * column + 1) * width / 64, y = (2 * row + 1) * height / 64
      return samples[(y * width + x) * channels + 1]
    }
  }
}
