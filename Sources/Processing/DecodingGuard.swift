import Core

/// Guards that are checked at the header, before any pixel is decoded.
public struct DecodingGuard: Sendable, Hashable, Codable {
  /// The most pixels of one frame.
  public var maximumPixels: Int
  /// Maximum number of frames.
  public var maximumFrames: Int
  /// The most bytes of a file.
  public var maximumSize: ByteSize

  /// The most pixels of one frame that work of this task decodes when nothing else is said. A
  /// 100-megapixel photograph passes, a decompression bomb does not; `validate` with a larger
  /// `maximum_pixels` raises it for the whole pipeline.
  @TaskLocal public static var usualPixels = 120_000_000

  /// Guards; what is left out is as usual.
  public init(
    maximumPixels: Int = DecodingGuard.usualPixels, maximumFrames: Int = 10_000,
    maximumSize: ByteSize = .gigabytes(2)
  ) {
    self.maximumPixels = maximumPixels
    self.maximumFrames = maximumFrames
    self.maximumSize = maximumSize
  }

  /// What to do about a picture of too many pixels.
  package static let pixelsHint =
    "Use a smaller one, or raise 'maximum_pixels' of 'validate' if you trust the file."

  /// No guards: for files that were just written here.
  package static let open = DecodingGuard(
    maximumPixels: .max, maximumFrames: .max, maximumSize: ByteSize(bytes: .max))
}
