import Core
import MicroHTTPD
import Serving

/// Ace Data Cloud's wire format. The answer waits for the swap, or names the task at once where a
/// callback or `async` is asked for. Faces are taken from `source_image_url`, as in the guide.
struct AceDataFacade: Facade {
  let name = "acedata"
  let title = "Ace Data Cloud"
  let key = KeyField.bearer

  func addRoutes(to router: inout Router, server: ServerContext) {
    router.on("POST", AceDataWire.Path.swap, bodyLimit: 65_536) { request in
      await Self.answered { try await swap(request, server) }
    }
  }

  func callback(_ task: TaskRecord, links: FileLinks) throws -> [UInt8] {
    try JSONText.bytes(Self.told(task, links).json)
  }

  private func swap(_ request: ServerRequest, _ server: ServerContext) async throws
    -> ServerResponse
  {
    let account = try await server.account(bearerOf: request)
    try await server.admit(account)
    let (order, seconds, isDetached) = try read(request, server)
    let (task, isRepeated) = try await server.take(
      order, facade: name, account: account, request: request)
    func sent(_ status: Int, _ json: JSONValue) throws -> ServerResponse {
      var response = ServerResponse.json(status, try JSONText.bytes(json))
      if isRepeated { response.headers["Idempotency-Replayed"] = "true" }
      return response
    }
    guard !isDetached else { return try sent(200, ["task_id": .string(task.id)]) }
    let store = server.store
    let ended = try await server.endings.wait(within: .seconds(seconds)) {
      let now = try await store.task(task.id, of: account)
      return now?.ending == nil ? nil : now
    }
    guard let ended else {
      let failure = AceDataWire.Failure(
        status: 504, code: "timeout",
        message: "The swap is not done after \(seconds) s. It continues and may be charged.",
        traceID: task.id)
      return try sent(504, failure.json)
    }
    let (status, json) = Self.told(ended, server.links)
    return try sent(status, json)
  }

  /// What is said of a task that has ended, in answers and callbacks alike.
  private static func told(_ task: TaskRecord, _ links: FileLinks) -> (status: Int, json: JSONValue)
  {
    switch task.ending {
    case .result(let file, let expires, let media):
      return (
        200,
        [
          "success": true, "task_id": .string(task.id),
          "image_url": .string(links.download(file, expires: expires)),
          "image_width": .int(Int64(media.uprightWidth)),
          "image_height": .int(Int64(media.uprightHeight)),
          "image_size": .int(media.size),
        ]
      )
    case .failure(let error):
      let said = error.hint.map { error.message + " " + $0 } ?? error.message
      let isOurs = error.code == .storage || error.code == .internal
      let failure = AceDataWire.Failure(
        status: isOurs ? 500 : 400, code: isOurs ? "api_error" : "bad_request", message: said,
        traceID: task.id)
      var json = failure.json
      if case .object(var fields) = json {
        fields["task_id"] = .string(task.id)
        json = .object(fields)
      }
      return (failure.status, json)
    case .faces, nil:
      return (200, ["task_id": .string(task.id)])
    }
  }

  /// Reads a submission strictly, and names every fault at once.
  private func read(
    _ request: ServerRequest, _ server: ServerContext
  ) throws -> (order: SwapOrder, seconds: Int, isDetached: Bool) {
    let json = try request.jsonObject()
    var reader = FieldReader(json)
    let face = reader.url("source_image_url", isRequired: true)
    let scene = reader.url("target_image_url", isRequired: true)
    let callback = reader.url("callback_url", isRequired: false)
    let seconds = reader.int("timeout", in: 1...600) ?? AceDataWire.timeout
    let isAsync = reader.bool("async") ?? false
    guard reader.faults.isEmpty, let scene, let face else {
      throw Refusal(.invalid, reader.faults.joined(separator: "; ") + ".")
    }
    guard !server.configuration.disabledModels.contains("face/swap") else {
      throw Refusal(.disabled, "The face swap is not served here.")
    }
    let order = SwapOrder(
      model: "face/swap", sceneURL: scene, sceneField: "target_image_url",
      faces: [SwapOrder.Face(face, field: "source_image_url")], callbackURL: callback, param: json)
    return (order, seconds, isAsync || callback != nil)
  }

  private static func answered(
    _ make: () async throws -> ServerResponse
  ) async -> ServerResponse {
    await ServerResponse.answer(make) { refusal in
      let (status, code) = refusal.kind.aceData
      return (
        status, AceDataWire.Failure(status: status, code: code, message: refusal.message).json
      )
    }
  }
}

extension Refusal.Kind {
  /// The HTTP status and the vendor's word.
  fileprivate var aceData: (status: Int, code: String) {
    switch self {
    case .unauthorized: (401, "invalid_token")
    case .poor: (403, "used_up")
    case .notFound: (404, "bad_request")
    case .invalid: (400, "token_mismatched")
    case .conflict: (422, "bad_request")
    case .limited: (429, "too_many_requests")
    case .maintenance: (403, "disabled")
    case .disabled: (400, "api_not_implemented")
    case .unavailable: (503, "api_error")
    case .fault: (500, "api_error")
    }
  }
}
