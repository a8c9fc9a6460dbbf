import CAV

/// The installed libav libraries.
package enum AVLibrary {
  /// Loads them, where that was put off until they are called.
  package static func load() { _ = (avformat_version(), swscale_version()) }

  /// The version of libavformat that is linked, such as `59.27.100`.
  package static var version: String {
    let number = avformat_version()
    return "\(number >> 16).\(number >> 8 & 0xFF).\(number & 0xFF)"
  }
}

extension AVLibrary {
  /// libav prints what it thinks of a file to standard error, for people in front of a terminal;
  /// what matters comes back as errors.
  static func quieten() { av_log_set_level(AV_LOG_QUIET) }

  /// Whether the installed libavcodec has a decoder, by its own name.
  package static func decodes(_ codec: String) -> Bool {
    avcodec_find_decoder_by_name(codec) != nil
  }

  /// Whether the installed libavcodec has an encoder, by its own name.
  package static func encodes(_ codec: String) -> Bool {
    avcodec_find_encoder_by_name(codec) != nil
  }
}
