import CWebP

/// A failed call into libwebp.
package struct WebPError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The function that failed, by libwebp's name.
  package var operation: String
  /// What libwebp says.
  package var detail: String

  package var description: String { "\(operation): \(detail)" }
}

/// Makes an animated WebP from frames that come one after the other; only the encoded ones are
/// kept. Not `Sendable`: one thread at a time.
package final class AnimationEncoder {
  private let encoder: OpaquePointer
  private var config = WebPConfig()
  private let width: Int
  private let height: Int

  /// An encoder of frames of `width` x `height` pixels.
  ///
  /// `loops` is how often it is played, 0 for ever. `quality` is 0 to 100, `effort` 0 to 6. With
  /// `isLossless` quality means effort too.
  package init(
    width: Int, height: Int, loops: Int, quality: Int, effort: Int = 4, isLossless: Bool = false
  ) throws(WebPError) {
    var options = WebPAnimEncoderOptions()
    guard WebPAnimEncoderOptionsInit(&options) != 0, WebPConfigInit(&config) != 0 else {
      throw WebPError(
        operation: "WebPAnimEncoderOptionsInit", detail: "another version is installed")
    }
    options.anim_params.loop_count = Int32(clamping: loops)
    options.anim_params.bgcolor = 0
    guard let made = WebPAnimEncoderNew(Int32(width), Int32(height), &options) else {
      throw WebPError(
        operation: "WebPAnimEncoderNew", detail: "\(width)x\(height) pixels do not fit")
    }
    encoder = made
    self.width = width
    self.height = height
    config.lossless = isLossless ? 1 : 0
    config.quality = Float(quality)
    config.method = Int32(effort)
    config.thread_level = 1
  }

  deinit {
    WebPAnimEncoderDelete(encoder)
  }

  /// Adds a frame that is shown first at `time`, in milliseconds: RGBA of 8 bits with straight
  /// alpha, rows from top to bottom without gaps.
  package func add(_ samples: UnsafeRawBufferPointer, at time: Int) throws(WebPError) {
    var picture = WebPPicture()
    guard WebPPictureInit(&picture) != 0 else {
      throw WebPError(operation: "WebPPictureInit", detail: "another version is installed")
    }
    defer { WebPPictureFree(&picture) }
    picture.use_argb = 1
    picture.width = Int32(width)
    picture.height = Int32(height)
    let bytes = samples.assumingMemoryBound(to: UInt8.self)
    guard samples.count == width * height * 4,
      WebPPictureImportRGBA(&picture, bytes.baseAddress, Int32(width * 4)) != 0
    else { throw WebPError(operation: "WebPPictureImportRGBA", detail: "out of memory") }
    guard WebPAnimEncoderAdd(encoder, &picture, Int32(clamping: time), &config) != 0 else {
      throw failure("WebPAnimEncoderAdd")
    }
  }

  /// The whole file, whose last frame is shown until `time`, in milliseconds, with an XMP packet
  /// where one is given.
  package func finish(at time: Int, xmp: [UInt8]? = nil) throws(WebPError) -> [UInt8] {
    guard WebPAnimEncoderAdd(encoder, nil, Int32(clamping: time), nil) != 0 else {
      throw failure("WebPAnimEncoderAdd")
    }
    var data = WebPData()
    WebPDataInit(&data)
    defer { WebPDataClear(&data) }
    guard WebPAnimEncoderAssemble(encoder, &data) != 0, let bytes = data.bytes else {
      throw failure("WebPAnimEncoderAssemble")
    }
    guard let xmp else { return Array(UnsafeBufferPointer(start: bytes, count: data.size)) }
    return try Self.adding(xmp, to: data)
  }

  private static func adding(_ xmp: [UInt8], to data: WebPData) throws(WebPError) -> [UInt8] {
    var file = data
    guard let mux = WebPMuxCreate(&file, 0) else {
      throw WebPError(operation: "WebPMuxCreate", detail: "out of memory")
    }
    defer { WebPMuxDelete(mux) }
    let status = xmp.withUnsafeBufferPointer { buffer in
      var chunk = WebPData(bytes: buffer.baseAddress, size: buffer.count)
      return WebPMuxSetChunk(mux, "XMP ", &chunk, 1)
    }
    var whole = WebPData()
    WebPDataInit(&whole)
    defer { WebPDataClear(&whole) }
    guard status == WEBP_MUX_OK, WebPMuxAssemble(mux, &whole) == WEBP_MUX_OK,
      let bytes = whole.bytes
    else { throw WebPError(operation: "WebPMuxAssemble", detail: "code \(status.rawValue)") }
    return Array(UnsafeBufferPointer(start: bytes, count: whole.size))
  }

  private func failure(_ operation: String) -> WebPError {
    let text = WebPAnimEncoderGetError(encoder).map { String(cString: $0) } ?? ""
    return WebPError(operation: operation, detail: text)
  }
}
