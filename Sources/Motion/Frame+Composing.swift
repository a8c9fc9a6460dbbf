import Vips

extension Frame {
  /// This frame with every sample zero: transparent black.
  func cleared() -> Frame {
    pixels.initializeMemory(as: UInt8.self, repeating: 0)
    return self
  }

  /// Copies `tile` to a place inside this frame.
  func paste(_ tile: Frame, left: Int, top: Int) {
    for row in 0..<min(tile.height, height - top) {
      guard let source = tile.pixels.baseAddress?.advanced(by: row * tile.width * 4),
        let target = pixels.baseAddress?.advanced(by: ((top + row) * width + left) * 4)
      else { continue }
      target.copyMemory(from: source, byteCount: min(tile.width, width - left) * 4)
    }
  }

  /// The same picture, no side longer than `side`.
  func fitted(in side: Int) throws -> Frame {
    let scale = Double(side) / Double(max(width, height))
    guard scale < 1 else { return self }
    return try scaled(
      width: max(1, Int((Double(width) * scale).rounded())),
      height: max(1, Int((Double(height) * scale).rounded())))
  }

  /// The same picture at another size.
  func scaled(width: Int, height: Int) throws -> Frame {
    guard width != self.width || height != self.height else { return self }
    let result = Frame(width: width, height: height, start: start, duration: duration)
    let image = try Image.fromSamples(
      Array(UnsafeRawBufferPointer(pixels)), width: self.width, height: self.height, bands: 4)
    let samples = try image.resized(width: width, height: height).samples()
    result.pixels.copyBytes(from: samples)
    return result
  }
}
