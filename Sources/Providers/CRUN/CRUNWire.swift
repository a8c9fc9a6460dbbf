import Core

/// CRUN's wire format, once for the client and for the server that speaks it.
///
/// Fields and paths are those of the vendor's public pages and client code. What comes from the
/// vendor is read leniently (numbers as texts, missing parts), what is sent is exact.
package enum CRUNWire {
  /// The vendor's address.
  package static let baseURL = "https://api.crun.ai"
  /// The header that carries the key.
  package static let keyHeader = "x-api-key"

  /// The paths, behind the base address.
  package enum Path {
    package static let createTask = "/api/v1/client/job/CreateTask"
    package static let taskInfo = "/api/v1/client/job/TaskInfo"
    package static let estimateTask = "/api/v1/client/job/EstimateTask"
    package static let balance = "/api/v1/client/account/balance"
    package static let uploadURL = "/api/v1/client/files/upload-url"
    package static let detectFaces = "/api/v1/client/job/detect-face-image"
    package static let detectedFaces = "/api/v1/client/job/detect-face-result"
  }

  /// The models of single swaps.
  package enum Model: String, Sendable, CaseIterable {
    case image = "image-face-swap"
    case gif = "gif-face-swap"
    case video = "video-face-swap"

    /// The input's field that names the scene; a GIF goes into the video's.
    package var sceneField: String { self == .image ? "image_url" : "video_url" }

    /// The model for scenes of a kind.
    package init(_ kind: MediaKind) {
      switch kind {
      case .image: self = .image
      case .animation: self = .gif
      case .video: self = .video
      }
    }

    /// What the scene is.
    package var kind: MediaKind {
      switch self {
      case .image: .image
      case .gif: .animation
      case .video: .video
      }
    }
  }

  /// The models of swaps of chosen faces, which a detection has found before. The vendor publishes
  /// neither the path of a video's detection nor the name of a GIF's model.
  package enum MultiModel: String, Sendable, CaseIterable {
    case image = "image-face-swap-multi"
    case video = "video-face-swap-multi"
  }

  /// The codes of the envelope and of a result, as the vendor lists them.
  package enum Code: Int, Sendable, CaseIterable {
    case success = 200
    case unauthorized = 401
    case insufficientCredits = 402
    case notFound = 404
    case validation = 422
    case rateLimited = 429
    case maintenance = 455
    case serverError = 500
    case generationFailed = 501
    case featureDisabled = 505

    /// The vendor's name of the code.
    package var title: String {
      switch self {
      case .success: "success"
      case .unauthorized: "Unauthorized"
      case .insufficientCredits: "Insufficient Credits"
      case .notFound: "Not Found"
      case .validation: "Validation Error"
      case .rateLimited: "Rate Limited"
      case .maintenance: "Service Unavailable"
      case .serverError: "Server Error"
      case .generationFailed: "Generation Failed"
      case .featureDisabled: "Feature Disabled"
      }
    }
  }

  /// What every answer comes in. The code counts as much as the HTTP status.
  package struct Envelope: Sendable, Hashable, Encodable {
    /// 200, or what went wrong.
    package var code: Int
    /// `success`, or a sentence.
    package var message: String
    /// The answer itself.
    package var data: JSONValue?

    /// An answer.
    package init(code: Int, message: String, data: JSONValue? = nil) {
      self.code = code
      self.message = message
      self.data = data
    }

    /// Reads an answer; nil when `json` is none.
    package init?(_ json: JSONValue) {
      guard let code = json["code"]?.int.flatMap({ Int(exactly: $0) }) else { return nil }
      self.init(code: code, message: json["message"]?.string ?? "", data: json["data"])
    }
  }

  /// The body of CreateTask and EstimateTask.
  package struct Submission: Sendable, Hashable {
    /// The model's name.
    package var model: Model
    /// Where the scene lies.
    package var sceneURL: String
    /// Where the face lies.
    package var faceURL: String
    /// Where the end of the task is told.
    package var callbackURL: String?
    /// Whether the vendor's safety check is left out; nil leaves the vendor's default.
    package var disablesSafetyChecker: Bool?
    /// The input's field that takes the face.
    package var faceField: String

    /// The field as it is published, for stills.
    package static let faceField = "new_face"

    /// A submission.
    package init(
      model: Model, sceneURL: String, faceURL: String, callbackURL: String? = nil,
      disablesSafetyChecker: Bool? = nil, faceField: String = Submission.faceField
    ) {
      self.faceField = faceField
      self.model = model
      self.sceneURL = sceneURL
      self.faceURL = faceURL
      self.callbackURL = callbackURL
      self.disablesSafetyChecker = disablesSafetyChecker
    }

    /// The body to send.
    package var json: JSONValue {
      var input: [String: JSONValue] = [
        model.sceneField: .string(sceneURL), faceField: .string(faceURL),
      ]
      if let disablesSafetyChecker {
        input["disable_safety_checker"] = .bool(disablesSafetyChecker)
      }
      var body: [String: JSONValue] = ["model": .string(model.rawValue), "input": .object(input)]
      if let callbackURL { body["callback_url"] = .string(callbackURL) }
      return .object(body)
    }
  }
}
