import Imaging

extension Frame {
  /// The same picture after `operations`.
  func operated(_ operations: PixelOperations) throws -> Frame {
    let samples = try operations.applied(
      to: UnsafeRawBufferPointer(pixels), width: width, height: height)
    let result = Frame(width: width, height: height, start: start, duration: duration)
    result.pixels.copyBytes(from: samples)
    return result
  }
}
