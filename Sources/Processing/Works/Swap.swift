import Core

/// A face to insert, and where.
public struct NewFace: Sendable, Hashable, Codable {
  /// The absolute path of the picture whose largest face is inserted.
  public var file: String
  /// Which face of the scene it replaces: 0 is the largest. Of a moving scene, the largest of the
  /// first frame that shows that many.
  public var index: Int

  /// The largest face of `file`, over the scene's face `index`.
  public init(file: String, index: Int = 0) {
    self.file = file
    self.index = index
  }
}

/// Replaces faces of `scene`: a picture, an animation or a video.
public struct SwapRequest: MediaWork {
  public typealias Answer = SwapAnswer
  public static let name = "swap"

  /// The scene's absolute path.
  public var scene: String
  /// The faces to insert, each over another one of the scene.
  public var faces: [NewFace]
  /// Where the result is written: an absolute path with the format's extension.
  public var output: String
  /// The format to write. An animation stays one, a video stays a video.
  public var format: MediaFormat
  /// Quality 1 to 100; nil takes the format's own default.
  public var quality: Int?
  /// Guards checked at the header.
  public var decoding: DecodingGuard
  /// Networks that make the faces; nil leaves it to the engine's own way.
  public var weights: EngineWeights?

  /// A request to swap one face.
  public init(
    scene: String, face: String, faceIndex: Int = 0, output: String, format: MediaFormat = .png,
    quality: Int? = nil, decoding: DecodingGuard = DecodingGuard(), weights: EngineWeights? = nil
  ) {
    self.init(
      scene: scene, faces: [NewFace(file: face, index: faceIndex)], output: output,
      format: format, quality: quality, decoding: decoding, weights: weights)
  }

  /// A request to swap several faces.
  public init(
    scene: String, faces: [NewFace], output: String, format: MediaFormat = .png,
    quality: Int? = nil, decoding: DecodingGuard = DecodingGuard(), weights: EngineWeights? = nil
  ) {
    self.weights = weights
    self.scene = scene
    self.faces = faces
    self.output = output
    self.format = format
    self.quality = quality
    self.decoding = decoding
  }

  public var file: String { scene }
  public var outputs: [String] { [output] }
}

/// A scene with its new faces.
public struct SwapAnswer: Sendable, Hashable, Codable {
  /// The written file.
  public var file: String
  /// Its facts.
  public var media: Media
  /// The face that was replaced first.
  public var replaced: FaceBox
  /// The smallest box that holds every pixel that differs from the scene, before the format's
  /// compression; empty when none does.
  public var touched: FaceBox
  /// How many frames show a new face.
  public var frames: Int
  /// What was changed and why: the faces, and conversions that they needed.
  public var changes: [Change]

  /// An answer.
  public init(
    file: String, media: Media, replaced: FaceBox, touched: FaceBox, frames: Int = 1,
    changes: [Change] = []
  ) {
    self.file = file
    self.media = media
    self.replaced = replaced
    self.touched = touched
    self.frames = frames
    self.changes = changes
  }
}

extension MediaService {
  /// Replaces faces.
  public func swap(_ request: SwapRequest) async throws -> SwapAnswer { try await perform(request) }
}
