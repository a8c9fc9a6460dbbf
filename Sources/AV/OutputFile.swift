import CAV
import Cancelling

/// A video that is written. Not `Sendable`: one thread at a time.
package final class OutputFile {
  /// A container that videos are written in.
  package enum Container: String, Sendable, Hashable {
    case mp4
    case mov
    case webm
    case mkv = "matroska"
  }

  private let context: UnsafeMutablePointer<AVFormatContext>
  private let container: Container
  private let cancellation: Cancellation
  /// What the times of handed-over packets are counted in, by stream of this file.
  private var bases: [AVRational] = []
  /// When the last packet of each stream was to be decoded.
  private var latest: [Int: Int64] = [:]

  /// Creates the file at `path`.
  package init(_ path: String, _ container: Container, cancellation: Cancellation) throws(AVError) {
    AVLibrary.quieten()
    self.cancellation = cancellation
    self.container = container
    guard let made = swapline_av_output(container.rawValue, "file:" + path) else {
      throw AVError(
        .missing, operation: "avformat_alloc_output_context2",
        detail: "libavformat does not write \(container.rawValue)")
    }
    context = made
    let status = avio_open2(&made.pointee.pb, "file:" + path, AVIO_FLAG_WRITE, nil, nil)
    guard status >= 0 else {
      avformat_free_context(made)
      throw AVError(.encode, "avio_open2", status)
    }
  }

  deinit {
    avio_closep(&context.pointee.pb)
    avformat_free_context(context)
  }

  /// Whether encoders keep their header apart from their packets for this container.
  package var wantsHeaderApart: Bool { swapline_av_wants_header_apart(context) != 0 }

  /// A stream like `facts` of `input`, whose packets are copied; its place in this file.
  package func add(copying facts: StreamFacts, of input: InputFile) throws(AVError) -> Int {
    guard let source = input.stream(facts.index) else {
      throw AVError(.open, operation: "stream", detail: "there is no stream \(facts.index)")
    }
    let stream = try added(base: source.pointee.time_base)
    let status = avcodec_parameters_copy(stream.pointee.codecpar, source.pointee.codecpar)
    guard status >= 0 else { throw AVError(.encode, "avcodec_parameters_copy", status) }
    // Tags belong to containers. Players of one maker know HEVC by one of its two tags only.
    let isHEVC = source.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_HEVC
    let hasTags = container == .mp4 || container == .mov
    stream.pointee.codecpar.pointee.codec_tag =
      isHEVC && hasTags ? swapline_av_tag(104, 118, 99, 49) : 0
    stream.pointee.time_base = source.pointee.time_base
    stream.pointee.avg_frame_rate = source.pointee.avg_frame_rate
    stream.pointee.r_frame_rate = source.pointee.r_frame_rate
    // What players see: the container's word counts more than the codec's.
    let aspect = facts.pixelAspect.av
    stream.pointee.sample_aspect_ratio = aspect
    stream.pointee.codecpar.pointee.sample_aspect_ratio = aspect
    stream.pointee.disposition = source.pointee.disposition
    for index in 0..<Int(source.pointee.nb_side_data) {
      let side = source.pointee.side_data[index]
      guard let copy = av_stream_new_side_data(stream, side.type, side.size) else {
        throw AVError(.memory, "av_stream_new_side_data", swapline_av_no_memory())
      }
      copy.update(from: side.data, count: side.size)
    }
    copyTag("language", source, stream)
    // Without it the opacity of VP8 and VP9 is in the file, and no player looks for it.
    copyTag("alpha_mode", source, stream)
    return Int(stream.pointee.index)
  }

  /// A stream of what `encoder` makes; its place in this file.
  package func add(_ encoder: VideoEncoder) throws(AVError) -> Int {
    let index = try add(encoder.context)
    context.pointee.streams[index]?.pointee.avg_frame_rate = encoder.context.pointee.framerate
    return index
  }

  /// A stream of what `encoder` makes; its place in this file.
  package func add(_ encoder: AudioEncoder) throws(AVError) -> Int {
    try add(encoder.context)
  }

  private func add(_ encoder: UnsafeMutablePointer<AVCodecContext>) throws(AVError) -> Int {
    let stream = try added(base: encoder.pointee.time_base)
    let status = avcodec_parameters_from_context(stream.pointee.codecpar, encoder)
    guard status >= 0 else { throw AVError(.encode, "avcodec_parameters_from_context", status) }
    stream.pointee.time_base = encoder.pointee.time_base
    return Int(stream.pointee.index)
  }

  private func added(base: AVRational) throws(AVError) -> UnsafeMutablePointer<AVStream> {
    guard let stream = avformat_new_stream(context, nil) else {
      throw AVError(.memory, "avformat_new_stream", swapline_av_no_memory())
    }
    bases.append(base)
    return stream
  }

  /// The language of a sound is no secret, and players choose by it.
  private func copyTag(
    _ name: String, _ source: UnsafeMutablePointer<AVStream>,
    _ stream: UnsafeMutablePointer<AVStream>
  ) {
    guard let entry = av_dict_get(source.pointee.metadata, name, nil, 0) else { return }
    av_dict_set(&stream.pointee.metadata, name, entry.pointee.value, 0)
  }

  /// Says something about the whole video, by libavformat's name for it, such as `copyright`.
  package func tag(_ name: String, _ value: String) {
    av_dict_set(&context.pointee.metadata, name, value, 0)
  }

  /// Writes what stands before the pictures; streams are fixed from here on.
  package func start() throws(AVError) {
    var options: OpaquePointer?
    defer { av_dict_free(&options) }
    // Where it exists, the index goes before the pictures, so that videos play while they load.
    av_dict_set(&options, "movflags", "+faststart", 0)
    // Nothing of the making is told: no name of the program, no random numbers.
    av_dict_set(&options, "fflags", "+bitexact", 0)
    let status = avformat_write_header(context, &options)
    guard status >= 0 else { throw AVError(.encode, "avformat_write_header", status) }
  }

  /// Writes `packet` into `stream`, `earlier` microseconds before its own time. Takes its bytes.
  package func write(_ packet: Packet, stream index: Int, earlier: Int64 = 0) throws(AVError) {
    try cancellation.check("av_interleaved_write_frame")
    guard let stream = context.pointee.streams[index] else { return }
    let base = bases[index]
    if earlier != 0 {
      let shift = av_rescale_q(earlier, microseconds, base)
      if packet.pointer.pointee.pts != swapline_av_no_time() {
        packet.pointer.pointee.pts -= shift
      }
      if packet.pointer.pointee.dts != swapline_av_no_time() {
        packet.pointer.pointee.dts -= shift
      }
    }
    av_packet_rescale_ts(packet.pointer, base, stream.pointee.time_base)
    keepRising(packet.pointer, stream: index)
    packet.pointer.pointee.stream_index = Int32(index)
    packet.pointer.pointee.pos = -1
    let status = av_interleaved_write_frame(context, packet.pointer)
    guard status >= 0 else { throw AVError(.encode, "av_interleaved_write_frame", status) }
  }

  /// Containers take packets in the order of decoding only; a broken clock must not end the work.
  private func keepRising(_ packet: UnsafeMutablePointer<AVPacket>, stream index: Int) {
    guard packet.pointee.dts != swapline_av_no_time() else { return }
    if let last = latest[index], packet.pointee.dts <= last {
      packet.pointee.dts = last + 1
      if packet.pointee.pts != swapline_av_no_time() {
        packet.pointee.pts = max(packet.pointee.pts, packet.pointee.dts)
      }
    }
    latest[index] = packet.pointee.dts
  }

  /// Writes what comes behind the pictures. The file is whole when this returns, but not synced.
  package func finish() throws(AVError) {
    let status = av_write_trailer(context)
    guard status >= 0 else { throw AVError(.encode, "av_write_trailer", status) }
    let closed = avio_closep(&context.pointee.pb)
    guard closed >= 0 else { throw AVError(.encode, "avio_close", closed) }
  }
}
