import Core
import MicroHTTPD
import Providers

/// CRUN's wire format. docs/decisions/ledger-and-tasks.md says what it adds where the vendor is
/// silent.
struct CRUNFacade: Facade {
  let name = "crun"

  func addRoutes(to router: inout Router, house: House) {
    func on(
      _ method: String, _ path: String, bodyLimit: Int64 = 0,
      _ answer: @escaping @Sendable (ServerRequest, String) async throws -> CRUNAnswer
    ) {
      router.on(method, path, bodyLimit: bodyLimit) { request in
        await CRUNAnswer.sent {
          let key = request.headers[CRUNWire.keyHeader]
          return try await answer(request, house.account(key: key, in: CRUNWire.keyHeader))
        }
      }
    }
    on("POST", CRUNWire.Path.createTask, bodyLimit: 65_536) { request, account in
      try await createTask(request, account, house)
    }
    on("GET", CRUNWire.Path.taskInfo) { request, account in
      try await taskInfo(request, account, house)
    }
    on("GET", CRUNWire.Path.balance) { _, account in
      CRUNAnswer(["balance": .init(number: try await balance(account, house).number)])
    }
    on("POST", CRUNWire.Path.estimateTask, bodyLimit: 65_536) { request, account in
      try await estimate(request, account, house)
    }
    on("GET", CRUNWire.Path.uploadURL) { request, account in
      try uploadURL(request, account, house)
    }
  }

  func callback(_ task: TaskRecord, links: FileLinks) throws -> [UInt8] {
    try JSONText.bytes(CRUNAnswer(task.crun(links).json).envelope)
  }

  private func createTask(
    _ request: ServerRequest, _ account: String, _ house: House
  ) async throws -> CRUNAnswer {
    try house.admit(account)
    let order = try read(request, house)
    let (task, isRepeated) = try await house.take(
      order, facade: name, account: account, request: request)
    var answer = CRUNAnswer(["task_id": .string(task.id)])
    if isRepeated { answer.headers["Idempotency-Replayed"] = "true" }
    return answer
  }

  private func taskInfo(
    _ request: ServerRequest, _ account: String, _ house: House
  ) async throws -> CRUNAnswer {
    guard let id = request.query["task_id"], !id.isEmpty else {
      throw Refusal(.invalid, "task_id is missing.")
    }
    guard let task = try await house.store.task(id, of: account), task.facade == name else {
      throw Refusal(.notFound, "There is no task \(id.debugDescription) of this key.")
    }
    return CRUNAnswer(task.crun(house.links).json)
  }

  private func estimate(
    _ request: ServerRequest, _ account: String, _ house: House
  ) async throws -> CRUNAnswer {
    try house.admit(account)
    _ = try read(request, house)
    let price = house.configuration.price
    let balance = try await balance(account, house)
    return CRUNAnswer([
      "estimated_credits": .init(number: price.number),
      "balance": .init(number: balance.number), "affordable": .bool(balance >= price),
    ])
  }

  private func uploadURL(
    _ request: ServerRequest, _ account: String, _ house: House
  ) throws -> CRUNAnswer {
    try house.admit(account)
    let formats = house.configuration.inputs.formats
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
          .invalid, "ext is \(ext.debugDescription), which is no extension of \(type).")
      }
    }
    let name = Token.random(bytes: 16) + "." + format.name
    let expires =
      house.configuration.now() + house.configuration.uploadLifetime.milliseconds / 1_000
    return CRUNAnswer([
      "presigned_url": .string(
        house.links.upload(name, expires: expires)),
      "file_url": .string(house.links.download(name, expires: expires)),
    ])
  }

  private func read(_ request: ServerRequest, _ house: House) throws(Refusal) -> SwapOrder {
    let disabled = house.configuration.disabledModels
    let (submission, param) = try CRUNWire.Submission.read(request.body.read(limit: 65_536)) {
      $0 == .image && !disabled.contains($0.rawValue)
    }
    return SwapOrder(
      model: submission.model.rawValue, sceneURL: submission.sceneURL,
      faceURL: submission.faceURL, sceneField: "input.\(submission.model.sceneField)",
      faceField: "input.new_face", callbackURL: submission.callbackURL, param: param)
  }

  /// An account without limit shows as one with a million credits.
  private func balance(_ account: String, _ house: House) async throws -> Credits {
    try await house.store.balance(of: account) ?? .whole(1_000_000)
  }
}
