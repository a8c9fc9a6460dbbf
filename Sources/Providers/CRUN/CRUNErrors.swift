import Core
import Curl

extension CRUNWire.Code {
  /// The error that a code means for a caller; `said` is the vendor's own sentence.
  func error(said: String, provider: String, keySource: String) -> SwaplineError {
    let isWhole = said.last.map { ".!?".contains($0) } ?? true
    let told = said.isEmpty ? "" : " It says: \(said)\(isWhole ? "" : ".")"
    switch self {
    case .unauthorized:
      return SwaplineError(
        .unauthorized, "\(provider) does not accept the key (401).\(told)",
        hint: "Put a valid key into \(keySource), or set `at: embedded` to work without one.")
    case .insufficientCredits:
      return SwaplineError(
        .insufficientCredits, "The account has too few credits for this swap (402).\(told)",
        hint: "Add credits at \(provider), then run the same command again: what is done is kept.")
    case .notFound:
      return SwaplineError(
        .notFound, "\(provider) has no such task or address (404).\(told)",
        hint: "Check base_url; tasks and results are kept for a limited time only.")
    case .validation:
      return SwaplineError(
        .refusedByProvider, "\(provider) refused the request (422).\(told)",
        hint: "Change what the sentence names; nothing was charged.")
    case .rateLimited:
      return SwaplineError(
        .rateLimited, "\(provider) is limiting the rate of requests (429).\(told)",
        hint: "Run fewer swaps at once, or wait; nothing was charged.")
    case .maintenance:
      return SwaplineError(
        .unavailable, "\(provider) is in maintenance (455).\(told)",
        hint: "Try again later; nothing was charged.")
    case .generationFailed:
      return SwaplineError(
        .generationFailed, "\(provider) could not make the swap (501).\(told)",
        hint: "Check the scene and the face: both need one clear, frontal face.")
    case .featureDisabled:
      return SwaplineError(
        .unsupported, "\(provider) does not serve this model at present (505).\(told)",
        hint: "Choose another model or provider; nothing was charged.")
    case .serverError, .success:
      return SwaplineError(
        .unavailable, "\(provider) had an internal error (\(rawValue)).\(told)",
        hint: "Try again later.")
    }
  }
}

extension SwaplineError {
  /// A transfer to `provider` that failed, as an error of a query.
  init(_ failure: CurlError, provider: String) {
    let code: Code =
      switch failure.kind {
      case .timeout, .stalled: .timeout
      case .forbiddenAddress, .forbiddenRedirect: .forbiddenAddress
      case .badAddress, .badRequest: .usage
      case .readFailed, .writeFailed: .storage
      case .resolve, .connect, .tls: .unavailable
      default: .network
      }
    self.init(
      code, "\(provider) could not be reached: \(failure.detail)",
      hint: code == .usage ? "Check base_url." : "Check the network and base_url, then try again.")
  }

  /// The same failure, for a submission whose fate is unknown.
  static func ambiguous(_ provider: String, because reason: String) -> SwaplineError {
    SwaplineError(
      .ambiguous,
      "Whether \(provider) took the swap is unknown, and it may have been charged: \(reason)",
      hint: "It is not sent again by itself. Look into the account's list of tasks first.")
  }
}
