import Core
import Curl
import Providers

/// A request to CRUN's wire format that cannot be met, by the envelope's code.
struct CRUNRefusal: Error {
  var code: CRUNWire.Code
  var message: String
  var retryAfter: TimeSpan?

  init(_ code: CRUNWire.Code, _ message: String, retryAfter: TimeSpan? = nil) {
    self.code = code
    self.message = message
    self.retryAfter = retryAfter
  }
}

extension CRUNWire.Submission {
  /// Reads the body of CreateTask strictly. Throws a refusal of code 422 that names every fault at
  /// once, or 505 for a model that is not served.
  static func read(
    _ bytes: [UInt8]?, isServed: (CRUNWire.Model) -> Bool
  ) throws(CRUNRefusal) -> (submission: CRUNWire.Submission, param: JSONValue) {
    guard let bytes, let json = try? JSONValue(parsing: bytes), case .object = json else {
      throw CRUNRefusal(.validation, "The body is not a JSON object.")
    }
    var reader = FieldReader(json)
    let name = reader.text("model", isRequired: true) ?? ""
    let model = CRUNWire.Model(rawValue: name)
    if model == nil, reader.faults.isEmpty {
      let models = CRUNWire.Model.allCases.map(\.rawValue).joined(separator: ", ")
      reader.faults.append("model is \(name.debugDescription), and must be one of \(models)")
    }
    if let model, !isServed(model) {
      throw CRUNRefusal(.featureDisabled, "The model \(model.rawValue) is not served here.")
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
      throw CRUNRefusal(.validation, reader.faults.joined(separator: "; ") + ".")
    }
    let submission = CRUNWire.Submission(
      model: model, sceneURL: scene, faceURL: face, callbackURL: callback,
      disablesSafetyChecker: safety)
    return (submission, json)
  }
}

/// Reads fields of a JSON object by dotted name, and collects what is wrong with them.
struct FieldReader {
  private let root: JSONValue
  var faults: [String] = []

  init(_ root: JSONValue) {
    self.root = root
  }

  /// Whether `name` is an object to look into.
  mutating func enter(_ name: String) -> Bool {
    switch value(name) {
    case .object: return true
    case .null: faults.append("\(name) is missing")
    case let other: faults.append("\(name) must be an object, and \(Self.kind(other)) was found")
    }
    return false
  }

  mutating func text(_ name: String, isRequired: Bool) -> String? {
    switch value(name) {
    case .string(let text) where !text.isEmpty: return text
    case .string where isRequired: faults.append("\(name) is empty")
    case .string: break
    case .null: if isRequired { faults.append("\(name) is missing") }
    case let other: faults.append("\(name) must be a text, and \(Self.kind(other)) was found")
    }
    return nil
  }

  mutating func bool(_ name: String) -> Bool? {
    switch value(name) {
    case .bool(let value): return value
    case .null: break
    case let other:
      faults.append("\(name) must be true or false, and \(Self.kind(other)) was found")
    }
    return nil
  }

  mutating func url(_ name: String, isRequired: Bool) -> String? {
    guard let text = text(name, isRequired: isRequired) else { return nil }
    guard text.utf8.count <= 4_096 else {
      faults.append("\(name) has \(text.utf8.count) characters, and at most 4096 are taken")
      return nil
    }
    let scheme = text.prefix { $0 != ":" }.lowercased()
    guard scheme == "http" || scheme == "https", text.contains("://") else {
      faults.append("\(name) must be an http or https address, and begins otherwise")
      return nil
    }
    do {
      _ = try WebAddress(text)
      return text
    } catch {
      faults.append("\(name) is no address that can be fetched: \(error.detail)")
      return nil
    }
  }

  private func value(_ name: String) -> JSONValue {
    name.split(separator: ".").reduce(Optional(root)) { $0?[String($1)] } ?? .null
  }

  private static func kind(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool: "a truth value"
    case .int, .double: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}
