import Core

/// What a task is to do.
public struct SwapOrder: Sendable, Hashable {
  /// A face to insert.
  public struct Face: Sendable, Hashable, Codable {
    /// Where it lies.
    public var url: String
    /// Its name in the wire format, for messages.
    public var field: String
    /// Which face of the scene it replaces.
    public var index: Int

    /// A face at `url`.
    public init(_ url: String, field: String, index: Int = 0) {
      self.url = url
      self.field = field
      self.index = index
    }
  }

  /// The vendor's name of the model.
  public var model: String
  /// What the scene has to be.
  public var kind: MediaKind
  /// Where the scene lies.
  public var sceneURL: String
  /// The scene's name in the wire format, for messages.
  public var sceneField: String
  /// The faces to insert; none asks for the faces of the scene themselves.
  public var faces: [Face]
  /// Where the end of the task is told.
  public var callbackURL: String?
  /// The format of the result; nil for the server's own choice.
  public var resultFormat: MediaFormat?
  /// The request's body, to be given back.
  public var param: JSONValue

  /// How many faces a detection lists at most, and a swap replaces.
  package static let maximumDetectedFaces = 32

  /// An order.
  public init(
    model: String, kind: MediaKind = .image, sceneURL: String, sceneField: String, faces: [Face],
    callbackURL: String? = nil, resultFormat: MediaFormat? = nil, param: JSONValue
  ) {
    self.model = model
    self.kind = kind
    self.sceneURL = sceneURL
    self.sceneField = sceneField
    self.faces = faces
    self.callbackURL = callbackURL
    self.resultFormat = resultFormat
    self.param = param
  }
}

/// What a detection found.
public struct DetectedFaces: Sendable, Hashable, Codable {
  /// The files that show one face each, the largest face first.
  public var files: [String]
  /// When they are gone, in seconds since 1970.
  public var expires: Int64

  /// Faces in files of the server.
  public init(files: [String], expires: Int64) {
    self.files = files
    self.expires = expires
  }
}
