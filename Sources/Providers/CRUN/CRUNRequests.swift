import Core
import Serving

/// What the body of CreateTask asks for, read strictly.
enum CRUNRequest {
  /// A swap of the primary face.
  case single(CRUNWire.Submission, param: JSONValue)
  /// A swap of faces that a detection has found.
  case multi(Multi, param: JSONValue)

  /// A swap of chosen faces.
  struct Multi {
    var model: CRUNWire.MultiModel
    var sceneURL: String
    var detectID: String
    /// The chosen face, and the field and address of the one to insert.
    var faces: [(id: String, field: String, url: String)]
    var callbackURL: String?
  }

  /// Reads a body, which is an object. Throws a refusal of code 422 that names every fault at once, or 505 for a model
  /// that is not served.
  static func read(
    _ json: JSONValue, isServed: (String) -> Bool
  ) throws(Refusal) -> CRUNRequest {
    var reader = FieldReader(json)
    let name = reader.text("model", isRequired: true) ?? ""
    let single = CRUNWire.Model(rawValue: name)
    let multi = CRUNWire.MultiModel(rawValue: name)
    if single == nil, multi == nil, reader.faults.isEmpty {
      let models =
        CRUNWire.Model.allCases.map(\.rawValue) + CRUNWire.MultiModel.allCases.map(\.rawValue)
      reader.faults.append(
        "model is \(name.debugDescription), and must be one of \(models.joined(separator: ", "))")
    }
    if single != nil || multi != nil, !isServed(name) {
      throw Refusal(.disabled, "The model \(name) is not served here.")
    }
    let callback = reader.url("callback_url", isRequired: false)
    if let multi { return try read(multi, callback, &reader, json) }
    var scene: String?
    var face: String?
    var safety: Bool?
    if reader.enter("input") {
      scene = reader.url("input.\(single?.sceneField ?? "image_url")", isRequired: true)
      face = reader.url("input.new_face", isRequired: true)
      safety = reader.bool("input.disable_safety_checker")
    }
    guard reader.faults.isEmpty, let single, let scene, let face else {
      throw Refusal(.invalid, reader.faults.joined(separator: "; ") + ".")
    }
    return .single(
      CRUNWire.Submission(
        model: single, sceneURL: scene, faceURL: face, callbackURL: callback,
        disablesSafetyChecker: safety), param: json)
  }

  private static func read(
    _ model: CRUNWire.MultiModel, _ callback: String?, _ reader: inout FieldReader,
    _ json: JSONValue
  ) throws(Refusal) -> CRUNRequest {
    var scene: String?
    var detection: String?
    var faces: [(id: String, field: String, url: String)] = []
    if reader.enter("input") {
      scene = reader.url("input.image_url", isRequired: true)
      detection = reader.text("input.detect_id", isRequired: true)
      if let count = reader.count("input.faces", in: 1...SwapOrder.maximumDetectedFaces) {
        for number in 0..<count {
          let id = reader.text("input.faces.\(number).face_id", isRequired: true)
          let field = "input.faces.\(number).target"
          let url = reader.url(field, isRequired: true)
          if let id, let url { faces.append((id, field, url)) }
        }
      }
    }
    guard reader.faults.isEmpty, let scene, let detection else {
      throw Refusal(.invalid, reader.faults.joined(separator: "; ") + ".")
    }
    return .multi(
      Multi(
        model: model, sceneURL: scene, detectID: detection, faces: faces, callbackURL: callback),
      param: json)
  }
}
