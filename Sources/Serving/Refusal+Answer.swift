import Core
import MicroHTTPD

/// What every façade does alike: the key and the body of a request, and the way of a refusal.
extension ServerResponse {
  /// What `make` answers; a refusal as `failure` puts it, HTTP status and body, with `Retry-After`.
  package static func answer(
    _ make: () async throws -> ServerResponse,
    refused failure: (Refusal) -> (status: Int, body: JSONValue)
  ) async -> ServerResponse {
    let refusal: Refusal
    do {
      return try await make()
    } catch let known as Refusal {
      refusal = known
    } catch {
      refusal = .unforeseen(error)
    }
    let (status, body) = failure(refusal)
    var response = ServerResponse.json(status, (try? JSONText.bytes(body)) ?? [])
    if let seconds = refusal.secondsToWait { response.headers["Retry-After"] = seconds }
    return response
  }
}

extension Refusal {
  /// What went wrong inside is for the server's operator, not for its clients: whether it is worth coming
  /// again is what they need to know.
  package static func unforeseen(_ error: any Error) -> Refusal {
    guard (error as? SwaplineError)?.code == .storage else {
      return Refusal(.fault, "The server could not do this.")
    }
    return Refusal(
      .unavailable, "The server cannot reach its record of tasks.", retryAfter: .seconds(5))
  }

  /// The value of `Retry-After`; nil where nobody need come again.
  package var secondsToWait: String? { retryAfter.map { String(Int($0.seconds.rounded(.up))) } }
}

extension ServerContext {
  /// The account of the key in `Authorization: Bearer`. Throws a refusal.
  package func account(bearerOf request: ServerRequest) async throws -> String {
    let parts = (request.headers["Authorization"] ?? "").split(separator: " ", maxSplits: 1)
    let key = parts.count == 2 && parts[0].lowercased() == "bearer" ? String(parts[1]) : nil
    return try await account(key: key, in: "Authorization: Bearer")
  }
}

extension ServerRequest {
  /// The body, of 64 KiB at most, as a JSON object. Throws a refusal that says why it is none.
  package func jsonObject() throws(Refusal) -> JSONValue {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: body.read(limit: 65_536) ?? [])
    } catch {
      throw Refusal(.invalid, "The body is not a JSON object. \(error.message)")
    }
    guard case .object = json else {
      throw Refusal(.invalid, "The body is not a JSON object.")
    }
    return json
  }
}
