import CAV

/// A picture or piece of sound, decoded or about to be encoded. Not `Sendable`: one thread at a time.
package final class DecodedFrame {
  let pointer: UnsafeMutablePointer<AVFrame>
  /// When it is shown, in microseconds since the stream's start; nil where nothing says so.
  package internal(set) var start: Int64?
  /// How long it is shown, in microseconds, as the container says; nil where it does not.
  package internal(set) var duration: Int64?

  init() throws(AVError) {
    var made = av_frame_alloc()
    guard let pointer = made else {
      made = nil
      throw AVError(.memory, "av_frame_alloc", swapline_av_no_memory())
    }
    self.pointer = pointer
  }

  deinit {
    var freeing: UnsafeMutablePointer<AVFrame>? = pointer
    av_frame_free(&freeing)
  }

  /// A picture in libav's pixel format `format`, whose samples are not set yet.
  convenience init(width: Int, height: Int, format: AVPixelFormat) throws(AVError) {
    try self.init()
    pointer.pointee.width = Int32(width)
    pointer.pointee.height = Int32(height)
    pointer.pointee.format = format.rawValue
    // Left to itself, libav puts the planes behind the first one where the widest vectors do not reach.
    let status = av_frame_get_buffer(pointer, 64)
    guard status >= 0 else { throw AVError(.memory, "av_frame_get_buffer", status) }
  }

  /// The same samples without what lies right of `width` columns and below `height` rows.
  package func cropped(width: Int, height: Int) throws(AVError) -> DecodedFrame {
    let result = try DecodedFrame()
    let status = av_frame_ref(result.pointer, pointer)
    guard status >= 0 else { throw AVError(.memory, "av_frame_ref", status) }
    result.pointer.pointee.width = min(pointer.pointee.width, Int32(width))
    result.pointer.pointee.height = min(pointer.pointee.height, Int32(height))
    result.start = start
    result.duration = duration
    return result
  }

  /// Columns as stored.
  package var width: Int { Int(pointer.pointee.width) }
  /// Whether the decoder filled in what it could not decode.
  package var isDamaged: Bool {
    let faults =
      FF_DECODE_ERROR_INVALID_BITSTREAM | FF_DECODE_ERROR_DECODE_SLICES
      | FF_DECODE_ERROR_CONCEALMENT_ACTIVE
    return pointer.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
      || pointer.pointee.decode_error_flags & faults != 0
  }

  /// Rows as stored.
  package var height: Int { Int(pointer.pointee.height) }
}
