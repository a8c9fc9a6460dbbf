import Core
import MicroHTTPD
import Serving

/// CRUN's wire format. docs/decisions/ledger-and-tasks.md says what it adds where the vendor is
/// silent.
struct CRUNFacade: Facade {
  /// What detections are marked with in the store; the vendor has no model for them.
  static let detectionModel = "detect-face-image"

  let name = "crun"
  let title = "CRUN"
  let key = KeyField.field(CRUNWire.keyHeader, scheme: "crun")
  let modelsWithoutSwap: Set = [detectionModel]

  func addRoutes(to router: inout Router, server: ServerContext) {
    func on(
      _ method: String, _ path: String, bodyLimit: Int64 = 0,
      _ answer: @escaping @Sendable (ServerRequest, String) async throws -> CRUNAnswer
    ) {
      router.on(method, path, bodyLimit: bodyLimit) { request in
        await CRUNAnswer.sent {
          let key = request.headers[CRUNWire.keyHeader]
          return try await answer(request, server.account(key: key, in: CRUNWire.keyHeader))
        }
      }
    }
    on("POST", CRUNWire.Path.createTask, bodyLimit: 65_536) { request, account in
      try await createTask(request, account, server)
    }
    on("GET", CRUNWire.Path.taskInfo) { request, account in
      try await taskInfo(request, account, server)
    }
    on("GET", CRUNWire.Path.balance) { _, account in
      CRUNAnswer(["balance": .init(number: try await balance(account, server).number)])
    }
    on("POST", CRUNWire.Path.estimateTask, bodyLimit: 65_536) { request, account in
      try await estimate(request, account, server)
    }
    on("POST", CRUNWire.Path.detectFaces, bodyLimit: 65_536) { request, account in
      try await detect(request, account, server)
    }
    on("GET", CRUNWire.Path.detectedFaces) { request, account in
      let task = try await task("detect_task_id", request, account, server)
      guard task.order.faces.isEmpty else { throw Self.unknown(task.id) }
      return CRUNAnswer(task.crunDetection(server.links))
    }
    on("GET", CRUNWire.Path.uploadURL) { request, account in
      try await uploadURL(request, account, server)
    }
  }

  func callback(_ task: TaskRecord, links: FileLinks) throws -> [UInt8] {
    try JSONText.bytes(CRUNAnswer(task.crun(links).json).envelope)
  }

  private func createTask(
    _ request: ServerRequest, _ account: String, _ server: ServerContext
  ) async throws -> CRUNAnswer {
    try server.admit(account)
    let order = try await read(request, account, server)
    let (task, isRepeated) = try await server.take(
      order, facade: name, account: account, request: request)
    var answer = CRUNAnswer(["task_id": .string(task.id)])
    if isRepeated { answer.headers["Idempotency-Replayed"] = "true" }
    return answer
  }

  private func taskInfo(
    _ request: ServerRequest, _ account: String, _ server: ServerContext
  ) async throws -> CRUNAnswer {
    let task = try await task("task_id", request, account, server)
    guard !task.order.faces.isEmpty else { throw Self.unknown(task.id) }
    return CRUNAnswer(task.crun(server.links).json)
  }

  private func task(
    _ field: String, _ request: ServerRequest, _ account: String, _ server: ServerContext
  ) async throws -> TaskRecord {
    guard let id = request.query[field], !id.isEmpty else {
      throw Refusal(.invalid, "\(field) is missing.")
    }
    guard let task = try await server.store.task(id, of: account), task.facade == name else {
      throw Self.unknown(id)
    }
    return task
  }

  private static func unknown(_ id: String) -> Refusal {
    Refusal(.notFound, "There is no task \(id.debugDescription) of this key.")
  }

  private func detect(
    _ request: ServerRequest, _ account: String, _ server: ServerContext
  ) async throws -> CRUNAnswer {
    try server.admit(account)
    let json = try request.jsonObject()
    var reader = FieldReader(json)
    guard let scene = reader.url("image_url", isRequired: true) else {
      throw Refusal(.invalid, reader.faults.joined(separator: "; ") + ".")
    }
    let order = SwapOrder(
      model: Self.detectionModel, sceneURL: scene, sceneField: "image_url", faces: [], param: json)
    let (task, isRepeated) = try await server.take(
      order, facade: name, account: account, request: request, price: .zero)
    var answer = CRUNAnswer(["detect_task_id": .string(task.id)])
    if isRepeated { answer.headers["Idempotency-Replayed"] = "true" }
    return answer
  }

  private func estimate(
    _ request: ServerRequest, _ account: String, _ server: ServerContext
  ) async throws -> CRUNAnswer {
    try server.admit(account)
    let order = try await read(request, account, server)
    let price = server.configuration.price(of: order.kind)
    let balance = try await balance(account, server)
    return CRUNAnswer([
      "estimated_credits": .init(number: price.number),
      "balance": .init(number: balance.number), "affordable": .bool(balance >= price),
    ])
  }

  private func uploadURL(
    _ request: ServerRequest, _ account: String, _ server: ServerContext
  ) async throws -> CRUNAnswer {
    try server.admit(account)
    let formats = server.configuration.inputs.formats
    let wanted = formats.map(\.mimeType).joined(separator: ", ")
    guard let type = request.query["content_type"], !type.isEmpty else {
      throw Refusal(.invalid, "content_type is missing; it must be one of \(wanted).")
    }
    guard let format = MediaFormat.mime(type), formats.contains(format) else {
      throw Refusal(
        .invalid, "content_type is \(type.debugDescription), and must be one of \(wanted).")
    }
    if let ext = request.query["ext"] {
      let bare = ext.hasPrefix(".") ? String(ext.dropFirst()) : ext
      guard MediaFormat.named(bare) == format else {
        throw Refusal(
          .invalid, "ext is \(ext.debugDescription), which is not an extension of \(type).")
      }
    }
    let name = FileName.make(request.query["filename"], format)
    let expires =
      server.configuration.now() + server.configuration.uploadLifetime.milliseconds / 1_000
    try server.uploads.open(name, account, until: expires)
    try await server.store.expect(name, from: account, until: expires)
    return CRUNAnswer([
      "presigned_url": .string(
        server.links.upload(name, expires: expires)),
      "file_url": .string(server.links.download(name, expires: expires)),
    ])
  }

  private func read(
    _ request: ServerRequest, _ account: String, _ server: ServerContext
  ) async throws -> SwapOrder {
    let disabled = server.configuration.disabledModels
    let read = try CRUNRequest.read(try request.jsonObject()) {
      // A video's faces cannot be detected: the vendor publishes no path for it.
      $0 != CRUNWire.MultiModel.video.rawValue && !disabled.contains($0)
    }
    switch read {
    case .single(let submission, let param):
      return SwapOrder(
        model: submission.model.rawValue, kind: submission.model.kind,
        sceneURL: submission.sceneURL, sceneField: "input.\(submission.model.sceneField)",
        faces: [SwapOrder.Face(submission.faceURL, field: "input.new_face")],
        callbackURL: submission.callbackURL, param: param)
    case .multi(let multi, let param):
      return SwapOrder(
        model: multi.model.rawValue, sceneURL: multi.sceneURL, sceneField: "input.image_url",
        faces: try await faces(of: multi, account, server), callbackURL: multi.callbackURL,
        param: param)
    }
  }

  /// The chosen faces by their places. A detection is good for an hour and for its own picture.
  private func faces(
    of multi: CRUNRequest.Multi, _ account: String, _ server: ServerContext
  ) async throws -> [SwapOrder.Face] {
    let id = TaskRecord.task(ofDetection: multi.detectID) ?? ""
    guard let task = try await server.store.task(id, of: account), task.order.faces.isEmpty,
      case .faces(let found) = task.ending
    else {
      throw Refusal(
        .invalid,
        "input.detect_id is \(multi.detectID.debugDescription), which is not a known detection.")
    }
    guard found.expires > server.configuration.now() else {
      throw Refusal(.invalid, "input.detect_id has expired: detect the faces again.")
    }
    guard task.order.sceneURL == multi.sceneURL else {
      throw Refusal(.invalid, "input.image_url is not the one whose faces were detected.")
    }
    var faces: [SwapOrder.Face] = []
    for (number, face) in multi.faces.enumerated() {
      guard let index = found.files.indices.first(where: { TaskRecord.faceID($0) == face.id })
      else {
        throw Refusal(
          .invalid,
          "input.faces.\(number).face_id is \(face.id.debugDescription), which was not "
            + "detected.")
      }
      guard !faces.contains(where: { $0.index == index }) else {
        throw Refusal(.invalid, "input.faces.\(number).face_id is given twice.")
      }
      faces.append(SwapOrder.Face(face.url, field: face.field, index: index))
    }
    return faces
  }

  /// An account without limit shows as one with a million credits.
  private func balance(_ account: String, _ server: ServerContext) async throws -> Credits {
    try await server.store.balance(of: account) ?? .whole(1_000_000)
  }
}
