import Core

/// A request that cannot be met, whatever the wire format it came in.
package struct Refusal: Error {
  /// Why, in the terms that every wire format has a code for.
  package enum Kind {
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
    /// The store of tasks cannot be reached or has no room, which may be over soon.
    case unavailable
    /// A fault of the server.
    case fault
  }

  package var kind: Kind
  package var message: String
  package var retryAfter: TimeSpan?

  package init(_ kind: Kind, _ message: String, retryAfter: TimeSpan? = nil) {
    self.kind = kind
    self.message = message
    self.retryAfter = retryAfter
  }
}
