import CAV

/// The installed libav libraries.
public enum AVLibrary {
  /// The version of libavformat that is linked, such as `59.27.100`.
  public static var version: String {
    let number = avformat_version()
    return "\(number >> 16).\(number >> 8 & 0xFF).\(number & 0xFF)"
  }
}
