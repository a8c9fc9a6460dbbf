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
  /// The frame whose samples these are; nil for its own.
  private let owner: Frame?
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
    owner = nil
    pixels = .allocate(byteCount: width * height * 4, alignment: 64)
  }

  /// The picture of `other`, whose samples it shares.
  init(sharing other: Frame) {
    (width, height, pixels) = (other.width, other.height, other.pixels)
    (start, duration) = (other.start, other.duration)
    owner = other.owner ?? other
  }

  deinit {
    if owner == nil { pixels.deallocate() }
  }
}
