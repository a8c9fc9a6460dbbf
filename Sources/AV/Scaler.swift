import CAV

/// Scales decoded pictures and turns them into red, green, blue and opacity of 8 bits, from high
/// dynamic range too.
/// Not `Sendable`: one thread at a time.
package final class Scaler {
  private var context: OpaquePointer?
  private let toneMap = ToneMap()

  /// A scaler that is set up with the first picture it sees.
  package init() {}

  deinit {
    sws_freeContext(context)
  }

  /// Writes `frame` into `samples`: RGBA, `width * height * 4` bytes, rows without gaps.
  package func scale(
    _ frame: DecodedFrame, width: Int, height: Int, into samples: UnsafeMutableRawBufferPointer
  ) throws(AVError) {
    let frame = try toneMap.apply(frame, width: width, height: height)
    let source = frame.pointer
    let format = AVPixelFormat(rawValue: source.pointee.format)
    let isSame = frame.width == width && frame.height == height
    let flags = isSame ? SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_BICUBIC : SWS_LANCZOS
    context = sws_getCachedContext(
      context, source.pointee.width, source.pointee.height, format, Int32(width), Int32(height),
      AV_PIX_FMT_RGBA, flags | SWS_ACCURATE_RND, nil, nil, nil)
    guard let context else {
      throw AVError(
        .missing, operation: "sws_getContext", detail: "no way from this pixel format to RGBA")
    }
    let matrix = ColorTags(frame).matrix
    let isFull: Int32 = Resampling.isFull(source.pointee) ? 1 : 0
    let table = sws_getCoefficients(matrix)
    sws_setColorspaceDetails(
      context, table, isFull, sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16)
    var planes: [UnsafeMutablePointer<UInt8>?] = [
      samples.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, nil, nil,
    ]
    var strides: [Int32] = [Int32(width * 4), 0, 0, 0]
    let rows = withUnsafePointer(to: &source.pointee.data) { data in
      data.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 8) { planesIn in
        withUnsafePointer(to: &source.pointee.linesize) { sizes in
          sizes.withMemoryRebound(to: Int32.self, capacity: 8) { stridesIn in
            sws_scale(context, planesIn, stridesIn, 0, source.pointee.height, &planes, &strides)
          }
        }
      }
    }
    guard rows >= 0 else { throw AVError(.damaged, "sws_scale", rows) }
  }
}
