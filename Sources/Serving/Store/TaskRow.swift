import Core
import Ledgers

extension TaskRecord {
  /// Reads a row of `tasks`.
  init(_ row: some EntryRow) throws {
    func text(_ column: String) throws -> String {
      guard let text = try row.text(column) else { throw Self.unreadable(column) }
      return text
    }
    func whole(_ column: String) throws -> Int64 {
      guard let number = try row.whole(column) else { throw Self.unreadable(column) }
      return number
    }
    guard let status = Status(rawValue: try text("status")) else { throw Self.unreadable("status") }
    id = try text("id")
    facade = try text("facade")
    account = try text("account")
    let faces: [SwapOrder.Face] =
      if let faces = try row.text("faces") {
        try JSONText.decode([SwapOrder.Face].self, from: faces.utf8)
      } else {
        // Written before tasks had several faces.
        [
          SwapOrder.Face(
            try text("face_url"), field: try text("face_field"),
            index: Int(try whole("face_index")))
        ]
      }
    order = SwapOrder(
      model: try text("model"), kind: MediaKind(rawValue: try text("kind")) ?? .image,
      sceneURL: try text("scene_url"), sceneField: try text("scene_field"), faces: faces,
      callbackURL: try row.text("callback_url"),
      resultFormat: try row.text("result_format").flatMap(MediaFormat.named),
      param: try JSONValue(parsing: try text("param").utf8))
    self.status = status
    createdAt = try whole("created_at")
    startedAt = try row.whole("started_at")
    completedAt = try row.whole("completed_at")
    attempts = Int(try whole("attempts"))
    epoch = try whole("epoch")
    price = Credits(thousandths: try whole("price"))
    if let name = try row.text("result_name") {
      ending = .result(
        name: name, expires: try whole("result_expires"),
        media: try JSONText.decode(Media.self, from: try text("result_media").utf8))
    } else if let found = try row.text("found") {
      ending = .faces(try JSONText.decode(DetectedFaces.self, from: found.utf8))
    } else if let failure = try row.text("failure") {
      ending = .failure(try JSONText.decode(SwaplineError.self, from: failure.utf8))
    } else {
      ending = nil
    }
  }

  private static func unreadable(_ column: String) -> SwaplineError {
    SwaplineError(.internal, "A task of the store has no \(column) that is known.")
  }
}
