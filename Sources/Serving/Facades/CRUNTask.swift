import Core
import Providers

extension TaskRecord {
  /// The task in CRUN's words.
  func crun(_ links: FileLinks) -> CRUNWire.TaskInfo {
    var info = CRUNWire.TaskInfo(
      taskID: id, provider: "swapline", modelVersion: order.model, source: "api",
      status: status.rawValue, param: order.param, createdAt: Double(createdAt / 1_000),
      completedAt: completedAt.map { Double($0 / 1_000) }, seconds: seconds)
    switch ending {
    case .result(let name, let expires, let media):
      info.credits = price.number
      info.result = CRUNWire.TaskInfo.Result(
        code: CRUNWire.Code.success.rawValue, message: "success",
        mediaURLs: [links.download(name, expires: expires)],
        mediaInfo: [
          "format": .string(media.format.name), "width": .int(Int64(media.width)),
          "height": .int(Int64(media.height)), "size": .int(media.size),
          "sha256": .string(media.digest.hex), "expires_at": .int(expires),
        ], usage: ["credits": .init(number: price.number)])
    case .failure(let error):
      info.credits = 0
      let said = error.hint.map { error.message + " " + $0 } ?? error.message
      info.result = CRUNWire.TaskInfo.Result(
        code: error.wireCode.rawValue,
        message: said, mediaURLs: [], usage: ["credits": 0])
    case nil:
      break
    }
    return info
  }
}

extension SwaplineError {
  /// Whether another scene or face would help, the same ones later, or neither.
  fileprivate var wireCode: CRUNWire.Code {
    switch code {
    case .usage, .notFound, .damaged, .unsupported, .limit, .rejected, .noFace, .forbiddenAddress,
      .network:
      .validation
    case .storage: .serverError
    default: .generationFailed
    }
  }
}
