import CFaces

/// A picture in memory: rows of red, green and blue, 8 bits a sample, without padding.
package struct RGBPicture: Sendable, Hashable {
  /// Columns.
  package let width: Int
  /// Rows.
  package let height: Int
  /// `width * height * 3` samples from the upper left corner on, row by row.
  package private(set) var samples: [UInt8]

  /// A picture from its samples; throws `.argument` when they are not `width * height * 3`, or
  /// when a side is not between 1 and 65535.
  package init(width: Int, height: Int, samples: [UInt8]) throws(FacesError) {
    guard (1...65_535).contains(width), (1...65_535).contains(height) else {
      throw FacesError(.argument, "the picture's size is \(width)x\(height)")
    }
    guard samples.count == width * height * 3 else {
      throw FacesError(
        .argument, "the picture has \(samples.count) samples instead of \(width * height * 3)")
    }
    self.width = width
    self.height = height
    self.samples = samples
  }

  /// Red, green and blue of one pixel within the picture.
  package subscript(x: Int, y: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
    let at = (y * width + x) * 3
    return (samples[at], samples[at + 1], samples[at + 2])
  }

  /// Lends the samples to C for reading.
  func withPicture(_ body: (FacesPicture) throws(FacesError) -> Void) throws(FacesError) {
    try samples.withUnsafeBufferPointer { buffer throws(FacesError) in
      guard let base = buffer.baseAddress else { return }
      try body(
        FacesPicture(
          samples: base, width: Int32(width), height: Int32(height), channels: 3, stride: width * 3)
      )
    }
  }

  /// Lends the samples as they lie in memory.
  mutating func withSamples<Result>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try samples.withUnsafeMutableBytes(body)
  }

  /// Lends the samples to C for writing.
  mutating func withCanvas(_ body: (FacesCanvas) throws(FacesError) -> Void) throws(FacesError) {
    let (width, height) = (width, height)
    try samples.withUnsafeMutableBufferPointer { buffer throws(FacesError) in
      guard let base = buffer.baseAddress else { return }
      try body(
        FacesCanvas(
          samples: base, width: Int32(width), height: Int32(height), channels: 3, stride: width * 3)
      )
    }
  }
}
