import CAV

/// What a container says about one of its streams.
package struct StreamFacts: Sendable, Hashable {
  /// What a stream carries.
  package enum Kind: Sendable, Hashable {
    case video
    case audio
    case subtitles
    /// The cover picture of a music file or video.
    case cover
    /// Time code, attached fonts and whatever else.
    case other
  }

  /// The stream's place in the file.
  package var index: Int
  /// What it carries.
  package var kind: Kind
  /// The codec, in libavcodec's words.
  package var codec: String
  /// Columns as stored, for video.
  package var width: Int
  /// Rows as stored, for video.
  package var height: Int
  /// Frames the container counts; nil where it does not.
  package var frames: Int?
  /// How long it lasts, in microseconds; nil where nothing says so.
  package var duration: Int64?
  /// When it starts, in microseconds of the file's own clock.
  package var start: Int64
  /// Frames a second over the whole, as far as known.
  package var frameRate: Double?
  /// How pictures are turned and mirrored to be seen.
  package var orientation: Orientation
  /// What the display matrix asks for beyond `orientation`; nil where it asks for nothing else.
  package var matrixRemark: String?
  /// The width of a pixel by its height: what the container says, or else the codec.
  package var pixelAspect: Rational
  /// Whether pictures consist of two fields.
  package var isInterlaced: Bool
  /// Bits a sample.
  package var bitDepth: Int
  /// Whether pictures have an opacity.
  package var hasAlpha: Bool
  /// Whether the opacity is coded beside the pictures, as in VP8 and VP9.
  package var hasAlphaApart: Bool
  /// Whether samples are luma and chroma, and not red, green and blue.
  package var isYUV: Bool
  /// What samples of pictures mean once they are of standard dynamic range.
  package var colors: ColorTags
  /// Channels of sound.
  package var channels: Int
  /// Whether the transfer characteristics are PQ or HLG (ITU-R BT.2100).
  package var isHDR: Bool
  /// Whether colours are those of BT.2020, without high dynamic range.
  package var isWide: Bool

  init(
    _ stream: UnsafeMutablePointer<AVStream>, of file: UnsafeMutablePointer<AVFormatContext>
  ) {
    let codec = stream.pointee.codecpar.pointee
    index = Int(stream.pointee.index)
    let isCover = stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0
    kind =
      switch codec.codec_type {
      case AVMEDIA_TYPE_VIDEO: isCover ? .cover : .video
      case AVMEDIA_TYPE_AUDIO: .audio
      case AVMEDIA_TYPE_SUBTITLE: .subtitles
      default: .other
      }
    self.codec = String(cString: avcodec_get_name(codec.codec_id))
    width = Int(codec.width)
    height = Int(codec.height)
    frames = stream.pointee.nb_frames > 0 ? Int(stream.pointee.nb_frames) : nil
    let time = stream.pointee.duration
    duration = time > 0 ? microseconds(time, stream.pointee.time_base) : nil
    start = microseconds(stream.pointee.start_time, stream.pointee.time_base) ?? 0
    frameRate = Rational(stream.pointee.avg_frame_rate).value
    let matrix = Self.matrix(stream)
    orientation = matrix?.orientation ?? .upright
    let aspect = Rational(av_guess_sample_aspect_ratio(file, stream, nil))
    pixelAspect = aspect.value == nil ? Rational(1, 1) : aspect
    matrixRemark = matrix?.remark(aspect: pixelAspect.value ?? 1)
    let order = codec.field_order
    // Which field comes first is the pictures' own word: the stream's is often wrong.
    isInterlaced = [AV_FIELD_TT, AV_FIELD_BB, AV_FIELD_TB, AV_FIELD_BT].contains(order)
    let format = AVPixelFormat(rawValue: codec.format)
    let facts = kind == .video ? av_pix_fmt_desc_get(format) : nil
    bitDepth = facts.map { Int($0.pointee.comp.0.depth) } ?? 8
    let flags = facts?.pointee.flags ?? 0
    hasAlphaApart =
      [AV_CODEC_ID_VP8, AV_CODEC_ID_VP9].contains(codec.codec_id)
      && Self.tag("alpha_mode", stream.pointee.metadata) == "1"
    hasAlpha = flags & UInt64(AV_PIX_FMT_FLAG_ALPHA) != 0 || hasAlphaApart
    let tags = ColorTags(codec)
    colors = tags.made
    isWide = tags.isWide
    channels = Int(codec.ch_layout.nb_channels)
    isYUV = flags & UInt64(AV_PIX_FMT_FLAG_RGB) == 0
    isHDR =
      codec.color_trc == AVCOL_TRC_SMPTE2084 || codec.color_trc == AVCOL_TRC_ARIB_STD_B67
  }

  private static func matrix(_ stream: UnsafeMutablePointer<AVStream>) -> DisplayMatrix? {
    var size = 0
    guard let data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size), size >= 36
    else { return nil }
    return data.withMemoryRebound(to: Int32.self, capacity: 9) { DisplayMatrix($0) }
  }

  private static func tag(_ name: String, _ tags: OpaquePointer?) -> String? {
    av_dict_get(tags, name, nil, 0).map { String(cString: $0.pointee.value) }
  }
}
