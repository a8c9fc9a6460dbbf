import Core
import Files
import Glibc

/// Networks of the user's own for the local engine, in the place of its own way to make a face: a swap network
/// and an embedder, both in ONNX.
///
/// Written `model: swap.onnx, embedder: identity.onnx`, as pipeline files have it. An embedder alone swaps
/// nothing, but measures how like a result is to its face.
public struct EngineWeights: Sendable, Hashable, Codable {
  /// One file, known by its content.
  public struct File: Sendable, Hashable, Codable {
    /// The absolute path.
    public var path: String
    /// The digest of its bytes: a worker refuses any others.
    public var digest: Digest

    /// The file at `path` as it is now.
    public init(path: String) throws {
      self.path = FileSystem.absolute(path)
      digest = try FileDigest.of(self.path, Cancellation())
    }
  }

  /// The numbers that the swap network's picture is made of.
  public enum Range: String, Sendable, Hashable, Codable, CaseIterable {
    /// From 0 to 1.
    case unit
    /// From -1 to 1.
    case signed
  }

  /// Where the swap network wants the face in its picture.
  public enum Template: String, Sendable, Hashable, Codable, CaseIterable {
    /// ArcFace's template of 112 pixels, scaled.
    case arcface112
    /// The same in 128 pixels, 8 further to the right, scaled.
    case arcface128
  }

  /// The swap network; nil leaves the engine's own way.
  public var model: File?
  /// The network that tells identities.
  public var embedder: File?
  /// A square matrix by which the identity is multiplied before the swap network gets it: single precision,
  /// little-endian, row by row.
  public var matrix: File?
  /// What the samples of the swap network's picture go from and to.
  public var range: Range
  /// Nil takes what goes with the size: 128 and its multiples have the wide one.
  public var template: Template?

  /// Networks by their files. Throws when one cannot be read, or a model comes without an embedder.
  public init(
    model: String? = nil, embedder: String? = nil, matrix: String? = nil, range: Range = .unit,
    template: Template? = nil
  ) throws {
    guard let embedder else {
      throw SwaplineError(
        .usage,
        model == nil
          ? "'engine' names no network." : "'engine' names a model and no embedder.",
        hint: "Write 'engine: { model: swap.onnx, embedder: identity.onnx }': the model swaps, the "
          + "embedder tells it whose face to make.")
    }
    self.model = try model.map { try File(path: $0) }
    self.embedder = try File(path: embedder)
    self.matrix = try matrix.map { try File(path: $0) }
    self.range = range
    self.template = template
  }

  /// Changes with every byte of every network, and with how they are used. Two results with the same inputs
  /// and the same identity are the same.
  public var identity: String {
    let files = [model, embedder, matrix].map { $0?.digest.hex ?? "-" }
    let text = files.joined(separator: " ") + " \(range) \(template?.rawValue ?? "-")"
    return String(Digest(of: text).hex.prefix(12))
  }
}

/// What a pipeline file says of own networks, before any file is looked at.
public struct EngineSettings: Sendable, Hashable {
  /// The setting's name among those of a provider.
  public static let name = "engine"
  /// What the setting does, for help.
  public static let summary =
    "Networks of your own for the local engine: { model: swap.onnx, embedder: identity.onnx }. With an "
    + "embedder alone the likeness of results is measured, of vendors' too."

  static let keys = ["model", "embedder", "matrix", "range", "template"]
  /// The values by key.
  public let values: [String: String]

  /// Reads `model: a.onnx, embedder: b.onnx`. Throws `.usage` for anything else.
  public init(parsing text: String) throws(SwaplineError) {
    var values: [String: String] = [:]
    var last: String?
    for part in text.components(by: ", ") {
      let key = Self.keys.first { part.hasPrefix("\($0): ") }
      if let key {
        guard values[key] == nil else { throw Self.problem("names '\(key)' twice") }
        values[key] = String(part.dropFirst(key.count + 2))
        last = key
      } else if let last {
        // A path may hold what separates the parts.
        values[last]? += ", \(part)"
      } else {
        throw Self.problem("is '\(text)'")
      }
    }
    if let range = values["range"], EngineWeights.Range(rawValue: range) == nil {
      throw Self.problem("has the range '\(range)'")
    }
    if let template = values["template"], EngineWeights.Template(rawValue: template) == nil {
      throw Self.problem("has the template '\(template)'")
    }
    self.values = values
  }

  private static func problem(_ what: String) -> SwaplineError {
    SwaplineError(
      .usage, "'engine' \(what).",
      hint: "Write { model: swap.onnx, embedder: identity.onnx }; besides: matrix: FILE, range: "
        + "\(EngineWeights.Range.allCases.map(\.rawValue).joined(separator: " or ")), template: "
        + "\(EngineWeights.Template.allCases.map(\.rawValue).joined(separator: " or ")).")
  }

  /// The paths of its files.
  public var files: [String] { ["model", "embedder", "matrix"].compactMap { values[$0] } }

  /// The networks, with what their files hold now.
  public func weights() throws -> EngineWeights {
    try EngineWeights(
      model: values["model"], embedder: values["embedder"], matrix: values["matrix"],
      range: values["range"].flatMap(EngineWeights.Range.init) ?? .unit,
      template: values["template"].flatMap(EngineWeights.Template.init))
  }
}

extension String {
  fileprivate func components(by separator: String) -> [String] {
    var (parts, rest) = ([String](), self[...])
    while let place = rest.firstRange(of: separator) {
      parts.append(String(rest[..<place.lowerBound]))
      rest = rest[place.upperBound...]
    }
    return parts + [String(rest)]
  }
}
