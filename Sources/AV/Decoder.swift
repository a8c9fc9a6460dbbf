import CAV
import Glibc

/// Decodes one stream of a file. Not `Sendable`: one thread at a time.
package final class Decoder {
  let context: UnsafeMutablePointer<AVCodecContext>
  private let input: InputFile
  private let base: AVRational
  private let start: Int64
  /// The stream that is decoded.
  package let facts: StreamFacts
  private let packet: Packet
  private var isDrained = false

  private let deinterlacer = Deinterlacer()

  /// How many threads decode: libavcodec's own choice is one more than there are cores, which is slower by a tenth
  /// where each picture waits for the one before it.
  package static let usualThreads = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

  /// A decoder that uses `threads` threads, as many as there are cores unless told otherwise. Pictures of more than
  /// `maximumPixels`, which a video may come to behind its header, are an error.
  package init(
    _ input: InputFile, _ facts: StreamFacts, threads: Int = Decoder.usualThreads,
    maximumPixels: Int? = nil
  ) throws(AVError) {
    guard let stream = input.stream(facts.index) else {
      throw AVError(.open, operation: "stream", detail: "there is no stream \(facts.index)")
    }
    let parameters = stream.pointee.codecpar
    guard let codec = Self.codec(facts, parameters?.pointee.codec_id ?? AV_CODEC_ID_NONE),
      InputFile.codecs.contains(String(cString: codec.pointee.name))
    else {
      throw AVError(
        .missing, operation: "avcodec_find_decoder",
        detail: "there is no decoder for \(facts.codec)")
    }
    var made = avcodec_alloc_context3(codec)
    guard let context = made else {
      throw AVError(.memory, "avcodec_alloc_context3", swapline_av_no_memory())
    }
    packet = try Packet()
    avcodec_parameters_to_context(context, parameters)
    context.pointee.thread_count = Int32(threads)
    if let maximumPixels { context.pointee.max_pixels = Int64(maximumPixels) }
    context.pointee.pkt_timebase = stream.pointee.time_base
    let status = avcodec_open2(context, codec, nil)
    guard status >= 0 else {
      avcodec_free_context(&made)
      throw AVError(.missing, "avcodec_open2", status)
    }
    self.context = context
    self.input = input
    self.facts = facts
    base = stream.pointee.time_base
    let first = stream.pointee.start_time
    start = first == swapline_av_no_time() ? 0 : first
  }

  deinit {
    var freeing: UnsafeMutablePointer<AVCodecContext>? = context
    avcodec_free_context(&freeing)
  }

  /// The decoder of the stream. libavcodec's own ones for VP8 and VP9 know no opacity.
  private static func codec(
    _ facts: StreamFacts, _ id: AVCodecID
  ) -> UnsafePointer<AVCodec>? {
    guard facts.hasAlphaApart else { return avcodec_find_decoder(id) }
    return avcodec_find_decoder_by_name(id == AV_CODEC_ID_VP8 ? "libvpx" : "libvpx-vp9")
  }

  /// The next picture or piece of sound; nil behind the last one.
  package func next() throws(AVError) -> DecodedFrame? {
    let frame = try DecodedFrame()
    while true {
      try input.cancellation.check("avcodec_receive_frame")
      switch try receive(into: frame) {
      case .frame: return try deinterlacer.apply(frame)
      case .end: return nil
      case .hungry: try feed()
      }
    }
  }

  private func feed() throws(AVError) {
    while true {
      guard try input.read(into: packet) else { return try send(nil) }
      if packet.stream == facts.index { return try send(packet) }
    }
  }

  /// Hands over the next packet of the stream, or nil behind the last one, for `received`.
  package func send(_ packet: Packet?) throws(AVError) {
    guard !isDrained else {
      throw AVError(.damaged, operation: "avcodec_send_packet", detail: "no more packets")
    }
    isDrained = packet == nil
    context.pointee.skip_frame = discard(for: packet)
    let status = avcodec_send_packet(context, packet?.pointer)
    guard status >= 0 || status == swapline_av_again() || isDrained else {
      throw AVError(.damaged, "avcodec_send_packet", status)
    }
  }

  /// What is decoded of the packets sent so far; nil when there is nothing more.
  package func received() throws(AVError) -> DecodedFrame? {
    let frame = try DecodedFrame()
    try input.cancellation.check("avcodec_receive_frame")
    return try receive(into: frame) == .frame ? deinterlacer.apply(frame) : nil
  }

  private enum Receipt {
    case frame
    case hungry
    case end
  }

  private func receive(into frame: DecodedFrame) throws(AVError) -> Receipt {
    let status = avcodec_receive_frame(context, frame.pointer)
    if status == swapline_av_end() { return .end }
    if status == swapline_av_again() { return .hungry }
    guard status >= 0 else { throw AVError(.damaged, "avcodec_receive_frame", status) }
    let time = frame.pointer.pointee.best_effort_timestamp
    frame.start = time == swapline_av_no_time() ? nil : microseconds(time - start, base)
    let length = frame.pointer.pointee.pkt_duration
    frame.duration = length > 0 ? microseconds(length, base) : nil
    return .frame
  }

  /// Leaves out what need not be decoded for the pictures from `time` on, in microseconds since the
  /// stream's start: pictures that end before it and that no other one is coded from. Nil leaves
  /// nothing out.
  package var wanted: Int64?
  /// Whether only key frames are decoded.
  package var decodesKeyFramesOnly = false

  private func discard(for packet: Packet?) -> AVDiscard {
    if decodesKeyFramesOnly { return AVDISCARD_NONKEY }
    guard let wanted, let packet, packet.duration > 0 else { return AVDISCARD_DEFAULT }
    let time = packet.pointer.pointee.pts
    guard time != swapline_av_no_time(), let start = microseconds(time - start, base) else {
      return AVDISCARD_DEFAULT
    }
    return start + packet.duration <= wanted ? AVDISCARD_NONREF : AVDISCARD_DEFAULT
  }

  /// Goes to the key frame at or before `time`, in microseconds, and decodes from there.
  package func seek(to time: Int64) throws(AVError) {
    try input.seek(to: time, stream: facts.index)
    avcodec_flush_buffers(context)
    deinterlacer.reset()
    isDrained = false
  }
}
