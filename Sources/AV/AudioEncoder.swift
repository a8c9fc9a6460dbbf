import CAV

/// Encodes sound anew: resampled and regrouped into the pieces that the encoder takes. Not
/// `Sendable`: one thread at a time.
package final class AudioEncoder {
  /// A codec that sound is encoded with.
  package enum Codec: Sendable, Hashable {
    /// AAC of libavcodec, for mp4, mov and mkv.
    case aac
    /// Opus, for WebM.
    case opus
  }

  let context: UnsafeMutablePointer<AVCodecContext>
  private let packet: Packet
  private var resampler: OpaquePointer?
  private let fifo: OpaquePointer
  /// The time of the next sample, in samples; nil until the first piece of sound came.
  private var next: Int64?

  /// An encoder for what `decoder` gives.
  package init(_ codec: Codec, from decoder: Decoder, for output: OutputFile) throws(AVError) {
    let name = codec == .aac ? "aac" : "libopus"
    guard let encoder = avcodec_find_encoder_by_name(name) else {
      throw AVError(
        .missing, operation: "avcodec_find_encoder", detail: "libavcodec has no \(name)")
    }
    packet = try Packet()
    var made = avcodec_alloc_context3(encoder)
    guard let context = made else {
      throw AVError(.memory, "avcodec_alloc_context3", swapline_av_no_memory())
    }
    let source = decoder.context.pointee
    let channels = min(2, max(1, source.ch_layout.nb_channels))
    let rate: Int32 = codec == .opus ? 48_000 : min(48_000, max(8_000, source.sample_rate))
    context.pointee.sample_rate = rate
    context.pointee.sample_fmt = codec == .opus ? AV_SAMPLE_FMT_FLT : AV_SAMPLE_FMT_FLTP
    swapline_av_channels(&context.pointee.ch_layout, channels)
    context.pointee.bit_rate = Int64(channels) * 80_000
    context.pointee.time_base = AVRational(num: 1, den: rate)
    if output.wantsHeaderApart { context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER }
    let status = avcodec_open2(context, encoder, nil)
    guard status >= 0 else {
      avcodec_free_context(&made)
      throw AVError(.encode, "avcodec_open2", status)
    }
    let setUp = swr_alloc_set_opts2(
      &resampler, &context.pointee.ch_layout, context.pointee.sample_fmt, rate,
      &decoder.context.pointee.ch_layout, source.sample_fmt, source.sample_rate, 0, nil)
    guard setUp >= 0, swr_init(resampler) >= 0,
      let fifo = av_audio_fifo_alloc(context.pointee.sample_fmt, channels, rate)
    else {
      swr_free(&resampler)
      avcodec_free_context(&made)
      throw AVError(.encode, "swr_init", setUp)
    }
    self.context = context
    self.fifo = fifo
  }

  deinit {
    var freeing: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&freeing)
    swr_free(&resampler)
    av_audio_fifo_free(fifo)
  }

  /// Encodes `frame`, whose place in time is `start` microseconds, and hands packets that are ready
  /// to `use`. Gaps are filled with silence and overlaps cut, so that sound stays with pictures.
  package func encode(
    _ frame: DecodedFrame, start: Int64, _ use: (Packet) throws -> Void
  ) throws {
    let rate = Int64(context.pointee.sample_rate)
    let wanted = (start * rate + 500_000) / 1_000_000
    let buffered = Int64(av_audio_fifo_size(fifo))
    var skipped: Int64 = 0
    if let next {
      let apart = wanted - (next + buffered)
      // Below a fiftieth of a second it is rounding, which adds up to nothing.
      if apart > rate / 50 { try silence(apart) }
      if apart < -rate / 50 { skipped = -apart }
    } else {
      self.next = max(0, wanted)
      skipped = max(0, -wanted)
    }
    try resample(frame, skipping: skipped)
    try drain(all: false, use)
  }

  /// Hands what is still in the encoder to `use`.
  package func finish(_ use: (Packet) throws -> Void) throws {
    try resample(nil, skipping: 0)
    try drain(all: true, use)
    try AV.encode(nil, with: context, into: packet, use)
  }

  private func piece(_ samples: Int) throws(AVError) -> DecodedFrame {
    let piece = try DecodedFrame()
    piece.pointer.pointee.nb_samples = Int32(samples)
    piece.pointer.pointee.format = context.pointee.sample_fmt.rawValue
    piece.pointer.pointee.sample_rate = context.pointee.sample_rate
    swapline_av_channels(&piece.pointer.pointee.ch_layout, context.pointee.ch_layout.nb_channels)
    let status = av_frame_get_buffer(piece.pointer, 0)
    guard status >= 0 else { throw AVError(.memory, "av_frame_get_buffer", status) }
    return piece
  }

  private func resample(_ frame: DecodedFrame?, skipping skipped: Int64) throws(AVError) {
    let source = frame?.pointer.pointee.nb_samples ?? 0
    let room = swr_get_out_samples(resampler, source)
    guard room > 0 else { return }
    let piece = try piece(Int(room))
    let count = withPlanes(piece.pointer) { out in
      guard let frame else { return swr_convert(resampler, out, room, nil, 0) }
      return withPlanes(frame.pointer) { planes in
        planes.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 8) {
          swr_convert(resampler, out, room, $0, source)
        }
      }
    }
    guard count >= 0 else { throw AVError(.damaged, "swr_convert", count) }
    piece.pointer.pointee.nb_samples = count
    try store(piece, skipping: min(Int(count), Int(skipped)))
  }

  private func silence(_ samples: Int64) throws(AVError) {
    // A stretch beyond any video's is a broken clock, and would fill the memory.
    let piece = try piece(Int(min(samples, Int64(context.pointee.sample_rate) * 60)))
    let status = withPlanes(piece.pointer) {
      av_samples_set_silence(
        $0, 0, piece.pointer.pointee.nb_samples, context.pointee.ch_layout.nb_channels,
        context.pointee.sample_fmt)
    }
    guard status >= 0 else { throw AVError(.encode, "av_samples_set_silence", status) }
    try store(piece, skipping: 0)
  }

  private func store(_ piece: DecodedFrame, skipping skipped: Int) throws(AVError) {
    let isPlanar = av_sample_fmt_is_planar(context.pointee.sample_fmt) != 0
    let bytes = Int(av_get_bytes_per_sample(context.pointee.sample_fmt))
    let channels = isPlanar ? 1 : Int(context.pointee.ch_layout.nb_channels)
    var planes: [UnsafeMutableRawPointer?] = withPlanes(piece.pointer) { planes in
      (0..<8).map { planes[$0].map { UnsafeMutableRawPointer($0) + skipped * bytes * channels } }
    }
    let count = piece.pointer.pointee.nb_samples - Int32(skipped)
    guard count > 0 else { return }
    let stored = av_audio_fifo_write(fifo, &planes, count)
    guard stored == count else { throw AVError(.memory, "av_audio_fifo_write", stored) }
  }

  private func drain(all: Bool, _ use: (Packet) throws -> Void) throws {
    let size = max(1, Int(context.pointee.frame_size))
    while true {
      let there = Int(av_audio_fifo_size(fifo))
      guard there >= size || all && there > 0 else { return }
      let piece = try piece(min(size, there))
      var planes: [UnsafeMutableRawPointer?] = withPlanes(piece.pointer) { planes in
        (0..<8).map { planes[$0].map { UnsafeMutableRawPointer($0) } }
      }
      av_audio_fifo_read(fifo, &planes, piece.pointer.pointee.nb_samples)
      piece.pointer.pointee.pts = next ?? 0
      next = (next ?? 0) + Int64(piece.pointer.pointee.nb_samples)
      try AV.encode(piece.pointer, with: context, into: packet, use)
    }
  }

}

/// The planes of a frame: as many as channels, where each has its own, else one.
func withPlanes<Result>(
  _ frame: UnsafeMutablePointer<AVFrame>,
  _ body: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Result
) -> Result {
  withUnsafeMutablePointer(to: &frame.pointee.data) {
    $0.withMemoryRebound(to: UnsafeMutablePointer<UInt8>?.self, capacity: 8) { body($0) }
  }
}
