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
    let result = try withSamples { source -> Result<Image?, VipsError> in
      do throws(VipsError) {
        return .success(
          try like(width: width, height: height) { target in
            Lanczos.scale(
              source, width: from.width, height: from.height, bands: bands, into: target,
              width: width, height: height)
          })
      } catch {
        return .failure(error)
      }
    }
    if let image = try result.get() { return image }
    return try resized(width: width, height: height).inMemory()
  }
}
