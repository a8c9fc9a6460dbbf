import CAV
import Cancelling

/// A video or animation that is read. Not `Sendable`: one thread at a time.
///
/// Only files are opened, never what a file refers to; only the formats and codecs of the lists
/// below are tried, whatever else the installed libav knows.
package final class InputFile {
  /// The containers that are read, by libavformat's names.
  package static let formats = ["mov", "mp4", "matroska", "webm", "bmp_pipe"]
  /// The codecs that are decoded, by libavcodec's names of decoders.
  package static let codecs = [
    "h264", "hevc", "vp8", "vp9", "libvpx", "libvpx-vp9", "libdav1d", "libaom-av1", "av1", "mpeg4",
    "mjpeg", "png", "prores", "bmp", "aac", "mp3", "mp3float", "opus", "libopus",
    "vorbis", "mpeg1video", "mpeg2video", "h263", "dvvideo", "dnxhd", "qtrle", "ffv1", "amrnb",
    "amrwb",
    "mp2", "mp2float", "pcm_u8", "pcm_s32le", "pcm_mulaw", "pcm_alaw", "flac", "alac", "ac3",
    "eac3", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_f32le",
  ]

  let context: UnsafeMutablePointer<AVFormatContext>
  private let watch: Watch
  /// Every stream of the file.
  package let streams: [StreamFacts]

  /// Opens the file at `path` and reads what stands before its pictures. `format` is libavformat's
  /// name of its format where that is known: its own guess looks at the first bytes only, where an
  /// animated PNG with long texts looks like a still one.
  package init(
    _ path: String, format: String? = nil, options: [String: String] = [:],
    cancellation: Cancellation
  ) throws(AVError) {
    AVLibrary.quieten()
    guard let made = avformat_alloc_context() else {
      throw AVError(.memory, "avformat_alloc_context", swapline_av_no_memory())
    }
    let watch = Watch(cancellation)
    swapline_av_watch(made, stopsWhenCancelled, Unmanaged.passUnretained(watch).toOpaque())
    var dictionary: OpaquePointer?
    defer { av_dict_free(&dictionary) }
    var all = options
    all["protocol_whitelist"] = "file"
    all["format_whitelist"] = Self.formats.joined(separator: ",")
    all["codec_whitelist"] = Self.codecs.joined(separator: ",")
    for (name, value) in all { av_dict_set(&dictionary, name, value, 0) }
    var opened: UnsafeMutablePointer<AVFormatContext>? = made
    // Frees what it was given when it fails.
    let known = format.flatMap { av_find_input_format($0) }
    let status = avformat_open_input(&opened, "file:" + path, known, &dictionary)
    guard status >= 0, let opened else { throw AVError(.open, "avformat_open_input", status) }
    context = opened
    self.watch = watch
    let found = avformat_find_stream_info(opened, nil)
    streams = (0..<Int(opened.pointee.nb_streams)).compactMap { index in
      opened.pointee.streams[index].map { StreamFacts($0, of: opened) }
    }
    guard found >= 0 else { throw AVError(.damaged, "avformat_find_stream_info", found) }
  }

  deinit {
    var closing: UnsafeMutablePointer<AVFormatContext>? = context
    avformat_close_input(&closing)
  }

  /// What stops reading; another one for a file that goes on to another owner.
  package var cancellation: Cancellation {
    get { watch.cancellation }
    set { watch.cancellation = newValue }
  }

  /// What the file says about the whole video, by libavformat's name for it, such as `copyright`.
  package func tag(_ name: String) -> String? {
    av_dict_get(context.pointee.metadata, name, nil, 0).map { String(cString: $0.pointee.value) }
  }

  /// How long the whole lasts, in microseconds; nil where nothing says so.
  package var duration: Int64? {
    let time = context.pointee.duration
    return time > 0 ? microseconds(time, microseconds) : nil
  }

  /// The stream of pictures that players show.
  package var video: StreamFacts? { best(AVMEDIA_TYPE_VIDEO, .video) }

  /// The stream of sound that players play.
  package var audio: StreamFacts? { best(AVMEDIA_TYPE_AUDIO, .audio) }

  private func best(_ type: AVMediaType, _ kind: StreamFacts.Kind) -> StreamFacts? {
    let index = Int(av_find_best_stream(context, type, -1, -1, nil, 0))
    return streams.first { $0.index == index && $0.kind == kind }
      ?? streams.first { $0.kind == kind }
  }

  func stream(_ index: Int) -> UnsafeMutablePointer<AVStream>? {
    context.pointee.streams[index]
  }

  /// Reads the next packet of any stream into `packet`; false behind the last one.
  package func read(into packet: Packet) throws(AVError) -> Bool {
    try cancellation.check("av_read_frame")
    av_packet_unref(packet.pointer)
    let status = av_read_frame(context, packet.pointer)
    if status == swapline_av_end() { return false }
    guard status >= 0 else { throw AVError(.damaged, "av_read_frame", status) }
    if let base = stream(packet.stream)?.pointee.time_base {
      packet.start = microseconds(packet.pointer.pointee.pts, base)
      packet.duration = microseconds(packet.pointer.pointee.duration, base) ?? 0
    }
    return true
  }

  /// When the first stream starts, in microseconds of the file's own clock.
  package var start: Int64 {
    let time = context.pointee.start_time
    return time == swapline_av_no_time() ? 0 : time
  }

  /// Passes over packets of all streams but these, without handing them out.
  package func keepOnly(_ indices: Set<Int>) {
    for index in 0..<Int(context.pointee.nb_streams) where !indices.contains(index) {
      context.pointee.streams[index]?.pointee.discard = AVDISCARD_ALL
    }
  }

  /// When the key frame at or before `time` is shown, both in microseconds since the start of the
  /// stream `index`; nil where the container has no index of them.
  package func keyFrame(before time: Int64, stream index: Int) -> Int64? {
    guard let stream = stream(index) else { return nil }
    let base = stream.pointee.time_base
    let start = stream.pointee.start_time == swapline_av_no_time() ? 0 : stream.pointee.start_time
    let target = av_rescale_q(time, microseconds, base) + start
    guard let entry = avformat_index_get_entry_from_timestamp(stream, target, AVSEEK_FLAG_BACKWARD)
    else { return nil }
    return microseconds(entry.pointee.timestamp - start, base)
  }

  /// How many packets of a stream the container's own list has, how many of them lie within the first
  /// `size` bytes, and when the first one begins that does not, in microseconds since the stream's
  /// start. Only mp4 and mov list every packet.
  package func extent(
    of index: Int, within size: Int64
  ) -> (there: Int, all: Int, end: Int64?) {
    guard let stream = stream(index) else { return (0, 0, nil) }
    let all = Int(avformat_index_get_entries_count(stream))
    var (there, end) = (0, Int64?.none)
    for number in 0..<all {
      guard let entry = avformat_index_get_entry(stream, Int32(number)) else { continue }
      if entry.pointee.pos + Int64(entry.pointee.size) <= size {
        there += 1
      } else {
        end = min(end ?? .max, entry.pointee.timestamp)
      }
    }
    let first = avformat_index_get_entry(stream, 0)?.pointee.timestamp ?? 0
    return (there, all, end.flatMap { microseconds(max(0, $0 - first), stream.pointee.time_base) })
  }

  /// Goes to the key frame at or before `time`, in microseconds, of the stream `index`.
  package func seek(to time: Int64, stream index: Int) throws(AVError) {
    guard let stream = stream(index) else { return }
    let start = stream.pointee.start_time == swapline_av_no_time() ? 0 : stream.pointee.start_time
    let target = av_rescale_q(time, microseconds, stream.pointee.time_base) + start
    let status = av_seek_frame(context, Int32(index), target, AVSEEK_FLAG_BACKWARD)
    guard status >= 0 else { throw AVError(.damaged, "av_seek_frame", status) }
  }
}
