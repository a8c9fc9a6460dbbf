import CWebP

/// The installed libwebp.
public enum WebPLibrary {
  /// The version of libwebp's encoder that is linked, such as `1.2.4`.
  public static var version: String {
    let number = WebPGetEncoderVersion()
    return "\(number >> 16).\(number >> 8 & 0xFF).\(number & 0xFF)"
  }
}
