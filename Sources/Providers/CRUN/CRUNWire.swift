import Core

/// CRUN's wire format, once for the client and for the server that speaks it.
///
/// Fields and paths are those of the vendor's public pages and client code. What comes from the
/// vendor is read leniently (numbers as texts, missing parts), what is sent is exact.
public enum CRUNWire {
  /// The vendor's address.
  public static let baseURL = "https://api.crun.ai"
  /// The header that carries the key.
  public static let keyHeader = "x-api-key"

  /// The paths, behind the base address.
  public enum Path {
    public static let createTask = "/api/v1/client/job/CreateTask"
    public static let taskInfo = "/api/v1/client/job/TaskInfo"
    public static let estimateTask = "/api/v1/client/job/EstimateTask"
    public static let balance = "/api/v1/client/account/balance"
    public static let uploadURL = "/api/v1/client/files/upload-url"
    public static let detectFaces = "/api/v1/client/job/detect-face-image"
    public static let detectedFaces = "/api/v1/client/job/detect-face-result"
  }

  /// The models of single swaps.
  public enum Model: String, Sendable, CaseIterable {
    case image = "image-face-swap"
    case gif = "gif-face-swap"
    case video = "video-face-swap"

    /// The input's field that names the scene; a GIF goes into the video's.
    public var sceneField: String { self == .image ? "image_url" : "video_url" }

    /// The model for scenes of a kind.
    public init(_ kind: MediaKind) {
      switch kind {
      case .image: self = .image
      case .animation: self = .gif
      case .video: self = .video
      }
    }

    /// What the scene is.
    public var kind: MediaKind {
      switch self {
      case .image: .image
      case .gif: .animation
      case .video: .video
      }
    }
  }

  /// The models of swaps of chosen faces, which a detection has found before. The vendor publishes
  /// neither the path of a film's detection nor the name of a GIF's model.
  public enum MultiModel: String, Sendable, CaseIterable {
    case image = "image-face-swap-multi"
    case video = "video-face-swap-multi"
  }

  /// The codes of the envelope and of a result, as the vendor lists them.
  public enum Code: Int, Sendable, CaseIterable {
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
    public var title: String {
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
  public struct Envelope: Sendable, Hashable, Encodable {
    /// 200, or what went wrong.
    public var code: Int
    /// `success`, or a sentence.
    public var message: String
    /// The answer itself.
    public var data: JSONValue?

    /// An answer.
    public init(code: Int, message: String, data: JSONValue? = nil) {
      self.code = code
      self.message = message
      self.data = data
    }

    /// Reads an answer; nil when `json` is none.
    public init?(_ json: JSONValue) {
      guard let code = json["code"]?.int.flatMap({ Int(exactly: $0) }) else { return nil }
      self.init(code: code, message: json["message"]?.string ?? "", data: json["data"])
    }
  }

  /// The body of CreateTask and EstimateTask.
  public struct Submission: Sendable, Hashable {
    /// The model's name.
    public var model: Model
    /// Where the scene lies.
    public var sceneURL: String
    /// Where the face lies.
    public var faceURL: String
    /// Where the end of the task is told.
    public var callbackURL: String?
    /// Whether the vendor's safety check is left out; nil leaves the vendor's default.
    public var disablesSafetyChecker: Bool?
    /// The input's field that takes the face.
    public var faceField: String

    /// The field as it is published, for stills.
    public static let faceField = "new_face"

    /// A submission.
    public init(
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
    public var json: JSONValue {
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
