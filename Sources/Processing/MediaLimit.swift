/// The name of a limit, as pipeline files write it: the one vocabulary of what is asked and why
/// something was changed.
public enum MediaLimit: String, Sendable, CaseIterable {
  case formats
  case maximumSize = "maximum_size"
  case maximumSide = "maximum_side"
  case maximumPixels = "maximum_pixels"
  case maximumFrames = "maximum_frames"
  case maximumFrameRate = "maximum_frame_rate"
  case maximumDuration = "maximum_duration"
  case constantFrameRate = "constant_frame_rate"
  case videoCodecs = "video_codecs"
  case audioCodecs = "audio_codecs"
  case evenSides = "even_sides"
  case fastStart = "fast_start"
  case alpha
  case bitDepth = "bit_depth"
  case srgb
  case upright
}

extension MediaLimits {
  /// Why a change is made for `limit`: its name and its value, such as `maximum_side 1024`; the name
  /// alone where it only asks for something, such as `srgb`.
  public func reason(_ limit: MediaLimit) -> String {
    let value: Any? =
      switch limit {
      case .formats: formats?.map(\.name).joined(separator: ", ")
      case .maximumSize: maximumSize
      case .maximumSide: maximumSide
      case .maximumPixels: maximumPixels
      case .maximumFrames: maximumFrames
      case .maximumFrameRate: maximumFrameRate
      case .maximumDuration: maximumDuration
      case .videoCodecs: videoCodecs?.joined(separator: ", ")
      case .audioCodecs: audioCodecs?.joined(separator: ", ")
      case .alpha: allowsAlpha
      case .bitDepth: maximumBitDepth
      case .constantFrameRate, .evenSides, .fastStart, .srgb, .upright: nil
      }
    return value.map { "\(limit.rawValue) \($0)" } ?? limit.rawValue
  }
}
