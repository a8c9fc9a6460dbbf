/// Runs networks of the user's own on recorded numbers, and compares what comes out with what was recorded.
public struct CheckNetworkRequest: MediaWork {
  public typealias Answer = NetworkCheck
  public static let name = "check_network"

  /// The swap network; nil checks the embedder.
  public var model: EngineWeights.File?
  /// The embedder, which makes the identity from a picture among the inputs where there is a model.
  public var embedder: EngineWeights.File?
  /// The absolute paths of the inputs: arrays of single precision as NumPy writes them (`.npy`).
  public var inputs: [String]
  /// The absolute path of the output that was recorded.
  public var expected: String

  /// A check of what the networks give for `inputs` against `expected`.
  public init(
    model: EngineWeights.File?, embedder: EngineWeights.File?, inputs: [String], expected: String
  ) {
    self.model = model
    self.embedder = embedder
    self.inputs = inputs
    self.expected = expected
  }

  public var file: String { (model ?? embedder)?.path ?? "" }
}

/// How far a network's output is from a recorded one.
public struct NetworkCheck: Sendable, Hashable, Codable {
  /// How many numbers were compared.
  public var count: Int
  /// The largest difference of two numbers.
  public var largest: Double
  /// The mean of all differences.
  public var mean: Double
  /// The version of onnxruntime that ran.
  public var runtime: String

  /// Differences of `count` numbers.
  public init(count: Int, largest: Double, mean: Double, runtime: String) {
    self.count = count
    self.largest = largest
    self.mean = mean
    self.runtime = runtime
  }
}

extension MediaService {
  /// Compares what a network gives with what was recorded.
  public func checkNetwork(_ request: CheckNetworkRequest) async throws -> NetworkCheck {
    try await perform(request)
  }
}
