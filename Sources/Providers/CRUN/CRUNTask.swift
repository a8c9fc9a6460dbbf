import Core
import Serving

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
        mediaInfo: media.crun(expires: expires), usage: ["credits": .init(number: price.number)])
    case .failure(let error):
      info.credits = 0
      let said = error.hint.map { error.message + " " + $0 } ?? error.message
      info.result = CRUNWire.TaskInfo.Result(
        code: error.wireCode.rawValue,
        message: said, mediaURLs: [], usage: ["credits": 0])
    case .faces, nil:
      break
    }
    return info
  }

  /// A detection in CRUN's words. The inner status is spelt `succeed`, as the vendor spells it.
  func crunDetection(_ links: FileLinks) -> JSONValue {
    var data: [String: JSONValue] = ["detect_task_id": .string(id)]
    switch ending {
    case .faces(let found):
      data["status"] = "succeeded"
      data["result"] = [
        "id": .string(detectID), "status": "succeed",
        "faces": .array(
          found.files.enumerated().map { number, file in
            [
              "id": .string(Self.faceID(number)),
              "link": .string(links.download(file, expires: found.expires)),
            ]
          }),
      ]
    case .failure(let error):
      data["status"] = "failed"
      data["result"] = [
        "status": "failed", "code": .int(Int64(error.wireCode.rawValue)),
        "message": .string(error.hint.map { error.message + " " + $0 } ?? error.message),
      ]
    case .result, nil:
      data["status"] = status == .pending ? "starting" : "processing"
      data["result"] = .null
    }
    return .object(data)
  }

  /// What a swap names a detection by.
  var detectID: String { "detect_" + id.dropFirst("task_".count) }

  /// The task of a detection, by what a swap names it by; nil for what is none.
  static func task(ofDetection id: String) -> String? {
    id.hasPrefix("detect_") ? "task_" + id.dropFirst("detect_".count) : nil
  }

  /// What a swap names a found face by.
  static func faceID(_ number: Int) -> String { "face_\(number)" }
}

extension Media {
  /// The facts in CRUN's `media_info`, whose shape is not published.
  fileprivate func crun(expires: Int64) -> JSONValue {
    var info: [String: JSONValue] = [
      "format": .string(format.name), "width": .int(Int64(width)), "height": .int(Int64(height)),
      "size": .int(size), "sha256": .string(digest.hex), "expires_at": .int(expires),
    ]
    if kind != .image {
      info["frames"] = .int(Int64(frames))
      info["duration"] = .init(number: duration)
    }
    return .object(info)
  }
}

extension SwaplineError {
  /// Whether another scene or face would help, the same ones later, or neither.
  var wireCode: CRUNWire.Code {
    switch code {
    case .usage, .notFound, .damaged, .unsupported, .limit, .rejected, .noFace, .forbiddenAddress,
      .network:
      .validation
    case .storage: .serverError
    default: .generationFailed
    }
  }
}
