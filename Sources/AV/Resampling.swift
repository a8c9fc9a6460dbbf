import CAV

/// A set-up way from pictures of one size and pixel format to those of another, on every core.
final class Resampling {
  private struct Shape: Hashable {
    var from: [Int32]
    var to: [Int32]
    var isFull: Bool
    var matrices: [Int32]
  }

  private var context: OpaquePointer?
  private var shape: Shape?

  deinit {
    sws_freeContext(context)
  }

  /// `frame` at another size in another pixel format; `matrices` mix luma and chroma before and
  /// after.
  func apply(
    _ frame: DecodedFrame, width: Int, height: Int, format: AVPixelFormat,
    matrices: (from: Int32, to: Int32)
  ) throws(AVError) -> DecodedFrame {
    let source = frame.pointer.pointee
    let wanted = Shape(
      from: [source.width, source.height, source.format],
      to: [Int32(width), Int32(height), format.rawValue],
      isFull: Self.isFull(source), matrices: [matrices.from, matrices.to])
    if wanted != shape { try setUp(wanted) }
    guard let context else { throw Self.missing }
    let result = try DecodedFrame(width: width, height: height, format: format)
    let status = sws_scale_frame(context, result.pointer, frame.pointer)
    guard status >= 0 else { throw AVError(.damaged, "sws_scale_frame", status) }
    result.start = frame.start
    result.duration = frame.duration
    return result
  }

  private static let missing = AVError(
    .missing, operation: "sws_init_context", detail: "no way between these pixel formats")

  /// Whether samples use all their values, and not those of television.
  static func isFull(_ frame: AVFrame) -> Bool {
    let old = [AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P].map(\.rawValue)
    return frame.color_range == AVCOL_RANGE_JPEG || old.contains(frame.format)
  }

  private func setUp(_ shape: Shape) throws(AVError) {
    sws_freeContext(context)
    guard let made = sws_alloc_context() else {
      throw AVError(.memory, "sws_alloc_context", swapline_av_no_memory())
    }
    context = made
    self.shape = shape
    // What a video encoder keeps does not show the difference to slower filters and roundings.
    let isCoded = Self.isLuma(shape)
    let flags = isCoded ? SWS_BICUBIC : SWS_LANCZOS | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT
    let numbers: [(String, Int32)] = [
      ("srcw", shape.from[0]), ("srch", shape.from[1]), ("src_format", shape.from[2]),
      ("dstw", shape.to[0]), ("dsth", shape.to[1]), ("dst_format", shape.to[2]),
      ("src_range", shape.isFull ? 1 : 0), ("sws_flags", flags),
      // 0 is one for each core.
      ("threads", 0),
    ]
    for (name, number) in numbers {
      av_opt_set_int(UnsafeMutableRawPointer(made), name, Int64(number), 0)
    }
    guard sws_init_context(made, nil, nil) >= 0 else { throw Self.missing }
    let hasColors = shape.matrices[0] != shape.matrices[1] || !Self.isLuma(shape)
    if hasColors || shape.isFull {
      sws_setColorspaceDetails(
        made, sws_getCoefficients(shape.matrices[0]), shape.isFull ? 1 : 0,
        sws_getCoefficients(shape.matrices[1]), Self.isFullOut(shape), 0, 1 << 16, 1 << 16)
    }
  }

  private static func isLuma(_ shape: Shape) -> Bool {
    [shape.from[2], shape.to[2]].allSatisfy { !isRGB($0) }
  }

  private static func isFullOut(_ shape: Shape) -> Int32 { isRGB(shape.to[2]) ? 1 : 0 }

  private static func isRGB(_ format: Int32) -> Bool {
    let flags = av_pix_fmt_desc_get(AVPixelFormat(rawValue: format))?.pointee.flags ?? 0
    return flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0
  }
}
