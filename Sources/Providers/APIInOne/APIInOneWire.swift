import Core

/// API in One's wire format, once for the client and for the server that speaks it.
///
/// Fields and paths are those of the vendor's public page. The body of a completed task is not
/// published: it is read in every place where clients of such APIs look.
package enum APIInOneWire {
  /// The vendor's address.
  package static let baseURL = "https://apiin.one"
  /// The one model.
  package static let model = "face-swap"
  /// What target_index can be.
  package static let faceIndices = 0...10

  /// The paths, behind the base address.
  package enum Path {
    package static let swap = "/api/v1/images/tools/face-swap"
    /// A task's path; its identifier follows.
    package static let tasks = "/api/v1/tasks/"
  }

  /// The formats of results.
  package enum OutputFormat: String, Sendable, CaseIterable {
    case png, jpg, webp
  }

  /// The body of a submission.
  package struct Submission: Sendable, Hashable {
    /// Where the scene lies.
    package var sceneURL: String
    /// Where the face lies.
    package var faceURL: String
    /// Which face of the scene, 0 to 10.
    package var targetIndex: Int
    /// The format of the result.
    package var outputFormat: OutputFormat

    /// A submission.
    package init(
      sceneURL: String, faceURL: String, targetIndex: Int = 0, outputFormat: OutputFormat = .png
    ) {
      self.sceneURL = sceneURL
      self.faceURL = faceURL
      self.targetIndex = targetIndex
      self.outputFormat = outputFormat
    }

    /// The body to send.
    package var json: JSONValue {
      [
        "model": .string(APIInOneWire.model), "image": .string(sceneURL),
        "face_image": .string(faceURL), "target_index": .int(Int64(targetIndex)),
        "output_format": .string(outputFormat.rawValue),
      ]
    }
  }

  /// What went wrong, as the vendor says it: an HTTP status, or an object in the body.
  package struct Failure: Sendable, Hashable {
    /// The code, an HTTP status by the vendor's example.
    package var code: Int
    /// A sentence.
    package var message: String
    /// A word such as `invalid_request`.
    package var type: String?

    /// A failure.
    package init(code: Int, message: String, type: String? = nil) {
      self.code = code
      self.message = message
      self.type = type
    }

    /// The failure that an answer holds; nil for one that holds none.
    package init?(status: Int, _ json: JSONValue?) {
      let error = json?["error"]
      let isWrong: Bool
      switch error {
      case .object, .string: isWrong = true
      default: isWrong = false
      }
      let own = json?["code"]?.int.flatMap { Int(exactly: $0) }
      let said = error?["code"]?.int.flatMap { Int(exactly: $0) }
      let code = said ?? own ?? status
      guard isWrong || !(200..<300).contains(status) || !(200..<300).contains(code) else {
        return nil
      }
      // An error object without a code of its own in an answer of 200 is no success.
      self.code = (200..<300).contains(code) ? ((200..<300).contains(status) ? 500 : status) : code
      message = error?["message"]?.string ?? error?.string ?? json?["message"]?.string ?? ""
      type = error?["type"]?.string
    }

    /// The body to send.
    package var json: JSONValue {
      [
        "error": [
          "code": .int(Int64(code)), "message": .string(message),
          "type": .string(type ?? "error"),
        ]
      ]
    }
  }
}
