import Core

/// What a provider, a marketplace or a user accepts, as data. A nil limit is no limit; neither is a
/// truth value of false, which differs only where limits replace each other.
///
/// Sides and pixels are those of the upright picture.
public struct MediaLimits: Sendable, Hashable, Codable {
  /// The formats that are taken; nil takes every one.
  public var formats: [MediaFormat]?
  /// The kinds of media that are taken; nil takes every one.
  public var kinds: [MediaKind]?
  /// Maximum file size.
  public var maximumSize: ByteSize?
  /// Maximum side in pixels.
  public var maximumSide: Int?
  /// The shortest either side may be, in pixels.
  public var minimumSide: Int?
  /// The most pixels (width x height) one frame may have.
  public var maximumPixels: Int?
  /// The widest aspect ratio (long side / short side).
  public var maximumAspect: Double?
  /// Whether transparency is taken; nil takes it where the format holds it.
  public var allowsAlpha: Bool?
  /// Maximum bits per sample.
  public var maximumBitDepth: Int?
  /// Whether colours must be sRGB (or untagged, which is read as sRGB).
  public var requiresSRGB: Bool?
  /// Whether the picture must be stored upright, without an EXIF orientation.
  public var requiresUpright: Bool?

  /// The most frames an animation may have.
  public var maximumFrames: Int?
  /// The most frames a second, of animations and videos.
  public var maximumFrameRate: Double?
  /// The longest an animation or video may last.
  public var maximumDuration: TimeSpan?
  /// Whether every frame of a video must be shown for as long as every other.
  public var requiresConstantFrameRate: Bool?
  /// The codecs that a video's pictures may have, in libavcodec's words; nil takes every one.
  public var videoCodecs: [String]?
  /// The codecs that a video's sound may have, in libavcodec's words; nil takes every one.
  public var audioCodecs: [String]?
  /// Whether both sides of a video must be even numbers of pixels.
  public var requiresEvenSides: Bool?
  /// Whether a video's index must stand before its pictures, so that it plays while it loads.
  public var requiresFastStart: Bool?

  /// Limits; what is left out does not limit.
  public init(
    formats: [MediaFormat]? = nil, maximumSize: ByteSize? = nil, maximumSide: Int? = nil,
    minimumSide: Int? = nil, maximumPixels: Int? = nil, maximumAspect: Double? = nil,
    allowsAlpha: Bool? = nil, maximumBitDepth: Int? = nil, requiresSRGB: Bool? = nil,
    requiresUpright: Bool? = nil, kinds: [MediaKind]? = nil, maximumFrames: Int? = nil,
    maximumFrameRate: Double? = nil, maximumDuration: TimeSpan? = nil,
    videoCodecs: [String]? = nil, audioCodecs: [String]? = nil, requiresEvenSides: Bool? = nil,
    requiresFastStart: Bool? = nil, requiresConstantFrameRate: Bool? = nil
  ) {
    self.formats = formats
    self.kinds = kinds
    self.maximumSize = maximumSize
    self.maximumSide = maximumSide
    self.minimumSide = minimumSide
    self.maximumPixels = maximumPixels
    self.maximumAspect = maximumAspect
    self.allowsAlpha = allowsAlpha
    self.maximumBitDepth = maximumBitDepth
    self.requiresSRGB = requiresSRGB
    self.requiresUpright = requiresUpright
    self.maximumFrames = maximumFrames
    self.maximumFrameRate = maximumFrameRate
    self.maximumDuration = maximumDuration
    self.videoCodecs = videoCodecs
    self.audioCodecs = audioCodecs
    self.requiresEvenSides = requiresEvenSides
    self.requiresFastStart = requiresFastStart
    self.requiresConstantFrameRate = requiresConstantFrameRate
  }
}

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
