import Core

extension APIInOneWire {
  /// A task as an answer describes it, inside the envelope or bare.
  package struct Task: Sendable, Hashable {
    /// The task.
    package var id: String
    /// The vendor's word, as it was sent; case says nothing.
    package var status: String
    /// Where the result lies; empty while there is none.
    package var urls: [String]
    /// What went wrong, when it failed.
    package var reason: String?
    /// What was charged, where the answer says.
    package var credits: Double?

    /// A task as it stands.
    package init(
      id: String, status: String, urls: [String] = [], reason: String? = nil,
      credits: Double? = nil
    ) {
      self.id = id
      self.status = status
      self.urls = urls
      self.reason = reason
      self.credits = credits
    }

    /// Reads a task; nil when `json` names none.
    package init?(_ json: JSONValue) {
      let body = json["data"] ?? json
      guard let id = (body["task_id"] ?? body["id"])?.text, !id.isEmpty else { return nil }
      self.init(
        id: id, status: body["status"]?.string ?? "", urls: Self.urls(in: body),
        reason: body["error"]?["message"]?.string ?? body["error"]?.string
          ?? body["fail_reason"]?.string ?? body["message"]?.string,
        credits: (body["credits"] ?? body["credits_used"] ?? body["cost"])?.double)
    }

    /// The addresses of the result. Inputs that are given back under their own names are none.
    private static func urls(in body: JSONValue) -> [String] {
      for name in ["output", "result", "results", "outputs"] {
        if let found = body[name].map(Self.all), !found.isEmpty { return found }
      }
      for name in ["image_url", "result_url", "output_url", "image_urls", "images", "urls", "url"] {
        if let found = body[name].map(Self.all), !found.isEmpty { return found }
      }
      return []
    }

    /// The addresses in a text, a list, or an object under the names that clients look for.
    private static func all(_ value: JSONValue) -> [String] {
      switch value {
      case .string(let text):
        return text.hasPrefix("http://") || text.hasPrefix("https://") ? [text] : []
      case .array(let list):
        return list.flatMap(all)
      case .object:
        for name in ["image_url", "url", "image", "images", "image_urls", "urls", "output"] {
          if let found = value[name].map(all), !found.isEmpty { return found }
        }
        return []
      default:
        return []
      }
    }
  }
}
