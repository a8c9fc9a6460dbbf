import Core
import Curl
import Hosting

/// A client of Ace Data Cloud's face swap, which answers when the swap is done.
///
/// There is no documented way to ask for a task afterwards: the answer to the submission is the
/// only one.
package struct AceDataClient: Provider {
  /// The vendor has one model and no name for it; this is the path that serves it.
  static let model = "face/swap"

  package let name: String
  package let models: [ProviderModel]

  /// How a result comes home.
  enum Delivery: String, Sendable {
    /// As the answer to the submission, however long that takes.
    case answer
    /// By a callback; the answer names the task alone.
    case callback
  }

  let faceField: AceDataWire.FaceField
  let seconds: Int
  let delivery: Delivery
  let api: JSONAPI
  package let uploads: (any UploadSlots)?

  package var answersQueries: Bool { false }
  package var callsBack: Bool { delivery == .callback }

  package func submit(_ submission: SwapSubmission) async -> SubmissionOutcome {
    guard submission.faceIndex == 0 else {
      return .refused(
        SwaplineError(
          .unsupported,
          "\(name) chooses the face itself, but face \(submission.faceIndex) was asked for.",
          hint: "Leave face_index at 0, or choose a provider that takes one."))
    }
    let callback = callsBack ? submission.callbackURL : nil
    guard callback != nil || !callsBack else {
      return .refused(
        SwaplineError(
          .usage, "\(name) is to call back, but there is no address for it.",
          hint: "Give --public-url, or leave out 'delivery: callback'."))
    }
    let isGuide = faceField == .source
    let body = AceDataWire.Submission(
      sourceURL: isGuide ? submission.faceURL : submission.sceneURL,
      targetURL: isGuide ? submission.sceneURL : submission.faceURL, timeout: seconds,
      callbackURL: callback)
    switch await api.submit(
      AceDataWire.Path.swap, body.json, idempotencyKey: submission.idempotencyKey, provider: name)
    {
    case .success(let reply): return outcome(of: reply)
    case .failure(let unanswered): return unanswered.outcome
    }
  }

  /// What a complete answer to a submission makes certain.
  private func outcome(of reply: JSONAPI.Reply) -> SubmissionOutcome {
    guard let failure = AceDataWire.Failure(status: reply.status, reply.json) else {
      guard let result = reply.json.flatMap(AceDataWire.Result.init) else {
        if callsBack, let task = reply.json?["task_id"]?.text, !task.isEmpty {
          return .accepted(taskID: task)
        }
        return .ambiguous(
          .ambiguous(name, because: "it answered \(reply.status) without naming a result."))
      }
      return .finished(taskID: result.taskID ?? "unnamed", SwapResult(urls: [result.imageURL]))
    }
    let error = error(for: failure)
    switch (failure.status, failure.code) {
    case (429, _), (_, "too_many_requests"):
      return .busy(error, retryAfter: reply.retryAfter)
    // 408 and 499 come from gateways that gave up on a request they had passed on already.
    case (408, _), (499, _), (_, "timeout"):
      return .ambiguous(.ambiguous(name, because: error.message))
    case (300..<500, _):
      return .refused(error)
    // A failure inside an answer of 200 is one that the vendor vouches for.
    case (200..<300, let code) where !code.isEmpty && code != "api_error":
      return .refused(error)
    default:
      return .ambiguous(.ambiguous(name, because: error.message))
    }
  }

  package func read(callback body: JSONValue) -> CallbackNews? {
    let task = body["task_id"]?.text
    if let result = AceDataWire.Result(body) {
      return CallbackNews(taskID: task, status: .succeeded(SwapResult(urls: [result.imageURL])))
    }
    guard let failure = AceDataWire.Failure(status: 200, body) else { return nil }
    var error = error(for: failure)
    error.code = .generationFailed
    return CallbackNews(taskID: task, status: .failed(error, credits: 0))
  }

  package func status(of taskID: String) async throws -> TaskStatus {
    throw SwaplineError(
      .unsupported, "\(name) has no documented way to ask for a task.",
      hint: "Look at the vendor's own pages for task \(taskID).")
  }

  /// The error that a failure means for a caller.
  private func error(for failure: AceDataWire.Failure) -> SwaplineError {
    let said = api.key.redacted(from: failure.message)
    let trace = failure.traceID.map { " (trace \($0))" } ?? ""
    let told = (said.isEmpty ? "" : " It says: \(said)") + trace
    let word = failure.code.isEmpty ? "\(failure.status)" : "\(failure.status) \(failure.code)"
    switch (failure.status, failure.code) {
    case (_, "used_up"), (402, _):
      return SwaplineError(
        .insufficientCredits, "The account's credits are used up (\(word)).\(told)",
        hint: "Add credits at \(name), then run the same command again: what is done is kept.")
    case (401, _), (_, "no_token"), (_, "token_expired"), (_, "invalid_token"):
      return SwaplineError(
        .unauthorized, "\(name) does not accept the key (\(word)).\(told)",
        hint: "Put a valid key into \(api.keySource), or set `at: embedded` to work without one.")
    case (_, "disabled"), (_, "api_not_implemented"), (403, _):
      return SwaplineError(
        .unsupported, "\(name) does not offer this service to the account (\(word)).\(told)",
        hint: "Apply for the service at \(name), or choose another provider; nothing was charged.")
    case (429, _), (_, "too_many_requests"):
      return SwaplineError(
        .rateLimited, "\(name) is limiting the rate of requests (\(word)).\(told)",
        hint: "Run fewer swaps at once, or wait; nothing was charged.")
    case (500..., _), (_, "api_error"), (_, "timeout"):
      return SwaplineError(
        .unavailable, "\(name) had an internal error (\(word)).\(told)", hint: "Try again later.")
    default:
      return SwaplineError(
        .refusedByProvider, "\(name) refused the request (\(word)).\(told)",
        hint: "Change what the sentence names; nothing was charged.")
    }
  }
}
