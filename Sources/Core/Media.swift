/// What a media file is to a person: one picture, a moving picture without sound, a video.
public enum MediaKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// One still picture.
  case image
  /// Several frames with delays, such as an animated GIF.
  case animation
  /// A video, with or without sound.
  case video

  /// What a file is by its name's extension; nil where that says nothing. Its content has the last word.
  package init?(named path: String) {
    guard let dot = path.lastIndex(of: "."),
      let format = MediaFormat.named(String(path[path.index(after: dot)...]))
    else { return nil }
    self = format.kinds.contains(.video) ? .video : .image
  }
}

/// How the samples of a picture are to be understood.
public enum ColorModel: String, Sendable, Hashable, Codable, CaseIterable {
  /// Three samples, red, green and blue.
  case rgb
  /// One sample of lightness.
  case gray
  /// Four samples of ink: cyan, magenta, yellow and black.
  case cmyk
  /// Luma and chroma of a video.
  case yuv
  /// Something else, such as CIE Lab.
  case other
}

/// One file's measured facts. Nothing here is taken from a name, a header field of HTTP or a
/// provider's word.
public struct Media: Sendable, Hashable, Codable {
  /// Image, animation or video.
  public var kind: MediaKind
  /// The format by content.
  public var format: MediaFormat
  /// Columns of stored pixels, before `orientation` is applied.
  public var width: Int
  /// Rows of stored pixels of one frame, before `orientation` is applied.
  public var height: Int
  /// The file's length in bytes.
  public var size: Int64
  /// How many frames there are; one for a still picture.
  public var frames: Int
  /// Each frame's delay in milliseconds, for animations.
  public var delays: [Int]?
  /// How often an animation is played; 0 is for ever. Nil for stills and videos.
  public var loops: Int?
  /// How long it lasts in seconds, for animations and videos.
  public var duration: Double?
  /// Frames a second: of videos as measured over the whole, of animations frames by duration.
  public var frameRate: Double?
  /// The codec of a video's pictures, in libavcodec's words: `h264`, `hevc`, `vp9`, `av1`.
  public var videoCodec: String?
  /// The codec of a video's sound, in libavcodec's words: `aac`, `opus`, `mp3`.
  public var audioCodec: String?
  /// Whether the transfer characteristics are those of high dynamic range: PQ or HLG
  /// (ITU-R BT.2100).
  public var isHDR: Bool
  /// Whether there is a sound track.
  public var hasAudio: Bool
  /// Whether there is a transparency channel.
  public var hasAlpha: Bool
  /// How the samples are to be understood.
  public var colorModel: ColorModel
  /// The description of the embedded ICC profile; nil without one.
  public var profile: String?
  /// Bits a sample: 8 or 16 as a rule.
  public var bitDepth: Int
  /// EXIF orientation, 1 (upright) to 8. Source: CIPA DC-008 (Exif 2.32), tag 0x0112.
  public var orientation: Int
  /// The shape of the stored pixels, as the container or else the codec says; nil for squares.
  public var pixelAspect: PixelAspect?
  /// SHA-256 of the bytes.
  public var digest: Digest
  /// What the file says of whose it is and how it came to be; nil where it says nothing.
  public var rights: Rights?
  /// What reading showed that a person should know and that changes nothing by itself, such as "no
  /// end marker; every row is there": short phrases without a full stop. Nil where there is nothing.
  public var remarks: [String]?

  /// The facts of one file.
  public init(
    kind: MediaKind, format: MediaFormat, width: Int, height: Int, size: Int64, digest: Digest,
    frames: Int = 1, delays: [Int]? = nil, duration: Double? = nil, hasAudio: Bool = false,
    hasAlpha: Bool = false, colorModel: ColorModel = .rgb, profile: String? = nil,
    bitDepth: Int = 8, orientation: Int = 1, loops: Int? = nil, frameRate: Double? = nil,
    videoCodec: String? = nil, audioCodec: String? = nil, isHDR: Bool = false,
    rights: Rights? = nil, remarks: [String]? = nil, pixelAspect: PixelAspect? = nil
  ) {
    self.kind = kind
    self.format = format
    self.width = width
    self.height = height
    self.size = size
    self.frames = frames
    self.delays = delays
    self.duration = duration
    self.hasAudio = hasAudio
    self.hasAlpha = hasAlpha
    self.colorModel = colorModel
    self.profile = profile
    self.bitDepth = bitDepth
    self.orientation = orientation
    self.pixelAspect = pixelAspect
    self.digest = digest
    self.loops = loops
    self.frameRate = frameRate
    self.videoCodec = videoCodec
    self.audioCodec = audioCodec
    self.isHDR = isHDR
    self.rights = rights
    self.remarks = remarks
  }

  /// Columns as seen, in square pixels with `orientation` applied.
  public var uprightWidth: Int { orientation >= 5 ? height : squareWidth }
  /// Rows as seen, in square pixels with `orientation` applied.
  public var uprightHeight: Int { orientation >= 5 ? squareWidth : height }

  private var squareWidth: Int { pixelAspect?.squares(in: width) ?? width }
}

/// The part that a file plays for an asset.
public enum Role: String, Sendable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
  /// The picture, GIF or video that keeps everything but the face.
  case scene
  /// The identity to insert.
  case face
  /// What the swap returned.
  case result
}
