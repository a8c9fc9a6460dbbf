import Core
import Curl

/// A client of API in One's face swap.
package struct APIInOneClient: Provider {
  package let name: String
  package let models: [ProviderModel]

  let outputFormat: APIInOneWire.OutputFormat
  let api: JSONAPI

  package func submit(_ submission: SwapSubmission) async -> SubmissionOutcome {
    let range = APIInOneWire.faceIndices
    guard range.contains(submission.faceIndex) else {
      return .refused(
        SwaplineError(
          .unsupported,
          "\(name) takes a face_index of \(range.lowerBound) to \(range.upperBound), and "
            + "\(submission.faceIndex) was asked for.",
          hint: "Choose a face within that range."))
    }
    let body = APIInOneWire.Submission(
      sceneURL: submission.sceneURL, faceURL: submission.faceURL,
      targetIndex: submission.faceIndex, outputFormat: outputFormat)
    switch await api.submit(
      APIInOneWire.Path.swap, body.json, idempotencyKey: submission.idempotencyKey, provider: name)
    {
    case .success(let reply): return outcome(of: reply)
    case .failure(let unanswered): return unanswered.outcome
    }
  }

  /// What a complete answer to a submission makes certain.
  private func outcome(of reply: JSONAPI.Reply) -> SubmissionOutcome {
    guard let failure = APIInOneWire.Failure(status: reply.status, reply.json) else {
      guard let task = reply.json.flatMap(APIInOneWire.Task.init) else {
        return .ambiguous(
          .ambiguous(name, because: "it answered \(reply.status) without naming a task."))
      }
      return .accepted(taskID: task.id)
    }
    let error = error(for: failure)
    switch failure.code {
    case 429:
      return .busy(error, retryAfter: reply.retryAfter)
    // What our own server says before it takes anything.
    case 503 where failure.type == "maintenance":
      return .busy(error, retryAfter: reply.retryAfter)
    // 408 and 499 come from gateways that gave up on a request they had passed on already.
    case 408, 499:
      return .ambiguous(.ambiguous(name, because: error.message))
    // A gateway's 5xx around a body that says otherwise: which one is right is unknown.
    case 300..<500 where reply.status < 500:
      return .refused(error)
    default:
      return .ambiguous(.ambiguous(name, because: error.message))
    }
  }

  package func status(of taskID: String) async throws -> TaskStatus {
    let reply: JSONAPI.Reply
    do {
      reply = try await api.call("GET", APIInOneWire.Path.tasks + PercentCoding.encode(taskID))
    } catch let failure as CurlError {
      throw SwaplineError(failure, provider: name)
    }
    // A failed task may hold an error of its own in an answer of 200.
    if let task = reply.json.flatMap(APIInOneWire.Task.init), (200..<300).contains(reply.status) {
      return status(of: task)
    }
    if let failure = APIInOneWire.Failure(status: reply.status, reply.json) {
      let error = error(for: failure)
      switch failure.code {
      case 408, 429, 455, 499, 500, 502, 503, 504:
        throw RetryLater(error, after: reply.retryAfter)
      default: throw error
      }
    }
    throw SwaplineError(
      .damaged, "\(name) answered for task \(taskID) without a task and a status.",
      hint: "Check base_url; it may lead to another service.")
  }

  private func status(of task: APIInOneWire.Task) -> TaskStatus {
    switch task.status.lowercased() {
    case "completed":
      guard !task.urls.isEmpty else {
        return .failed(
          SwaplineError(
            .generationFailed, "\(name) says that task \(task.id) is done but names no result.",
            hint: "Ask the vendor about this task."),
          credits: task.credits)
      }
      return .succeeded(SwapResult(urls: task.urls, credits: task.credits))
    case "failed":
      let said = task.reason.map { " It says: " + api.key.redacted(from: $0) } ?? ""
      return .failed(
        SwaplineError(
          .generationFailed, "\(name) could not make the swap.\(said)",
          hint: "Check the scene and the face: both need one clear, frontal face."),
        credits: task.credits)
    default:
      return .waiting(task.status.isEmpty ? "no word" : task.status)
    }
  }

  /// The error that a failure means for a caller.
  private func error(for failure: APIInOneWire.Failure) -> SwaplineError {
    let said = api.key.redacted(from: failure.message)
    let told = said.isEmpty ? "" : " It says: \(said)"
    switch failure.code {
    case 403 where failure.type == "feature_disabled":
      return SwaplineError(
        .unsupported, "\(name) does not serve this model at present (403).\(told)",
        hint: "Choose another provider; nothing was charged.")
    case 401, 403:
      return SwaplineError(
        .unauthorized, "\(name) does not accept the key (\(failure.code)).\(told)",
        hint: "Put a valid key into \(api.keySource), or set `at: embedded` to work without one.")
    case 402:
      return SwaplineError(
        .insufficientCredits, "The account has too few credits for this swap (402).\(told)",
        hint: "Add credits at \(name), then run the same command again: what is done is kept.")
    case 404:
      return SwaplineError(
        .notFound, "\(name) has no such task or address (404).\(told)",
        hint: "Check base_url; tasks and results are kept for a limited time only.")
    case 429:
      return SwaplineError(
        .rateLimited, "\(name) is limiting the rate of requests (429).\(told)",
        hint: "Run fewer swaps at once, or wait; nothing was charged.")
    case 500...:
      return SwaplineError(
        .unavailable, "\(name) had an internal error (\(failure.code)).\(told)",
        hint: "Try again later.")
    default:
      return SwaplineError(
        .refusedByProvider, "\(name) refused the request (\(failure.code)).\(told)",
        hint: "Change what the sentence names; nothing was charged.")
    }
  }
}
