import Core

/// A form of the page at `/`: one model, the request that submits to it, and how its answers are
/// read. The page knows no vendor; it interprets these.
package struct PageForm: Sendable {
  /// What a scene's and a face's address replace in a body.
  package static let scene = JSONValue.string("{scene}")
  package static let face = JSONValue.string("{face}")

  /// A name for the form that no other has.
  package let id: String
  /// The vendor and the model, for people.
  package let title: String
  /// What the scene has to be.
  package let kind: MediaKind
  /// Where the request is posted.
  package let path: String
  /// The request's body, with `PageForm.scene` and `PageForm.face` where the addresses go.
  package let body: JSONValue
  /// How answers are read.
  package let answers: PageAnswers

  package init(
    _ id: String, _ title: String, _ kind: MediaKind, path: String, body: JSONValue,
    answers: PageAnswers
  ) {
    self.id = id
    self.title = title
    self.kind = kind
    self.path = path
    self.body = body
    self.answers = answers
  }

  func json(_ key: KeyField) -> JSONValue {
    [
      "id": .string(id), "title": .string(title), "kind": .string(kind.rawValue),
      "path": .string(path), "body": body, "header": .string(key.header),
      "prefix": .string(key.prefix), "answers": answers.json,
    ]
  }
}

/// Where a vendor's answers say what. Each place is a dotted path, such as `data.media_urls.0`.
package struct PageAnswers: Sendable {
  /// The result's address; an answer that has one is the end.
  package let result: String
  /// What an answer with an HTTP status of refusal says.
  package let refusal: String
  /// What a task failed of; an answer that has it, and no result, is the end. Empty where only the
  /// HTTP status says so.
  package let failure: String
  /// The task's name, and the path to ask with: `{task}` is replaced by the name. Nil where the
  /// answer comes with the result.
  package let query: (task: String, path: String)?
  /// The word for how far the task is.
  package let status: String

  package init(
    result: String, refusal: String, failure: String = "", status: String = "",
    query: (task: String, path: String)? = nil
  ) {
    self.result = result
    self.refusal = refusal
    self.failure = failure
    self.status = status
    self.query = query
  }

  var json: JSONValue {
    var fields: [String: JSONValue] = [
      "result": .string(result), "refusal": .string(refusal), "failure": .string(failure),
      "status": .string(status),
    ]
    if let query { fields["task"] = .string(query.task) }
    if let query { fields["query"] = .string(query.path) }
    return .object(fields)
  }
}

/// A path that gives an address to upload to: asked by GET, with the fields `content_type` and
/// `filename` in the query.
package struct PageUploads: Sendable {
  /// The path.
  package let path: String
  /// Where the answer says where to PUT the file.
  package let target: String
  /// Where the answer says how the file is fetched.
  package let file: String
  /// Where a refusal says why.
  package let failure: String

  package init(path: String, target: String, file: String, failure: String) {
    self.path = path
    self.target = target
    self.file = file
    self.failure = failure
  }

  func json(_ key: KeyField) -> JSONValue {
    [
      "path": .string(path), "target": .string(target), "file": .string(file),
      "failure": .string(failure), "header": .string(key.header), "prefix": .string(key.prefix),
    ]
  }
}
