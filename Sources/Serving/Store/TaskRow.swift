import Core
import SQLite

extension TaskRecord {
  /// Reads a row of `tasks`.
  init(_ row: Row) throws {
    guard let status = Status(rawValue: try row.value("status")) else {
      throw SwaplineError(.internal, "A task of the store has a status that is not known.")
    }
    id = try row.value("id")
    facade = try row.value("facade")
    account = try row.value("account")
    let faces: [SwapOrder.Face] =
      if let text: String = try row.optional("faces") {
        try JSONText.decode([SwapOrder.Face].self, from: text.utf8)
      } else {
        // Written before tasks had several faces.
        [
          SwapOrder.Face(
            try row.value("face_url"), field: try row.value("face_field"),
            index: try row.value("face_index"))
        ]
      }
    order = SwapOrder(
      model: try row.value("model"),
      kind: MediaKind(rawValue: try row.value("kind")) ?? .image,
      sceneURL: try row.value("scene_url"), sceneField: try row.value("scene_field"), faces: faces,
      callbackURL: try row.optional("callback_url"),
      resultFormat: try row.optional("result_format", as: String.self).flatMap(MediaFormat.named),
      param: try JSONValue(parsing: row.value("param", as: String.self).utf8))
    self.status = status
    createdAt = try row.value("created_at")
    startedAt = try row.optional("started_at")
    completedAt = try row.optional("completed_at")
    attempts = try row.value("attempts")
    price = Credits(thousandths: try row.value("price"))
    if let name: String = try row.optional("result_name") {
      let facts: String = try row.value("result_media")
      ending = .result(
        name: name, expires: try row.value("result_expires"),
        media: try JSONText.decode(Media.self, from: facts.utf8))
    } else if let found: String = try row.optional("found") {
      ending = .faces(try JSONText.decode(DetectedFaces.self, from: found.utf8))
    } else if let failure: String = try row.optional("failure") {
      ending = .failure(try JSONText.decode(SwaplineError.self, from: failure.utf8))
    } else {
      ending = nil
    }
  }
}
