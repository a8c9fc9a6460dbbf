import CAV

/// A decoded picture or piece of sound. Not `Sendable`: one thread at a time.
public final class DecodedFrame {
  let pointer: UnsafeMutablePointer<AVFrame>
  /// When it is shown, in microseconds since the stream's start; nil where nothing says so.
  public internal(set) var start: Int64?
  /// How long it is shown, in microseconds, as the container says; nil where it does not.
  public internal(set) var duration: Int64?

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

  /// Columns as stored.
  public var width: Int { Int(pointer.pointee.width) }
  /// Rows as stored.
  public var height: Int { Int(pointer.pointee.height) }
}
