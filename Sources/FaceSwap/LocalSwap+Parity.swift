import Core
import Faces
import Processing

extension LocalSwap {
  /// Runs networks of the user's own on recorded numbers, and compares.
  package func check(_ request: CheckNetworkRequest) throws -> NetworkCheck {
    let arrays = try request.inputs.map { try NumPyArray(file: $0) }
    let expected = try NumPyArray(file: request.expected)
    let runtime = try ways.loadedRuntime()
    let result = try Self.output(request, arrays, runtime)
    guard result.count == expected.values.count else {
      throw SwaplineError(
        .unsupported,
        "The network gives \(result.count) numbers, and \(expected.values.count) were recorded.",
        hint: "Record the output of the same network.")
    }
    let apart = zip(result, expected.values).map { Double(abs($0 - $1)) }
    guard apart.allSatisfy(\.isFinite) else {
      throw SwaplineError(.unsupported, "The recorded output contains NaN.")
    }
    return NetworkCheck(
      count: apart.count, largest: apart.max() ?? 0,
      mean: apart.reduce(0, +) / Double(max(1, apart.count)), runtime: runtime.version)
  }

  private static func output(
    _ request: CheckNetworkRequest, _ arrays: [NumPyArray], _ runtime: NetworkRuntime
  ) throws -> [Float] {
    let embedder = try request.embedder.map { file in
      try OwnWay.using(file) { try IdentityNetwork($0, runtime: runtime) }
    }
    func picture(_ side: Int, _ whose: String) throws -> [Float] {
      let wanted = [1, 3, side, side]
      guard let found = arrays.first(where: { $0.shape == wanted }) else {
        throw missing("a picture of 1x3x\(side)x\(side) for the \(whose)", arrays)
      }
      return found.values
    }
    do {
      guard let model = request.model else {
        guard let embedder else {
          throw SwaplineError(
            .usage, "There is no network to check.", hint: "Name one: --model FILE.")
        }
        return try embedder.identity(of: try picture(embedder.side, "embedder"))
      }
      let network = try OwnWay.using(model) { try SwapNetwork($0, runtime: runtime) }
      let identity: [Float]
      if let given = arrays.first(where: { $0.shape == [1, network.length] }) {
        identity = given.values
      } else if let embedder, embedder.length == network.length {
        identity = try embedder.identity(of: try picture(embedder.side, "embedder"))
      } else {
        throw missing("an identity of 1x\(network.length) for the model", arrays)
      }
      return try network.run(try picture(network.side, "model"), identity: identity)
    } catch let error as FacesError {
      throw SwaplineError(.unsupported, "The network failed: \(error.detail).")
    }
  }

  private static func missing(_ what: String, _ arrays: [NumPyArray]) -> SwaplineError {
    let shapes = arrays.map { $0.shape.map(String.init).joined(separator: "x") }
    return SwaplineError(
      .usage,
      "Among the inputs is not \(what); there is \(shapes.isEmpty ? "none" : shapes.joined(separator: ", ")).",
      hint: "Give each input that the network takes with --input FILE.npy.")
  }
}
