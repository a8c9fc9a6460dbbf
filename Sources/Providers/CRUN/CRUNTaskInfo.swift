import Core

extension CRUNWire {
  /// `data` of TaskInfo, and the body of a callback.
  package struct TaskInfo: Sendable, Hashable {
    /// The task.
    package var taskID: String
    /// Who did it.
    package var provider: String?
    /// The model that did it.
    package var modelVersion: String?
    /// How it was submitted, such as `api`.
    package var source: String?
    /// `pending`, `running`, `success` or `failed`; any other word means going on.
    package var status: String
    /// The submission's body, given back.
    package var param: JSONValue?
    /// When it was submitted, in seconds since 1970.
    package var createdAt: Double?
    /// When it ended, in seconds since 1970.
    package var completedAt: Double?
    /// How long it took, in seconds.
    package var seconds: Double?
    /// What it cost.
    package var credits: Double?
    /// What came of it; nil while it goes on.
    package var result: Result?

    /// What came of a task.
    package struct Result: Sendable, Hashable {
      /// 200, or what went wrong; 501 is a failed generation.
      package var code: Int?
      /// `success`, or a sentence.
      package var message: String?
      /// Where the result lies.
      package var mediaURLs: [String]
      /// Facts about the result, of no published shape.
      package var mediaInfo: JSONValue?
      /// Facts about the work, of no published shape.
      package var usage: JSONValue?

      /// What came of a task.
      package init(
        code: Int?, message: String?, mediaURLs: [String], mediaInfo: JSONValue? = nil,
        usage: JSONValue? = nil
      ) {
        self.code = code
        self.message = message
        self.mediaURLs = mediaURLs
        self.mediaInfo = mediaInfo
        self.usage = usage
      }
    }

    /// A task as it stands.
    package init(
      taskID: String, provider: String? = nil, modelVersion: String? = nil, source: String? = nil,
      status: String, param: JSONValue? = nil, createdAt: Double? = nil,
      completedAt: Double? = nil, seconds: Double? = nil, credits: Double? = nil,
      result: Result? = nil
    ) {
      self.taskID = taskID
      self.provider = provider
      self.modelVersion = modelVersion
      self.source = source
      self.status = status
      self.param = param
      self.createdAt = createdAt
      self.completedAt = completedAt
      self.seconds = seconds
      self.credits = credits
      self.result = result
    }
  }
}

extension CRUNWire.TaskInfo {
  /// Reads a task; nil when `json` names neither a status nor a task.
  package init?(_ json: JSONValue) {
    guard let taskID = json["task_id"]?.text, let status = json["status"]?.string else {
      return nil
    }
    self.init(
      taskID: taskID, provider: json["provider"]?.string,
      modelVersion: json["model_version"]?.string, source: json["source"]?.string,
      status: status, param: json["param"], createdAt: json["create_at"]?.double,
      completedAt: json["complete_at"]?.double, seconds: json["duration_s"]?.double,
      credits: json["credits"]?.double, result: json["result"].flatMap(Result.init))
  }

  /// The task as it is sent; what is not known is null.
  package var json: JSONValue {
    .object([
      "task_id": .string(taskID), "provider": .init(provider), "model_version": .init(modelVersion),
      "source": .init(source), "status": .string(status), "param": param ?? .null,
      "create_at": .init(number: createdAt), "complete_at": .init(number: completedAt),
      "duration_s": .init(number: seconds), "credits": .init(number: credits),
      "result": result?.json ?? .null,
    ])
  }
}

extension CRUNWire.TaskInfo.Result {
  /// Reads a result; nil when `json` is no object.
  package init?(_ json: JSONValue) {
    guard case .object = json else { return nil }
    let listed = json["media_urls"]?.array?.compactMap(\.string)
    self.init(
      code: json["code"]?.int.flatMap { Int(exactly: $0) }, message: json["message"]?.string,
      mediaURLs: listed ?? json["media_urls"]?.string.map { [$0] } ?? [],
      mediaInfo: json["media_info"], usage: json["usage"])
  }

  /// The result as it is sent.
  package var json: JSONValue {
    .object([
      "code": code.map { .int(Int64($0)) } ?? .null, "message": .init(message),
      "media_urls": .array(mediaURLs.map { .string($0) }), "media_info": mediaInfo ?? .object([:]),
      "usage": usage ?? .object([:]),
    ])
  }
}

extension JSONValue {
  /// A text, or null.
  fileprivate init(_ text: String?) {
    self = text.map { .string($0) } ?? .null
  }

  /// A number, whole where it is whole, or null.
  package init(number: Double?) {
    guard let number else {
      self = .null
      return
    }
    self = Int64(exactly: number).map { .int($0) } ?? .double(number)
  }

  /// A text, also one that was sent as a whole number.
  var text: String? {
    string ?? int.map(String.init)
  }
}
