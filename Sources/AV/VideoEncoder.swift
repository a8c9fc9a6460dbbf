import CAV

/// Encodes pictures of one size. Not `Sendable`: one thread at a time.
package final class VideoEncoder {
  let context: UnsafeMutablePointer<AVCodecContext>
  private let settings: EncoderSettings
  private let packet: Packet
  /// How long frames are shown that are in the encoder, by their time; encoders do not hand it on.
  private var durations: [Int64: Int64] = [:]
  private var last: Int64 = -1

  /// An encoder on every core. `wantsHeaderApart` says that the container stores the header once.
  package init(_ settings: EncoderSettings, for output: OutputFile) throws(AVError) {
    let name = settings.codec == .h264 ? "libx264" : "libvpx-vp9"
    guard let codec = avcodec_find_encoder_by_name(name) else {
      throw AVError(
        .missing, operation: "avcodec_find_encoder", detail: "libavcodec has no \(name)")
    }
    packet = try Packet()
    var made = avcodec_alloc_context3(codec)
    guard let context = made else {
      throw AVError(.memory, "avcodec_alloc_context3", swapline_av_no_memory())
    }
    self.settings = settings
    context.pointee.width = Int32(settings.width)
    context.pointee.height = Int32(settings.height)
    context.pointee.pix_fmt = settings.hasAlpha ? AV_PIX_FMT_YUVA420P : AV_PIX_FMT_YUV420P
    context.pointee.time_base = settings.timeScale.av
    context.pointee.framerate = settings.frameRate.av
    context.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
    settings.colors.tag(context)
    if !settings.usesLaterFrames { context.pointee.max_b_frames = 0 }
    if output.wantsHeaderApart { context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
    Self.tune(context, settings)
    let status = avcodec_open2(context, codec, nil)
    guard status >= 0 else {
      avcodec_free_context(&made)
      throw AVError(.encode, "avcodec_open2", status)
    }
    self.context = context
  }

  deinit {
    var freeing: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&freeing)
  }

  private static func tune(
    _ context: UnsafeMutablePointer<AVCodecContext>, _ settings: EncoderSettings
  ) {
    let own = context.pointee.priv_data
    switch settings.codec {
    case .h264:
      av_opt_set(own, "preset", "veryfast", 0)
      av_opt_set_double(own, "crf", settings.quality, 0)
    case .vp9:
      // libvpx counts from 0 to 63: the same look is about one and a half times x264's number.
      context.pointee.bit_rate = 0
      av_opt_set_double(own, "crf", min(63, (settings.quality * 1.5).rounded()), 0)
      av_opt_set(own, "deadline", "good", 0)
      av_opt_set_int(own, "cpu-used", 4, 0)
      av_opt_set_int(own, "row-mt", 1, 0)
      context.pointee.thread_count = 4
      // libvpx refuses opacity together with frames that are never shown.
      if settings.hasAlpha { av_opt_set_int(own, "auto-alt-ref", 0, 0) }
    }
  }

  /// Encodes `frame`, which is shown at `start` for `duration`, both in microseconds, and hands
  /// packets that are ready to `use`. Starts must rise.
  package func encode(
    _ frame: DecodedFrame, start: Int64, duration: Int64, _ use: (Packet) throws -> Void
  ) throws {
    let base = settings.timeScale.av
    // Two frames in one unit of time would end the encoder.
    let time = max(last + 1, av_rescale_q(start, microseconds, base))
    last = time
    durations[time] = max(1, av_rescale_q(start + duration, microseconds, base) - time)
    frame.pointer.pointee.pts = time
    frame.pointer.pointee.pict_type = AV_PICTURE_TYPE_NONE
    try send(frame.pointer, use)
  }

  /// Hands what is still in the encoder to `use`.
  package func finish(_ use: (Packet) throws -> Void) throws {
    try send(nil, use)
  }

  private func send(
    _ frame: UnsafeMutablePointer<AVFrame>?, _ use: (Packet) throws -> Void
  ) throws {
    try AV.encode(frame, with: context, into: packet) { packet in
      let time = packet.pointer.pointee.pts
      packet.pointer.pointee.duration = durations.removeValue(forKey: time) ?? 1
      try use(packet)
    }
  }
}
