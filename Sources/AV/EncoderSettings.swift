/// How pictures are encoded.
package struct EncoderSettings: Sendable, Hashable {
  /// A codec that pictures are encoded with.
  package enum Codec: Sendable, Hashable {
    /// H.264 by x264, which plays everywhere.
    case h264
    /// VP9 by libvpx, for WebM.
    case vp9
  }

  /// The codec.
  package var codec: Codec
  /// Columns; even.
  package var width: Int
  /// Rows; even.
  package var height: Int
  /// How many units of time a second has.
  package var timeScale: Rational
  /// Frames a second, on the whole.
  package var frameRate: Rational
  /// The constant rate factor: 18 is near lossless, 51 the worst; 6 more are about half the bytes.
  package var quality: Double
  /// Whether frames may be coded from later ones. Times are exact to the unit only without.
  package var usesLaterFrames: Bool
  /// What samples mean.
  package var colors: ColorTags
  /// Whether pictures have an opacity, which only VP9 takes.
  package var hasAlpha: Bool

  /// Settings for 8-bit pictures with chroma of half the sides.
  package init(
    codec: Codec, width: Int, height: Int, timeScale: Rational = Rational(1, 90_000),
    frameRate: Rational, quality: Double, usesLaterFrames: Bool = true,
    colors: ColorTags = .standard, hasAlpha: Bool = false
  ) {
    self.codec = codec
    self.width = width
    self.height = height
    self.timeScale = timeScale
    self.frameRate = frameRate
    self.quality = quality
    self.usesLaterFrames = usesLaterFrames
    self.colors = colors
    self.hasAlpha = hasAlpha
  }
}
