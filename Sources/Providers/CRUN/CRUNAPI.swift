import Core
import Curl

/// Requests to CRUN's API: the key, the envelope, the codes.
struct CRUNAPI: Sendable {
  let api: JSONAPI

  /// Where the key came from, for hints.
  var keySource: String { api.keySource }

  /// An answer, read as far as it can be.
  struct Reply: Sendable {
    var status: Int
    var envelope: CRUNWire.Envelope?
    var retryAfter: TimeSpan?

    /// The envelope's code where it disagrees with a status of 2xx, or is an error itself.
    var effectiveCode: Int {
      guard let code = envelope?.code, !(200..<300).contains(code) else { return status }
      return code
    }

    /// What the answer means when it is not a success.
    func error(provider: String, keySource: String) -> SwaplineError {
      let said = envelope?.message ?? ""
      if let code = CRUNWire.Code(rawValue: effectiveCode) {
        return code.error(said: said, provider: provider, keySource: keySource)
      }
      let told = said.isEmpty ? "" : " It says: \(said)"
      return SwaplineError(
        effectiveCode >= 500 ? .unavailable : .refusedByProvider,
        "\(provider) answered with code \(effectiveCode).\(told)",
        hint: effectiveCode >= 500 ? "Try again later." : "Check base_url and the request.")
    }
  }

  /// Sends one request. Throws `CurlError` or `CancellationError`.
  func call(
    _ method: String, _ path: String, query: [Query.Item] = [], body: JSONValue? = nil
  ) async throws -> Reply {
    read(try await api.call(method, path, query: query, body: body))
  }

  /// An answer, read as far as it can be.
  func read(_ reply: JSONAPI.Reply) -> Reply {
    var envelope = reply.json.flatMap(CRUNWire.Envelope.init)
    if let said = envelope?.message { envelope?.message = api.key.redacted(from: said) }
    return Reply(status: reply.status, envelope: envelope, retryAfter: reply.retryAfter)
  }

  /// Asks a question that charges nothing, and gives back the envelope's data. Throws
  /// `SwaplineError`, or `RetryLater` where asking later may help.
  func query(
    _ method: String, _ path: String, query: [Query.Item] = [], body: JSONValue? = nil,
    provider: String
  ) async throws -> JSONValue {
    let reply: Reply
    do {
      reply = try await call(method, path, query: query, body: body)
    } catch let failure as CurlError {
      throw SwaplineError(failure, provider: provider)
    }
    switch reply.effectiveCode {
    case 200..<300:
      guard let data = reply.envelope?.data else {
        throw SwaplineError(
          .damaged, "\(provider) answered \(reply.status) with other than its usual envelope.",
          hint: "Check base_url; it may lead to another service.")
      }
      return data
    case 408, 429, 455, 499, 500, 502, 503, 504:
      throw RetryLater(
        reply.error(provider: provider, keySource: keySource), after: reply.retryAfter)
    default:
      throw reply.error(provider: provider, keySource: keySource)
    }
  }
}
