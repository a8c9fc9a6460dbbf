/// Looks whether a result shows other faces than its scene: a still beside a still, or the frames of a moving
/// picture beside those of another that lasts as long.
public struct CompareFacesRequest: MediaWork {
  public typealias Answer = FaceComparison
  public static let name = "compare_faces"

  /// The scene's absolute path.
  public var scene: String
  /// The absolute path of what was made of it.
  public var result: String
  /// Guards checked at the header.
  public var limits: DecodingGuard
  /// The absolute path of the face that was inserted; with `weights` the likeness is measured.
  public var face: String?
  /// Networks of which the embedder tells identities.
  public var weights: EngineWeights?

  /// A request to compare `result` with `scene`, and with `face` where there is an embedder.
  public init(
    scene: String, result: String, face: String? = nil, weights: EngineWeights? = nil,
    limits: DecodingGuard = DecodingGuard()
  ) {
    self.face = face
    self.weights = weights
    self.scene = scene
    self.result = result
    self.limits = limits
  }

  public var file: String { result }
}

/// What became of a scene's faces. Encoding anew, another size and another brightness change no face.
public struct FaceComparison: Sendable, Hashable, Codable {
  /// How many frames were looked at: 1 of a still, at most some hundreds of a video, evenly spread.
  public var frames: Int
  /// How many of them show a face.
  public var faced: Int
  /// In how many of these no face differs from the scene's.
  public var unchanged: Int
  /// Whether the pictures as wholes are the same but for encoding. Where no face is known in any frame,
  /// nothing else can be said.
  public var isSameWhole: Bool
  /// How much the face that changed most differs, in the middle of all frames with a face: the mean
  /// difference of its parts as a share of their contrast. Encoding makes some hundredths, another face
  /// several tenths. Nil without a face.
  public var difference: Double?

  /// How like the result's face is to the one that was inserted, by the embedder's vectors: the cosine between
  /// them, -1 to 1, in the middle of the frames that were measured. Nil without an embedder.
  public var likeness: Double?
  /// The same between the result's face and the one that the scene had.
  public var sceneLikeness: Double?

  /// A comparison of so many frames.
  public init(
    frames: Int, faced: Int, unchanged: Int, isSameWhole: Bool = false, difference: Double? = nil
  ) {
    self.frames = frames
    self.faced = faced
    self.unchanged = unchanged
    self.isSameWhole = isSameWhole
    self.difference = difference
  }

  /// Whether every face that was found is still the scene's.
  public var changedNothing: Bool { faced > 0 ? unchanged == faced : frames > 0 && isSameWhole }
}

extension MediaService {
  /// Looks whether a result shows other faces than its scene.
  public func compareFaces(_ request: CompareFacesRequest) async throws -> FaceComparison {
    try await perform(request)
  }
}
