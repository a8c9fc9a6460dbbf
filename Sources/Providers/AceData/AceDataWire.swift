import Core

/// Ace Data Cloud's wire format, once for the client and for the server that speaks it.
///
/// Fields, paths and codes are those of the vendor's guide and API reference. The two contradict
/// each other about which picture is which; `FaceField` says whom to believe.
package enum AceDataWire {
  /// The vendor's address.
  package static let baseURL = "https://api.acedata.cloud"
  /// How long the vendor works before it answers without a result, unless said otherwise.
  package static let timeout = 120

  /// The paths, behind the base address.
  package enum Path {
    package static let swap = "/face/swap"
  }

  /// Which field takes the face: `source_image_url` by the guide, `target_image_url` by the
  /// reference.
  package enum FaceField: String, Sendable, CaseIterable {
    case source
    case target
  }

  /// The body of a submission.
  package struct Submission: Sendable, Hashable {
    /// The field `source_image_url`.
    package var sourceURL: String
    /// The field `target_image_url`.
    package var targetURL: String
    /// After so many seconds the vendor answers without a result.
    package var timeout: Int?
    /// Where the end of the task is told; the answer then names the task alone.
    package var callbackURL: String?

    /// A submission.
    package init(
      sourceURL: String, targetURL: String, timeout: Int? = nil, callbackURL: String? = nil
    ) {
      self.sourceURL = sourceURL
      self.targetURL = targetURL
      self.timeout = timeout
      self.callbackURL = callbackURL
    }

    /// The body to send.
    package var json: JSONValue {
      var body: [String: JSONValue] = [
        "source_image_url": .string(sourceURL), "target_image_url": .string(targetURL),
      ]
      if let timeout { body["timeout"] = .int(Int64(timeout)) }
      if let callbackURL { body["callback_url"] = .string(callbackURL) }
      return .object(body)
    }
  }

  /// A finished swap, as an answer or a callback tells it.
  package struct Result: Sendable, Hashable {
    /// Where the result lies.
    package var imageURL: String
    /// The task; optional in some of the vendor's descriptions.
    package var taskID: String?

    /// Reads a result; nil when `json` names none.
    package init?(_ json: JSONValue) {
      guard let url = json["image_url"]?.string, !url.isEmpty else { return nil }
      imageURL = url
      taskID = json["task_id"]?.text
    }
  }

  /// What went wrong.
  package struct Failure: Sendable, Hashable {
    /// The HTTP status.
    package var status: Int
    /// The vendor's word, such as `invalid_token`.
    package var code: String
    /// A sentence.
    package var message: String
    /// The vendor's number of the request, for its support.
    package var traceID: String?

    /// A failure.
    package init(status: Int, code: String, message: String, traceID: String? = nil) {
      self.status = status
      self.code = code
      self.message = message
      self.traceID = traceID
    }

    /// The failure that an answer holds; nil for one that holds none.
    package init?(status: Int, _ json: JSONValue?) {
      let says = json?["success"]?.bool ?? true
      let error = json?["error"]
      let isWrong: Bool
      switch error {
      case .object, .string: isWrong = true
      default: isWrong = !says
      }
      guard isWrong || !(200..<300).contains(status) else { return nil }
      self.init(
        status: status, code: error?["code"]?.text ?? json?["code"]?.text ?? "",
        message: error?["message"]?.string ?? error?.string ?? json?["message"]?.string ?? "",
        traceID: json?["trace_id"]?.text)
    }

    /// The body to send.
    package var json: JSONValue {
      var body: [String: JSONValue] = [
        "success": false, "error": ["code": .string(code), "message": .string(message)],
      ]
      if let traceID { body["trace_id"] = .string(traceID) }
      return .object(body)
    }
  }
}
