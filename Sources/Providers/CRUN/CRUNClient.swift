import Core
import Curl
import Hosting

/// A client of CRUN's swap models.
package struct CRUNClient: Provider, UploadSlots {
  package let name: String
  package let models: [ProviderModel]

  let disablesSafetyChecker: Bool?
  let movingFaceField: String
  let api: CRUNAPI

  package var callsBack: Bool { true }
  package var uploads: (any UploadSlots)? { self }

  package func submit(_ submission: SwapSubmission) async -> SubmissionOutcome {
    guard submission.faceIndex == 0 else {
      return .refused(
        SwaplineError(
          .unsupported,
          "\(name) swaps only the primary face, but face \(submission.faceIndex) was asked for.",
          hint: "Leave face_index at 0, or choose a provider that takes one."))
    }
    let path = CRUNWire.Path.createTask
    switch await api.api.submit(
      path, wire(submission).json, idempotencyKey: submission.idempotencyKey, provider: name)
    {
    case .success(let reply): return outcome(of: api.read(reply))
    case .failure(let unanswered): return unanswered.outcome
    }
  }

  /// What a complete answer to CreateTask makes certain.
  private func outcome(of reply: CRUNAPI.Reply) -> SubmissionOutcome {
    let error = reply.error(provider: name, keySource: api.keySource)
    switch reply.effectiveCode {
    case 200..<300:
      guard let taskID = reply.envelope?.data?["task_id"]?.text, !taskID.isEmpty else {
        return .ambiguous(
          .ambiguous(name, because: "it answered \(reply.status) without naming a task."))
      }
      return .accepted(taskID: taskID)
    case 429, 455:
      return .busy(error, retryAfter: reply.retryAfter)
    // 408 and 499 come from gateways that gave up on a request they had passed on already.
    case 408, 499:
      return .ambiguous(.ambiguous(name, because: error.message))
    // A redirect is not followed, so nobody acted on the request.
    case 300..<500, 505:
      // A gateway's 5xx around an envelope that says otherwise: which one is right is unknown.
      guard reply.status < 500 || reply.status == reply.effectiveCode else {
        return .ambiguous(.ambiguous(name, because: error.message))
      }
      return .refused(error)
    default:
      return .ambiguous(.ambiguous(name, because: error.message))
    }
  }

  package func status(of taskID: String) async throws -> TaskStatus {
    let data = try await api.query(
      "GET", CRUNWire.Path.taskInfo, query: [.init("task_id", taskID)], provider: name)
    guard let info = CRUNWire.TaskInfo(data) else {
      throw SwaplineError(
        .damaged, "\(name) answered for task \(taskID) without a task and a status.",
        hint: "Check base_url; it may lead to another service.")
    }
    return status(of: info)
  }

  package func read(callback body: JSONValue) -> CallbackNews? {
    // Whether it comes bare or inside the envelope is not documented.
    let data = CRUNWire.Envelope(body)?.data ?? body
    return CRUNWire.TaskInfo(data).map {
      CallbackNews(taskID: $0.taskID, status: status(of: $0))
    }
  }

  private func status(of info: CRUNWire.TaskInfo) -> TaskStatus {
    switch info.status.lowercased() {
    case "success":
      let urls = info.result?.mediaURLs ?? []
      guard !urls.isEmpty else {
        return .failed(
          SwaplineError(
            .generationFailed, "\(name) says that task \(info.taskID) is done but names no result.",
            hint: "Ask the vendor about this task."),
          credits: info.credits)
      }
      return .succeeded(SwapResult(urls: urls, credits: info.credits, seconds: info.seconds))
    case "failed":
      let code = info.result?.code.flatMap(CRUNWire.Code.init) ?? .generationFailed
      let error = (code == .success ? .generationFailed : code).error(
        said: info.result?.message ?? "", provider: name, keySource: api.keySource)
      return .failed(error, credits: info.credits)
    default:
      return .waiting(info.status)
    }
  }

  package func balance() async throws -> Double? {
    try await settled {
      try await api.query("GET", CRUNWire.Path.balance, provider: name)["balance"]?.double
    }
  }

  package func estimate(_ submission: SwapSubmission) async throws -> SwapEstimate? {
    let body = wire(submission).json
    return try await settled {
      let data = try await api.query(
        "POST", CRUNWire.Path.estimateTask, body: body, provider: name)
      guard let credits = data["estimated_credits"]?.double else { return nil }
      return SwapEstimate(
        credits: credits, balance: data["balance"]?.double, isAffordable: data["affordable"]?.bool)
    }
  }

  package func slot(for file: HostedFile) async throws -> UploadSlot {
    try await settled {
      let data = try await api.query(
        "GET", CRUNWire.Path.uploadURL,
        query: [.init("content_type", file.format.mimeType), .init("ext", "." + file.format.name)],
        provider: name)
      guard let put = data["presigned_url"]?.string, let url = data["file_url"]?.string else {
        throw SwaplineError(
          .damaged, "\(name) answered without presigned_url and file_url.",
          hint: "Choose another host for the files.")
      }
      return UploadSlot(uploadURL: put, fileURL: url)
    }
  }

  private func wire(_ submission: SwapSubmission) -> CRUNWire.Submission {
    CRUNWire.Submission(
      model: .init(submission.kind), sceneURL: submission.sceneURL, faceURL: submission.faceURL,
      callbackURL: submission.callbackURL, disablesSafetyChecker: disablesSafetyChecker,
      faceField: submission.kind == .image ? CRUNWire.Submission.faceField : movingFaceField)
  }

  /// For questions that nobody repeats: a wish for patience is an error like any other.
  private func settled<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let later as RetryLater {
      throw later.error
    }
  }
}
