import CWebP

/// Composes the frames of an animated WebP, one after the other; the canvas begins clear, whatever
/// background colour the file names, as browsers do it. Not `Sendable`: one thread at a time.
package final class AnimationDecoder {
  private let decoder: OpaquePointer
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  /// Columns of the canvas.
  package let width: Int
  /// Rows of the canvas.
  package let height: Int
  /// How many frames there are.
  package let frames: Int

  /// A decoder of the file whose bytes are `content`.
  package init(_ content: [UInt8]) throws(WebPError) {
    bytes = .allocate(capacity: max(1, content.count))
    _ = bytes.initialize(from: content)
    var options = WebPAnimDecoderOptions()
    var data = WebPData(bytes: UnsafePointer(bytes.baseAddress), size: content.count)
    var info = WebPAnimInfo()
    guard WebPAnimDecoderOptionsInit(&options) != 0 else {
      bytes.deallocate()
      throw WebPError(
        operation: "WebPAnimDecoderOptionsInit", detail: "another version is installed")
    }
    options.color_mode = MODE_RGBA
    options.use_threads = 1
    guard let made = WebPAnimDecoderNew(&data, &options) else {
      bytes.deallocate()
      throw WebPError(
        operation: "WebPAnimDecoderNew", detail: "its chunks are not those of an animation")
    }
    decoder = made
    WebPAnimDecoderGetInfo(made, &info)
    (width, height) = (Int(info.canvas_width), Int(info.canvas_height))
    frames = Int(info.frame_count)
  }

  deinit {
    WebPAnimDecoderDelete(decoder)
    bytes.deallocate()
  }

  /// Copies the next frame into `samples`: RGBA of 8 bits with straight alpha, rows from top to bottom
  /// without gaps. False behind the last one.
  package func next(into samples: UnsafeMutableRawBufferPointer) throws(WebPError) -> Bool {
    guard WebPAnimDecoderHasMoreFrames(decoder) != 0 else { return false }
    var canvas: UnsafeMutablePointer<UInt8>?
    var time: Int32 = 0
    guard WebPAnimDecoderGetNext(decoder, &canvas, &time) != 0, let canvas else {
      throw WebPError(operation: "WebPAnimDecoderGetNext", detail: "its pixels are damaged")
    }
    samples.copyMemory(from: UnsafeRawBufferPointer(start: canvas, count: width * height * 4))
    return true
  }
}
