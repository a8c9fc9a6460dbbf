import Core
import Faces
import Files
import Processing
import Synchronization

/// Networks of the user's own, loaded. Not `Sendable`: one thread at a time.
final class OwnWay {
  let weights: EngineWeights
  private let network: SwapNetwork?
  private let embedder: IdentityNetwork
  private let matrix: [Float]?

  init(_ weights: EngineWeights, runtime: NetworkRuntime) throws {
    guard let file = weights.embedder else {
      throw SwaplineError(.usage, "'engine' names no embedder.")
    }
    self.weights = weights
    embedder = try Self.using(file) { try IdentityNetwork($0, runtime: runtime) }
    network = try weights.model.map { file in
      try Self.using(file) { try SwapNetwork($0, runtime: runtime) }
    }
    let length = embedder.length
    matrix = try weights.matrix.map { file in
      let bytes = try Self.read(file)
      guard bytes.count == 4 * length * length else {
        throw SwaplineError(
          .usage,
          "\(file.path) has \(bytes.count) bytes; a matrix for identities of \(length) numbers has "
            + "\(4 * length * length).",
          hint: "Write it as single precision, row by row, without a header.")
      }
      return stride(from: 0, to: bytes.count, by: 4).map { at in
        Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) })
      }
    }
    if let network, let model = weights.model, network.length != length {
      throw SwaplineError(
        .unsupported,
        "\(Self.name(model)) takes identities of \(network.length) numbers, and \(Self.name(file)) "
          + "gives \(length).",
        hint: "Use the embedder that the model was trained with.")
    }
  }

  /// Whether it swaps faces; else it only measures likeness.
  var swaps: Bool { network != nil }

  /// Who the face of `picture` is: a vector of length 1.
  func identity(of mesh: FaceMesh, in picture: PictureView) throws -> [Float] {
    try Self.naming(weights.embedder) { try embedder.identity(of: mesh, in: picture) }
  }

  /// Who the face of a still is.
  func identity(of face: DecodedFace) throws -> [Float] {
    var picture = face.picture
    return try picture.withView { try identity(of: face.found.mesh, in: $0) }
  }

  /// What the network makes of a face of `scene`, and where its points lie there.
  func picture(
    of mesh: FaceMesh, in scene: PictureView, for identity: [Float]
  ) throws -> (picture: RGBPicture, mesh: FaceMesh) {
    guard let network else { throw SwaplineError(.internal, "There is no network to swap with.") }
    let isWide =
      weights.template.map { $0 == .arcface128 } ?? network.side.isMultiple(of: 128)
    return try Self.naming(weights.model) {
      try network.swap(
        mesh, in: scene, identity: multiplied(identity), isSigned: weights.range == .signed,
        isWide: isWide)
    }
  }

  /// An identity as the swap network wants it.
  private func multiplied(_ identity: [Float]) -> [Float] {
    guard let matrix else { return identity }
    let count = identity.count
    let result = (0..<count).map { column in
      (0..<count).reduce(Float(0)) { $0 + identity[$1] * matrix[$1 * count + column] }
    }
    let length = result.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? result.map { $0 / length } : result
  }

  /// How alike two identities are, -1 to 1: the cosine between their vectors.
  static func likeness(_ one: [Float], _ other: [Float]) -> Double {
    zip(one, other).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
  }

  // MARK: Files

  static func name(_ file: EngineWeights.File) -> String {
    file.path.split(separator: "/").last.map(String.init) ?? file.path
  }

  static func read(_ file: EngineWeights.File) throws -> [UInt8] {
    let bytes = try FileSystem.read(file.path)
    guard Digest(of: bytes) == file.digest else {
      throw SwaplineError(
        .unsupported, "\(file.path) has changed since the run began.",
        hint: "Run again; results of the file as it is now are kept apart from the others.")
    }
    return bytes
  }

  static func using<Network>(
    _ file: EngineWeights.File, _ make: ([UInt8]) throws -> Network
  ) throws -> Network {
    let bytes = try read(file)
    return try naming(file) { try make(bytes) }
  }

  private static func naming<Result>(
    _ file: EngineWeights.File?, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let error as FacesError where error.kind == .model {
      throw SwaplineError(
        .unsupported,
        "\(file.map(name) ?? "The network") cannot be used: \(error.detail).",
        hint: "Own networks are ONNX files of the forms that docs/decisions/local-engine.md names.")
    } catch let error as FacesError {
      throw SwaplineError(
        .internal, "\(file.map(name) ?? "The network") failed: \(error.detail).")
    }
  }
}

/// Loaded networks that wait for their next user: they are slow to make, and each serves one thread.
final class OwnWays: Sendable {
  /// A network may move between threads, because only one thread uses it at a time.
  private struct Waiting: @unchecked Sendable {
    let way: OwnWay
  }

  private let idle = Mutex<[Waiting]>([])
  private let runtime = Mutex<NetworkRuntime?>(nil)

  /// onnxruntime, loaded once.
  func loadedRuntime() throws -> NetworkRuntime {
    try runtime.withLock { known in
      if let known { return known }
      let path = try RuntimeLibrary().path()
      do {
        let made = try NetworkRuntime(path: path)
        known = made
        return made
      } catch let error as FacesError {
        throw SwaplineError(
          .unsupported, "\(path) cannot be used: \(error.detail).",
          hint: "Run \(RuntimeLibrary.command) in the folder of Swapline's sources.")
      }
    }
  }

  /// Lends loaded networks until `body` ends. Of others none is kept: memory holds one set at a time.
  func lend<Result>(_ weights: EngineWeights, _ body: (OwnWay) throws -> Result) throws -> Result {
    let way = try take(weights)
    defer { give(way) }
    return try body(way)
  }

  /// Loaded networks, for longer than a call; to be given back.
  func take(_ weights: EngineWeights) throws -> OwnWay {
    let waiting = idle.withLock { idle -> Waiting? in
      idle.removeAll { $0.way.weights != weights }
      return idle.popLast()
    }
    return try waiting?.way ?? OwnWay(weights, runtime: try loadedRuntime())
  }

  /// Takes networks back.
  func give(_ way: OwnWay) {
    let waiting = Waiting(way: way)
    idle.withLock { $0.append(waiting) }
  }
}
