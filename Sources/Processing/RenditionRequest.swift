import Core

/// How a rendition's frame is filled.
public enum Fit: String, Sendable, Hashable, Codable, CaseIterable {
  /// The whole picture, no larger than the box.
  case inside
  /// The box filled from the middle, the rest cut off.
  case cover
  /// The box filled around what catches the eye, the rest cut off.
  case attention
  /// The box filled around the faces, the rest cut off; around the middle where there is none.
  case face
  /// The whole picture in the middle of the box, the rest filled with the background.
  case pad
}

/// What of a moving picture a rendition shows. A still picture is always shown whole.
public enum RenditionContent: Sendable, Hashable, Codable {
  /// The first frame.
  case first
  /// Every frame, with its delay, and in videos the sound; only formats that move hold it.
  case moving
  /// The frame that is shown so many seconds after the start; the last one when it ends before.
  case time(Double)
  /// The key frame of a video that stands at or before so many seconds after the start, which costs
  /// least; of an animation as `time`.
  case keyFrame(Double)
  /// The clearest frame of so many, spread over the whole length.
  case best(of: Int)
  /// So many frames, spread over the whole length, side by side in rows of so many columns.
  case strip(frames: Int, columns: Int)

  enum CodingKeys: CodingKey, CaseIterable { case first, moving, time, keyFrame, best, strip }
}

/// One file to make from a picture.
public struct RenditionRequest: Sendable, Hashable, Codable {
  /// Where it is written: an absolute path with the format's extension.
  public var output: String
  /// The format to write.
  public var format: MediaFormat
  /// The box in pixels; nil keeps the picture's own size.
  public var width: Int?
  /// The box in pixels; nil keeps the picture's own size.
  public var height: Int?
  /// How the box is filled.
  public var fit: Fit
  /// Whether a smaller picture is enlarged.
  public var enlarges: Bool
  /// Quality 1 to 100; nil takes the format's own default.
  public var quality: Int?
  /// The colour that transparency is flattened onto where the format has none, and that padding
  /// has.
  public var background: [UInt8]
  /// What of a moving picture is shown.
  public var content: RenditionContent
  /// The part of an upright still that is shown, in pixels; nil shows the whole. What lies beyond
  /// the picture is left out.
  public var region: FaceBox?
  /// What the file says of whose it is and how it came to be; nil keeps what the original says.
  public var rights: Rights?
  /// The most bytes; nil does not limit. Met by quality first, then by size.
  public var maximumSize: ByteSize?
  /// What is done to its pixels once it has its size, in this order.
  public var operations: [PixelOperation]

  /// A file to make.
  public init(
    output: String, format: MediaFormat, width: Int? = nil, height: Int? = nil, fit: Fit = .inside,
    enlarges: Bool = false, quality: Int? = nil, background: [UInt8] = [255, 255, 255],
    content: RenditionContent = .first, rights: Rights? = nil,
    maximumSize: ByteSize? = nil, region: FaceBox? = nil, operations: [PixelOperation] = []
  ) {
    self.operations = operations
    self.region = region
    self.output = output
    self.format = format
    self.width = width
    self.height = height
    self.fit = fit
    self.enlarges = enlarges
    self.quality = quality
    self.background = background
    self.content = content
    self.rights = rights
    self.maximumSize = maximumSize
  }
}
