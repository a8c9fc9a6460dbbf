import Vips
import Zimg

extension Image {
  /// Scaled to exactly `width` x `height`, in memory.
  ///
  /// Pictures without opacity go through zimg, which needs a fraction of the time that libvips takes
  /// with its threads and tiles: docs/decisions/stills.md. The others go through libvips.
  func scaled(width: Int, height: Int) throws(VipsError) -> Image {
    guard width != self.width || height != self.height else { return self }
    guard isEightBit, bands == 1 || bands == 3, !hasAlpha else {
      return try resized(width: width, height: height).inMemory()
    }
    let (bands, from) = (bands, (width: self.width, height: self.height))
    var isDone = false
    let samples = try withSamples { source in
      [UInt8](unsafeUninitializedCapacity: width * height * bands) { buffer, count in
        isDone = Lanczos.scale(
          source, width: from.width, height: from.height, bands: bands,
          into: UnsafeMutableRawBufferPointer(buffer), width: width, height: height)
        count = isDone ? width * height * bands : 0
      }
    }
    guard isDone else { return try resized(width: width, height: height).inMemory() }
    return try like(samples, width: width, height: height)
  }
}
