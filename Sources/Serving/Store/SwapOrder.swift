import Core

/// What a task is to do.
package struct SwapOrder: Sendable, Hashable {
  /// A face to insert.
  package struct Face: Sendable, Hashable, Codable {
    /// Where it lies.
    package var url: String
    /// Its name in the wire format, for messages.
    package var field: String
    /// Which face of the scene it replaces.
    package var index: Int

    /// A face at `url`.
    package init(_ url: String, field: String, index: Int = 0) {
      self.url = url
      self.field = field
      self.index = index
    }
  }

  /// The vendor's name of the model.
  package var model: String
  /// What the scene has to be.
  package var kind: MediaKind
  /// Where the scene lies.
  package var sceneURL: String
  /// The scene's name in the wire format, for messages.
  package var sceneField: String
  /// The faces to insert; none asks for the faces of the scene themselves.
  package var faces: [Face]
  /// Where the end of the task is told.
  package var callbackURL: String?
  /// The format of the result; nil for the server's own choice.
  package var resultFormat: MediaFormat?
  /// The request's body, to be given back.
  package var param: JSONValue

  /// How many faces a detection lists at most, and a swap replaces.
  package static let maximumDetectedFaces = 32

  /// An order.
  package init(
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
package struct DetectedFaces: Sendable, Hashable, Codable {
  /// The files that show one face each, the largest face first.
  package var files: [String]
  /// When they are gone, in seconds since 1970.
  package var expires: Int64

  /// Faces in files of the server.
  package init(files: [String], expires: Int64) {
    self.files = files
    self.expires = expires
  }
}
