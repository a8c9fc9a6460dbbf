import Core

/// A request that cannot be met, whatever the wire format it came in.
struct Refusal: Error {
  /// Why, in the terms that every wire format has a code for.
  enum Kind {
    /// The key is missing or not known.
    case unauthorized
    /// The account has too few credits.
    case poor
    /// There is no such task.
    case notFound
    /// The request itself is wrong.
    case invalid
    /// The Idempotency-Key was used for another request.
    case conflict
    /// Too many requests, or a full queue.
    case limited
    /// Nothing new is taken for now.
    case maintenance
    /// The model is not served.
    case disabled
    /// A fault of the server.
    case fault
  }

  var kind: Kind
  var message: String
  var retryAfter: TimeSpan?

  init(_ kind: Kind, _ message: String, retryAfter: TimeSpan? = nil) {
    self.kind = kind
    self.message = message
    self.retryAfter = retryAfter
  }
}
