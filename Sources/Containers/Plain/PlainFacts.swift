import Core

/// What the bytes of a plain picture say of it.
struct PlainFacts {
  var width: Int
  var height: Int
  /// Each frame's delay in milliseconds; none for a still picture.
  var delays: [Int] = []
  /// How often an animation is played; 0 is for ever.
  var plays = 1
  var hasAlpha = false
  var colorModel = ColorModel.rgb
  var profile: String?
  var bitDepth = 8
  var orientation = 1

  /// The same as the facts of a file.
  func media(_ format: MediaFormat, size: Int64, digest: Digest) -> Media {
    guard delays.count > 1 else {
      return Media(
        kind: .image, format: format, width: width, height: height, size: size, digest: digest,
        hasAlpha: hasAlpha, colorModel: colorModel, profile: profile, bitDepth: bitDepth,
        orientation: orientation)
    }
    let duration = Double(delays.reduce(0, +)) / 1_000
    return Media(
      kind: .animation, format: format, width: width, height: height, size: size, digest: digest,
      frames: delays.count, delays: delays, duration: duration, hasAlpha: hasAlpha,
      colorModel: colorModel, profile: profile, bitDepth: bitDepth, orientation: orientation,
      loops: plays, frameRate: duration > 0 ? Double(delays.count) / duration : nil)
  }
}
