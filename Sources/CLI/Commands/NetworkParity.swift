import Core
import Files
import Processing

/// `swapline doctor --model`: whether a network of the user's own gives here what was recorded elsewhere.
enum NetworkParity {
  private struct Answer: Encodable {
    var check: NetworkCheck
    var tolerance: Double
    var isGood: Bool
  }

  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard let expected = arguments.last("expect"), !arguments.all("input").isEmpty else {
      throw SwaplineError(
        .usage, "A network is checked with its inputs and the output that was recorded.",
        hint: "Add --input FILE.npy for each input, and --expect FILE.npy.")
    }
    let tolerance = try tolerance(arguments.last("tolerance"))
    let request = CheckNetworkRequest(
      model: try arguments.last("model").map { try EngineWeights.File(path: $0) },
      embedder: try arguments.last("embedder").map { try EngineWeights.File(path: $0) },
      inputs: arguments.all("input").map { FileSystem.absolute($0) },
      expected: FileSystem.absolute(expected))
    let pool = WorkerPool()
    defer { pool.shutdown() }
    let check = try await pool.checkNetwork(request)
    let isGood = check.largest <= tolerance
    if arguments.has("json") {
      let answer = Answer(check: check, tolerance: tolerance, isGood: isGood)
      terminal.result(try JSONText.line(answer) + "\n")
    } else {
      let mark = isGood ? terminal.paint("ok", .green) : terminal.paint("!!", .red)
      terminal.result(
        "\(mark)  \(check.count) numbers differ by \(check.largest) at most and by \(check.mean) in the mean; "
          + "\(tolerance) is allowed (onnxruntime \(check.runtime))\n")
    }
    return isGood ? .good : .failed
  }

  private static func tolerance(_ text: String?) throws(SwaplineError) -> Double {
    guard let text else { return 0.001 }
    guard let value = Double(text), value >= 0, value.isFinite else {
      throw SwaplineError(
        .usage, "--tolerance is '\(text)', not a number of 0 or more.",
        hint: "Write for example 0.001.")
    }
    return value
  }
}
