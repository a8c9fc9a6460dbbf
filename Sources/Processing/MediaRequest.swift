import Core

/// One piece of media work, as a value: files in, files out, nothing else.
///
/// The same request runs inside the process or in a worker process; pixels never cross the line.
public enum MediaRequest: Sendable, Hashable, Codable {
  /// Measures a file.
  case probe(ProbeRequest)
  /// Measures many files: one message for all of them.
  case probeAll([ProbeRequest])
  /// Finds the faces of a picture.
  case findFaces(FindFacesRequest)
  /// Measures what a picture shows: its border and how much of it the product fills.
  case measure(MeasureRequest)
  /// Brings a picture within limits by the least change.
  case normalize(NormalizeRequest)
  /// Makes several files from one picture, decoded once.
  case render(RenderRequest)
  /// Replaces faces of a picture, animation or film.
  case swap(SwapRequest)
  /// Takes a moving picture apart.
  case split(SplitRequest)
  /// Puts pictures in the place of a moving picture's frames.
  case join(JoinRequest)
  /// Says what this installation can read and write.
  case capabilities
}

/// What a piece of media work gives back.
public enum MediaAnswer: Sendable, Hashable, Codable {
  /// The measured facts.
  case probed(Media)
  /// The measured facts of many files, in the order in which they were asked for.
  case probedAll([ProbeOutcome])
  /// The faces, largest first.
  case faces([FaceBox])
  /// What the picture shows.
  case measured(PictureMeasures)
  /// The picture within its limits.
  case normalized(NormalizeAnswer)
  /// The files that were made, in the order in which they were asked for.
  case rendered([Rendered])
  /// The media with its new faces.
  case swapped(SwapAnswer)
  /// The frames of a moving picture.
  case split(SplitAnswer)
  /// The moving picture with other frames.
  case joined(Rendered)
  /// What this installation can read and write.
  case capabilities(MediaCapabilities)
}

extension MediaRequest {
  /// The file that the work is mainly about: the one to name when it fails.
  public var file: String? {
    switch self {
    case .probe(let request): request.file
    case .probeAll(let requests): requests.first?.file
    case .findFaces(let request): request.file
    case .measure(let request): request.file
    case .normalize(let request): request.file
    case .render(let request): request.file
    case .swap(let request): request.scene
    case .split(let request): request.file
    case .join(let request): request.original
    case .capabilities: nil
    }
  }

  /// The places that the work writes to, as the request names them.
  public var outputs: [String] {
    switch self {
    case .probe, .probeAll, .findFaces, .measure, .capabilities: []
    case .normalize(let request): [request.output]
    case .render(let request): request.renditions.map(\.output)
    case .swap(let request): [request.output]
    case .split(let request): request.output.map { [$0] } ?? []
    case .join(let request): [request.output]
    }
  }
}

/// Guards that are checked at the header, before any pixel is decoded.
public struct DecodingGuard: Sendable, Hashable, Codable {
  /// The most pixels of one frame.
  public var maximumPixels: Int
  /// The most frames.
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

/// Measures `file`. With `decodesFully` every pixel is decoded, so that damage behind the header is
/// found too.
public struct ProbeRequest: Sendable, Hashable, Codable {
  /// The file's absolute path.
  public var file: String
  /// Guards checked at the header.
  public var limits: DecodingGuard
  /// Whether every pixel is decoded.
  public var decodesFully: Bool

  /// A request to measure `file`.
  public init(file: String, limits: DecodingGuard = DecodingGuard(), decodesFully: Bool = false) {
    self.file = file
    self.limits = limits
    self.decodesFully = decodesFully
  }
}

/// What came of measuring one file of many.
public enum ProbeOutcome: Sendable, Hashable, Codable {
  /// The facts.
  case measured(Media)
  /// Why there are none.
  case failed(SwaplineError)
}

/// Finds the faces of `file`, whose longest side is reduced for the search when it is very large.
public struct FindFacesRequest: Sendable, Hashable, Codable {
  /// The file's absolute path.
  public var file: String
  /// Guards checked at the header.
  public var limits: DecodingGuard

  /// A request to find the faces of `file`.
  public init(file: String, limits: DecodingGuard = DecodingGuard()) {
    self.file = file
    self.limits = limits
  }
}

/// A face's place in the upright picture, in pixels from the upper left corner.
public struct FaceBox: Sendable, Hashable, Codable {
  /// Left edge.
  public var x: Int
  /// Upper edge.
  public var y: Int
  /// Width.
  public var width: Int
  /// Height.
  public var height: Int
  /// The detector's confidence; higher is surer, without an upper bound.
  public var score: Double

  /// A box with its upper left corner at `x`, `y`.
  public init(x: Int, y: Int, width: Int, height: Int, score: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
    self.score = score
  }
}

/// Brings `file` within `limits`, writing `output` only when something has to change.
public struct NormalizeRequest: Sendable, Hashable, Codable {
  /// The file's absolute path.
  public var file: String
  /// Where a changed file is written: an absolute path without extension; the answer names the
  /// file with it.
  public var output: String
  /// What to come within.
  public var limits: MediaLimits
  /// The colour that transparency is flattened onto, as three samples of 0 to 255.
  public var background: [UInt8]
  /// Whether frames beyond a limit on frames or duration are cut off; else they are an error.
  public var trims: Bool
  /// Whether only the changes are told that would be made; nothing is written then, and the answer's
  /// media is the original's.
  public var foresees: Bool
  /// Guards checked at the header.
  public var decoding: DecodingGuard
  /// What happens to what the file carries beside its pixels.
  public var metadata: MetadataPolicy

  /// A request to bring `file` within `limits`.
  public init(
    file: String, output: String, limits: MediaLimits, background: [UInt8] = [255, 255, 255],
    trims: Bool = false, decoding: DecodingGuard = DecodingGuard(), foresees: Bool = false,
    metadata: MetadataPolicy = .strip
  ) {
    self.metadata = metadata
    self.file = file
    self.output = output
    self.limits = limits
    self.background = background
    self.trims = trims
    self.foresees = foresees
    self.decoding = decoding
  }
}

/// A picture within its limits.
public struct NormalizeAnswer: Sendable, Hashable, Codable {
  /// The written file; nil when the original met every limit, carried nothing that had to go, and
  /// passes through byte for byte.
  public var file: String?
  /// The facts of the file that goes on.
  public var media: Media
  /// What was changed and why; empty when nothing was.
  public var changes: [Change]

  /// An answer.
  public init(file: String?, media: Media, changes: [Change]) {
    self.file = file
    self.media = media
    self.changes = changes
  }
}

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
  /// Every frame, with its delay, and in films the sound; only formats that move hold it.
  case moving
  /// The frame that is shown so many seconds after the start; the last one when it ends before.
  case time(Double)
  /// The key frame of a film that stands at or before so many seconds after the start, which costs
  /// least; of an animation as `time`.
  case keyFrame(Double)
  /// The clearest frame of so many, spread over the whole length.
  case best(of: Int)
  /// So many frames, spread over the whole length, side by side in rows of so many columns.
  case strip(frames: Int, columns: Int)
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

  /// A file to make.
  public init(
    output: String, format: MediaFormat, width: Int? = nil, height: Int? = nil, fit: Fit = .inside,
    enlarges: Bool = false, quality: Int? = nil, background: [UInt8] = [255, 255, 255],
    content: RenditionContent = .first, rights: Rights? = nil,
    maximumSize: ByteSize? = nil, region: FaceBox? = nil
  ) {
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

/// Makes every rendition of `file` from one decode.
public struct RenderRequest: Sendable, Hashable, Codable {
  /// The file's absolute path.
  public var file: String
  /// The files to make.
  public var renditions: [RenditionRequest]
  /// Guards checked at the header.
  public var decoding: DecodingGuard

  /// A request to make `renditions` of `file`.
  public init(
    file: String, renditions: [RenditionRequest], decoding: DecodingGuard = DecodingGuard()
  ) {
    self.file = file
    self.renditions = renditions
    self.decoding = decoding
  }
}

/// One file that was made.
public struct Rendered: Sendable, Hashable, Codable {
  /// The written file.
  public var file: String
  /// Its facts, measured from the written bytes.
  public var media: Media
  /// What was changed on the way that the request did not name, such as a colour profile.
  public var changes: [Change]

  /// A file that was made.
  public init(file: String, media: Media, changes: [Change]) {
    self.file = file
    self.media = media
    self.changes = changes
  }
}
