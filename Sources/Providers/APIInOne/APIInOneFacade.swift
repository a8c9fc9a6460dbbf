import Core
import MicroHTTPD
import Serving

/// API in One's wire format. The vendor does not publish the body of a completed task; ours gives
/// the result as `data.output.image_url`. Idempotency-Key and Retry-After are ours too.
struct APIInOneFacade: Facade {
  let name = "apiinone"
  let title = "API in One"
  let key = KeyField.bearer

  func addRoutes(to router: inout Router, server: ServerContext) {
    router.on("POST", APIInOneWire.Path.swap, bodyLimit: 65_536) { request in
      await Self.answered { try await swap(request, server) }
    }
    router.on("GET", APIInOneWire.Path.tasks + "{id}") { request in
      await Self.answered { try await task(request, server) }
    }
  }

  func callback(_ task: TaskRecord, links: FileLinks) throws -> [UInt8] {
    // The vendor has no callback on this route, so no order holds an address for one.
    []
  }

  private func swap(_ request: ServerRequest, _ server: ServerContext) async throws
    -> ServerResponse
  {
    let account = try await server.account(bearerOf: request)
    try await server.admit(account)
    let order = try read(request, server)
    let (task, isRepeated) = try await server.take(
      order, facade: name, account: account, request: request)
    var response = try Self.success(["task_id": .string(task.id), "status": "IN_PROGRESS"])
    if isRepeated { response.headers["Idempotency-Replayed"] = "true" }
    return response
  }

  private func task(_ request: ServerRequest, _ server: ServerContext) async throws
    -> ServerResponse
  {
    let account = try await server.account(bearerOf: request)
    let id = request.parameters["id"] ?? ""
    guard let task = try await server.store.task(id, of: account), task.facade == name else {
      throw Refusal(.notFound, "There is no task \(id.debugDescription) of this key.")
    }
    var data: [String: JSONValue] = ["task_id": .string(task.id)]
    switch task.ending {
    case .result(let file, let expires, let media):
      data["status"] = "completed"
      data["credits"] = .init(number: task.price.number)
      data["output"] = [
        "image_url": .string(server.links.download(file, expires: expires)),
        "width": .int(Int64(media.uprightWidth)), "height": .int(Int64(media.uprightHeight)),
        "format": .string(media.format.name), "size": .int(media.size),
        "expires_at": .int(expires),
      ]
    case .failure(let error):
      data["status"] = "failed"
      data["credits"] = 0
      let said = error.hint.map { error.message + " " + $0 } ?? error.message
      data["error"] = ["message": .string(said), "type": "generation_failed"]
    case .faces, nil:
      data["status"] = task.status == .pending ? "PENDING" : "IN_PROGRESS"
    }
    return try Self.success(.object(data))
  }

  /// Reads a submission strictly, and names every fault at once.
  private func read(_ request: ServerRequest, _ server: ServerContext) throws -> SwapOrder {
    let json = try request.jsonObject()
    var reader = FieldReader(json)
    if let model = reader.text("model", isRequired: true), model != APIInOneWire.model {
      reader.faults.append("model is \(model.debugDescription), and must be face-swap")
    }
    let scene = reader.url("image", isRequired: true)
    let face = reader.url("face_image", isRequired: true)
    let index = reader.int("target_index", in: 0...10) ?? 0
    let word = reader.text("output_format", isRequired: false) ?? "png"
    let format = APIInOneWire.OutputFormat(rawValue: word)
    if format == nil {
      reader.faults.append(
        "output_format is \(word.debugDescription), and must be png, jpg or webp")
    }
    guard reader.faults.isEmpty, let scene, let face, let format else {
      throw Refusal(.invalid, reader.faults.joined(separator: "; ") + ".")
    }
    guard !server.configuration.disabledModels.contains(APIInOneWire.model) else {
      throw Refusal(.disabled, "The model face-swap is not served here.")
    }
    return SwapOrder(
      model: APIInOneWire.model, sceneURL: scene, sceneField: "image",
      faces: [SwapOrder.Face(face, field: "face_image", index: index)],
      resultFormat: MediaFormat.named(format.rawValue), param: json)
  }

  private static func success(_ data: JSONValue) throws -> ServerResponse {
    .json(200, try JSONText.bytes(["code": 200, "message": "success", "data": data] as JSONValue))
  }

  private static func answered(
    _ make: () async throws -> ServerResponse
  ) async -> ServerResponse {
    await ServerResponse.answer(make) { refusal in
      let (status, type) = refusal.kind.apiInOne
      return (
        status, APIInOneWire.Failure(code: status, message: refusal.message, type: type).json
      )
    }
  }
}

extension Refusal.Kind {
  /// The HTTP status and the error's type.
  fileprivate var apiInOne: (status: Int, type: String) {
    switch self {
    case .unauthorized: (401, "authentication_error")
    case .poor: (402, "insufficient_credits")
    case .notFound: (404, "not_found")
    case .invalid: (400, "invalid_request")
    case .conflict: (422, "idempotency_conflict")
    case .limited: (429, "rate_limit")
    case .maintenance: (503, "maintenance")
    case .disabled: (403, "feature_disabled")
    case .unavailable: (503, "server_error")
    case .fault: (500, "server_error")
    }
  }
}
