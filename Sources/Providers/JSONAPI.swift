import Core
import Curl
import FoundationEssentials

/// Requests to an API that takes and gives JSON, with a key in a header.
struct JSONAPI: Sendable {
  let client: HTTPClient
  /// The address that paths are put behind, without a slash at its end.
  let baseURL: String
  let key: Secret
  /// Where the key came from, for hints.
  let keySource: String
  /// The header that carries the key, and what stands before the key in it.
  let keyHeader: (name: String, prefix: String)
  let timeout: TimeSpan

  /// A whole answer; `json` is nil where the body is none.
  struct Reply: Sendable {
    var status: Int
    var json: JSONValue?
    var retryAfter: TimeSpan?
  }

  /// Sends one request. Throws `CurlError` or `CancellationError`.
  func call(
    _ method: String, _ path: String, query: [Query.Item] = [], body: JSONValue? = nil,
    idempotencyKey: String? = nil
  ) async throws -> Reply {
    var url = baseURL + path
    if !query.isEmpty { url += "?" + Query(query).encoded }
    var headers: HTTPHeaders = ["Accept": "application/json"]
    key.expose { headers[keyHeader.name] = keyHeader.prefix + $0 }
    headers["Idempotency-Key"] = idempotencyKey
    var content = HTTPRequest.Body.none
    if let body {
      headers["Content-Type"] = "application/json"
      content = .bytes(try JSONText.bytes(body))
    }
    // The address comes from the user's own settings, so it may lead anywhere.
    let response = try await client.send(
      HTTPRequest(
        method, url, headers: headers, body: content, timeout: timeout.duration,
        maximumBytes: 1_000_000, addressPolicy: .any))
    return Reply(
      status: response.status, json: try? JSONValue(parsing: response.body, lenient: true),
      retryAfter: response.headers.retryAfter(now: Int64(Date.now.timeIntervalSince1970))
        .map { .seconds(Double(min($0, Self.longestPause))) })
  }

  /// Sends a paid request once, and never again by itself.
  func submit(
    _ path: String, _ body: JSONValue, idempotencyKey: String?, provider: String
  ) async -> Result<Reply, Unanswered> {
    guard !Task.isCancelled else {
      return .failure(
        Unanswered(
          .notSent(SwaplineError(.cancelled, "The run was stopped before the swap was sent."))))
    }
    // Not a child task: cancelling it half-way would lose the identifier of what was paid for.
    return await Task {
      do {
        return .success(
          try await call("POST", path, body: body, idempotencyKey: idempotencyKey))
      } catch let failure as CurlError where !failure.requestSent {
        return .failure(Unanswered(.notSent(SwaplineError(failure, provider: provider))))
      } catch let failure as CurlError {
        return .failure(Unanswered(.ambiguous(.ambiguous(provider, because: failure.detail))))
      } catch {
        return .failure(
          Unanswered(.ambiguous(.ambiguous(provider, because: "the request was broken off"))))
      }
    }.value
  }

  /// A submission without a whole answer, and what is certain about it.
  struct Unanswered: Error {
    let outcome: SubmissionOutcome

    init(_ outcome: SubmissionOutcome) {
      self.outcome = outcome
    }
  }

  /// The most that `Retry-After` counts for, in seconds.
  private static let longestPause: Int64 = 3_600
}
