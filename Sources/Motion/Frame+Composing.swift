import Vips
import Zimg

extension Frame {
  /// This frame with every sample zero: transparent black.
  func cleared() -> Frame {
    pixels.initializeMemory(as: UInt8.self, repeating: 0)
    return self
  }

  /// Mixes clear and half-clear pixels with a colour of 8-bit samples.
  func flatten(onto background: [UInt8]) {
    for at in stride(from: 0, to: pixels.count, by: 4) {
      let alpha = Int(pixels[at + 3])
      guard alpha < 255 else { continue }
      for band in 0..<3 {
        let under = band < background.count ? Int(background[band]) : 255
        let mixed = Int(pixels[at + band]) * alpha + under * (255 - alpha)
        pixels[at + band] = UInt8((mixed + 127) / 255)
      }
      pixels[at + 3] = 255
    }
  }

  /// The same picture with samples of its own, mixed with a colour where it is clear.
  func flattened(onto background: [UInt8]) -> Frame {
    let result = Frame(width: width, height: height, start: start, duration: duration)
    result.pixels.copyMemory(from: UnsafeRawBufferPointer(pixels))
    result.flatten(onto: background)
    return result
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

  /// The same picture with times of its own; the samples are shared.
  var copied: Frame { Frame(sharing: self) }

  /// Whether no pixel is clear or half clear.
  var isOpaque: Bool {
    let samples = pixels.assumingMemoryBound(to: UInt32.self)
    return (0..<width * height).allSatisfy { samples[$0] >= 0xFF00_0000 }
  }

  /// The same picture at another size.
  func scaled(width: Int, height: Int) throws -> Frame {
    guard width != self.width || height != self.height else { return self }
    let result = Frame(width: width, height: height, start: start, duration: duration)
    if isOpaque,
      Lanczos.scale(
        UnsafeRawBufferPointer(pixels), width: self.width, height: self.height, bands: 4,
        into: result.pixels, width: width, height: height)
    {
      return result
    }
    let image = try Image.fromSamples(
      Array(UnsafeRawBufferPointer(pixels)), width: self.width, height: self.height, bands: 4)
    let samples = try image.resized(width: width, height: height).samples()
    result.pixels.copyBytes(from: samples)
    return result
  }
}
