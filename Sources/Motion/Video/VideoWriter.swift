import AV
import Core

/// Writes frames as a video without sound. Times are exact to a ninety-thousandth of a second.
final class VideoWriter: FrameWriter {
  private let file: VideoFile
  private let container: VideoContainer
  private let frameRate: Rational
  private let quality: Double
  private let scaler: PlanarScaler
  private let hasAlpha: Bool
  private var encoder: VideoEncoder?
  private var place = 0

  /// A writer to `path` of frames that come about `frameRate` times a second. `quality` is 1 to 100.
  /// `hasAlpha` keeps the opacity where the container's encoder takes it.
  init(
    _ path: String, base: String? = nil, _ container: VideoContainer, frameRate: Double,
    quality: Int, hasAlpha: Bool = false, rights: Rights? = nil, cancellation: Cancellation
  ) throws {
    self.hasAlpha = hasAlpha && container.encodesAlpha
    scaler = PlanarScaler(keepsAlpha: self.hasAlpha)
    file = try VideoFile(path, base: base, container, rights: rights, cancellation: cancellation)
    self.container = container
    self.frameRate = VideoPlan.rate(most: min(100, max(1, frameRate)), of: nil)
    self.quality = Self.rateFactor(quality)
  }

  /// Qualities of 1 to 100 as constant rate factors: 80 is 23, x264's own default; 100 is 16.
  static func rateFactor(_ quality: Int) -> Double { 51 - Double(quality) * 0.35 }

  func add(_ frame: Frame) throws {
    let (width, height) = (max(2, frame.width & ~1), max(2, frame.height & ~1))
    let encoder = try encoder ?? started(width, height)
    self.encoder = encoder
    try file.writing {
      let picture = try scaler.scale(
        samples: UnsafeRawBufferPointer(frame.pixels), width: frame.width, height: frame.height,
        toWidth: width, toHeight: height)
      try encoder.encode(picture, start: frame.start, duration: frame.duration) {
        try file.output.write($0, stream: place)
      }
    }
  }

  func finish() throws {
    try file.writing { try encoder?.finish { try file.output.write($0, stream: place) } }
    try file.finish()
  }

  private func started(_ width: Int, _ height: Int) throws -> VideoEncoder {
    try file.writing {
      // Coding from later frames would round the length of the last one.
      let encoder = try VideoEncoder(
        EncoderSettings(
          codec: container.videoEncoder, width: width, height: height, frameRate: frameRate,
          quality: quality, usesLaterFrames: false, hasAlpha: hasAlpha), for: file.output)
      place = try file.output.add(encoder)
      try file.output.start()
      return encoder
    }
  }
}
