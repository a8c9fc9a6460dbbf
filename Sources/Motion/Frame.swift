/// One picture of a moving one, whole: earlier frames are composed into it already.
///
/// Pixels are RGBA of 8 bits with straight alpha, rows from top to bottom without gaps:
/// `width * height * 4` bytes. Frames are handed on and not changed by two owners at once.
final class Frame: @unchecked Sendable {
  /// Columns.
  let width: Int
  /// Rows.
  let height: Int
  /// The samples.
  let pixels: UnsafeMutableRawBufferPointer
  /// When it is shown first, in microseconds since the start.
  var start: Int64
  /// How long it is shown, in microseconds.
  var duration: Int64

  /// A frame whose samples are not set yet.
  init(width: Int, height: Int, start: Int64 = 0, duration: Int64 = 0) {
    self.width = width
    self.height = height
    self.start = start
    self.duration = duration
    pixels = .allocate(byteCount: width * height * 4, alignment: 64)
  }

  deinit {
    pixels.deallocate()
  }
}
