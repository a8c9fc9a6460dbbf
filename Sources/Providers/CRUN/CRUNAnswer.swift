import Core
import MicroHTTPD
import Serving

/// An answer in CRUN's envelope.
struct CRUNAnswer: Sendable {
  var envelope: CRUNWire.Envelope
  var headers: HTTPHeaders = [:]

  /// A success.
  init(_ data: JSONValue) {
    envelope = CRUNWire.Envelope(code: 200, message: "success", data: data)
  }

  private init(_ refusal: Refusal) {
    envelope = CRUNWire.Envelope(code: refusal.kind.crun.rawValue, message: refusal.message)
    if let seconds = refusal.secondsToWait { headers["Retry-After"] = seconds }
  }

  /// The envelope's code is the HTTP status as well: all of the vendor's codes are statuses, also
  /// those that HTTP gives another meaning (501, 505) or none (455).
  static func sent(_ make: () async throws -> CRUNAnswer) async -> ServerResponse {
    let answer: CRUNAnswer
    do {
      answer = try await make()
    } catch let refusal as Refusal {
      answer = CRUNAnswer(refusal)
    } catch {
      answer = CRUNAnswer(Refusal.unforeseen)
    }
    let bytes = (try? JSONText.bytes(answer.envelope)) ?? []
    var response = ServerResponse.json(answer.envelope.code, bytes)
    for field in answer.headers.fields { response.headers.add(field.name, field.value) }
    return response
  }

  /// The answer where no route fits.
  static func fallback(_ status: Int, _ method: String) -> ServerResponse {
    let envelope = CRUNWire.Envelope(
      code: status,
      message: status == 404 ? "There is nothing here." : "\(method) is not allowed here.")
    return .json(status, (try? JSONText.bytes(envelope)) ?? [])
  }
}

extension Refusal.Kind {
  /// CRUN's code for it.
  fileprivate var crun: CRUNWire.Code {
    switch self {
    case .unauthorized: .unauthorized
    case .poor: .insufficientCredits
    case .notFound: .notFound
    case .invalid, .conflict: .validation
    case .limited: .rateLimited
    case .maintenance: .maintenance
    case .disabled: .featureDisabled
    case .fault: .serverError
    }
  }
}
