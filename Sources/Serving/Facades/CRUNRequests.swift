import Core
import Providers

extension CRUNWire.Submission {
  /// Reads the body of CreateTask strictly. Throws a refusal of code 422 that names every fault at
  /// once, or 505 for a model that is not served.
  static func read(
    _ bytes: [UInt8]?, isServed: (CRUNWire.Model) -> Bool
  ) throws(Refusal) -> (submission: CRUNWire.Submission, param: JSONValue) {
    guard let bytes, let json = try? JSONValue(parsing: bytes), case .object = json else {
      throw Refusal(.invalid, "The body is not a JSON object.")
    }
    var reader = FieldReader(json)
    let name = reader.text("model", isRequired: true) ?? ""
    let model = CRUNWire.Model(rawValue: name)
    if model == nil, reader.faults.isEmpty {
      let models = CRUNWire.Model.allCases.map(\.rawValue).joined(separator: ", ")
      reader.faults.append("model is \(name.debugDescription), and must be one of \(models)")
    }
    if let model, !isServed(model) {
      throw Refusal(.disabled, "The model \(model.rawValue) is not served here.")
    }
    let callback = reader.url("callback_url", isRequired: false)
    var scene: String?
    var face: String?
    var safety: Bool?
    if reader.enter("input") {
      scene = reader.url("input.\(model?.sceneField ?? "image_url")", isRequired: true)
      face = reader.url("input.new_face", isRequired: true)
      safety = reader.bool("input.disable_safety_checker")
    }
    guard reader.faults.isEmpty, let model, let scene, let face else {
      throw Refusal(.invalid, reader.faults.joined(separator: "; ") + ".")
    }
    let submission = CRUNWire.Submission(
      model: model, sceneURL: scene, faceURL: face, callbackURL: callback,
      disablesSafetyChecker: safety)
    return (submission, json)
  }
}
