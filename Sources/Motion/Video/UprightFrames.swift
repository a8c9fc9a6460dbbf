import AV

/// Makes frames of a video's decoded pictures: red, green, blue and opacity, square pixels, upright.
final class UprightFrames {
  private let video: Video
  private let width: Int
  private let height: Int
  private let scaler = Scaler()

  /// Frames of `width` x `height` before they are turned, whatever size the pictures have: some videos
  /// change theirs on the way.
  init(_ video: Video, width: Int, height: Int) {
    self.video = video
    self.width = width
    self.height = height
  }

  /// The frame of `decoded`. Frames are made one at a time, on whatever thread: decoding may go on meanwhile.
  func frame(_ decoded: DecodedFrame) throws -> Frame {
    // With opacity, colours that are not seen must not bleed into those that are.
    let isDirect = !video.track.hasAlpha
    let sides =
      isDirect ? (width: width, height: height) : (width: decoded.width, height: decoded.height)
    let frame = Frame(
      width: sides.width, height: sides.height, start: max(0, decoded.start ?? 0),
      duration: decoded.duration ?? 0)
    try video.file.reading {
      try scaler.scale(decoded, width: sides.width, height: sides.height, into: frame.pixels)
    }
    let scaled = try frame.scaled(width: width, height: height)
    return scaled.turned(video.track.orientation)
  }
}
