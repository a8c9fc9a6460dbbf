import Core
import Processing

/// What the server takes as scene and face.
package struct InputLimits: Sendable, Hashable {
  /// The formats of stills, known by content.
  package var stills: [MediaFormat]
  /// The formats of GIF swaps' scenes.
  package var animations: [MediaFormat]
  /// The formats of video swaps' scenes.
  package var videos: [MediaFormat]
  /// The most bytes of a still.
  package var maximumSize: ByteSize
  /// The most bytes of a GIF or video.
  package var maximumMovingSize: ByteSize
  /// The most pixels of a still or a frame (width x height).
  package var maximumPixels: Int
  /// The most frames of a GIF or video.
  package var maximumFrames: Int
  /// The longest a GIF or video may last.
  package var maximumDuration: TimeSpan
  /// The time for fetching one still; a GIF or video has five times as long.
  package var fetchTimeout: TimeSpan

  /// JPEG, PNG and WebP of 30 MB and 50 million pixels within 60 seconds; GIFs and videos of 100 MB,
  /// 1,800 frames and a minute.
  package init(
    stills: [MediaFormat] = [.jpg, .png, .webp], animations: [MediaFormat] = [.gif],
    videos: [MediaFormat] = [.mp4, .mov, .webm, .mkv], maximumSize: ByteSize = .megabytes(30),
    maximumMovingSize: ByteSize = .megabytes(100), maximumPixels: Int = 50_000_000,
    maximumFrames: Int = 1_800, maximumDuration: TimeSpan = .minutes(1),
    fetchTimeout: TimeSpan = .seconds(60)
  ) {
    self.stills = stills
    self.animations = animations
    self.videos = videos
    self.maximumSize = maximumSize
    self.maximumMovingSize = maximumMovingSize
    self.maximumPixels = maximumPixels
    self.maximumFrames = maximumFrames
    self.maximumDuration = maximumDuration
    self.fetchTimeout = fetchTimeout
  }

  /// Every format that is taken for anything.
  package var formats: [MediaFormat] { stills + animations + videos }

  /// The formats of a scene of this kind.
  package func formats(of kind: MediaKind) -> [MediaFormat] {
    switch kind {
    case .image: stills
    case .animation: animations
    case .video: videos
    }
  }

  /// The most bytes of a scene of this kind.
  func size(of kind: MediaKind) -> ByteSize {
    kind == .image ? maximumSize : maximumMovingSize
  }

  /// The guards of decoding.
  var guards: DecodingGuard {
    // A frame more than is taken, so that too many are told by `check` in the client's words.
    DecodingGuard(maximumPixels: maximumPixels, maximumSize: maximumMovingSize)
  }

  /// Checks what was measured. Throws `SwaplineError` in the words of the wire format's `field`.
  func check(_ media: Media, as kind: MediaKind, field: String) throws(SwaplineError) {
    guard media.kind == kind else {
      let found =
        media.kind == .image
        ? "is a still picture" : media.kind == .video ? "is a video" : "has \(media.frames) frames"
      let wanted =
        switch kind {
        case .image: "still images"
        case .animation: "GIFs that move"
        case .video: "videos"
        }
      throw SwaplineError(.unsupported, "\(field) \(found); this model takes \(wanted).")
    }
    let (width, height) = (media.uprightWidth, media.uprightHeight)
    let pixels = width * height
    guard pixels <= maximumPixels else {
      throw SwaplineError(
        .limit,
        "\(field) is too large: \(width) x \(height) are \(pixels) pixels, and at most "
          + "\(maximumPixels) are accepted.")
    }
    guard kind != .image else { return }
    guard media.frames <= maximumFrames else {
      throw SwaplineError(
        .limit,
        "\(field) is too long: it has \(media.frames) frames, and at most \(maximumFrames) are "
          + "accepted.")
    }
    let most = maximumDuration
    guard (media.duration ?? 0) <= most.seconds else {
      throw SwaplineError(
        .limit,
        "\(field) is too long: it lasts \(media.duration ?? 0) s, and at most \(most) are "
          + "accepted.")
    }
  }
}
