import Core

/// A task that is about to be taken, in the form in which stores keep it.
package struct NewTask: Sendable {
  /// Made here, so that a store knows it again whose answer was lost.
  let id = "task_" + RandomToken.hex(bytes: 12)
  let order: SwapOrder
  let facade: String
  let account: String
  let price: Credits
  let idempotencyKey: String?
  /// What the order means, whatever its addresses are signed with.
  let meaning: String
  /// The request's body as JSON.
  let param: String
  /// The faces as JSON.
  let faces: String

  /// A task of `account`. `contents` are the SHA-256 digests of files that the order names by address, where
  /// they are known: two addresses of the same bytes ask for the same.
  package init(
    _ order: SwapOrder, facade: String, account: String, price: Credits,
    idempotencyKey: String? = nil, contents: [String: String] = [:]
  ) throws {
    (self.order, self.facade, self.account, self.price) = (order, facade, account, price)
    self.idempotencyKey = idempotencyKey
    meaning = try OrderMeaning.text(order, facade: facade, contents: contents)
    param = try JSONText.line(order.param)
    faces = try JSONText.line(order.faces)
  }

  /// What is answered where `earlier`, whose meaning is nil if it is of an earlier version, was made with the
  /// same idempotency key.
  func repeats(_ earlier: TaskRecord, meaning known: String?) throws -> TaskCreation {
    let known = try known ?? OrderMeaning.text(earlier.order, facade: earlier.facade)
    return known == meaning ? .repeated(earlier) : .conflict
  }
}

/// An ending as the columns of a task.
struct EndingColumns: Sendable {
  let status: TaskRecord.Status
  /// The column that holds `value`.
  let column: String
  let value: String
  let resultName: String?
  let files: [String]
  /// When the files go, in seconds since 1970.
  let expires: Int64?
  let isDetection: Bool

  init(_ ending: TaskEnding) throws {
    switch ending {
    case .result(let name, let end, let facts):
      (status, column, value) = (.success, "result_media", try JSONText.line(facts))
      (resultName, files, expires, isDetection) = (name, [name], end, false)
    case .faces(let found):
      (status, column, value) = (.success, "found", try JSONText.line(found))
      (resultName, files, expires, isDetection) = (nil, found.files, found.expires, true)
    case .failure(let error):
      (status, column, value) = (.failed, "failure", try JSONText.line(error))
      (resultName, files, expires, isDetection) = (nil, [], nil, false)
    }
  }
}
