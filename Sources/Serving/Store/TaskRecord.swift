import Core

/// One task as the store knows it, whatever the wire format it came by.
package struct TaskRecord: Sendable, Hashable {
  /// How far a task is.
  package enum Status: String, Sendable, Hashable, CaseIterable {
    /// Taken, its credits reserved.
    case pending
    /// Being worked on.
    case running
    /// Done and charged.
    case success
    /// Not done and not charged.
    case failed
  }

  /// The identifier that clients ask with: unguessable.
  package var id: String
  /// The wire format it came by.
  package var facade: String
  /// The account that pays.
  package var account: String
  /// What is to be done.
  package var order: SwapOrder
  /// How far it is.
  package var status: Status
  /// When it was taken, in milliseconds since 1970.
  package var createdAt: Int64
  /// When work on it began last, in milliseconds since 1970.
  package var startedAt: Int64?
  /// When it ended, in milliseconds since 1970.
  package var completedAt: Int64?
  /// How often work on it has begun.
  package var attempts: Int
  /// The number of the claim that work on it began with last. What is written about it names that number, so
  /// that somebody who was too slow changes nothing.
  package var epoch: Int64
  /// Its price: reserved while it goes on, charged on success.
  package var price: Credits
  /// What came of it; nil while it goes on.
  package var ending: TaskEnding?

  /// How long the work took, in seconds.
  package var seconds: Double? {
    guard let startedAt, let completedAt else { return nil }
    return Double(completedAt - startedAt) / 1_000
  }
}

/// What came of a task.
package enum TaskEnding: Sendable, Hashable {
  /// A file, kept under `name` until `expires` (seconds since 1970), with its measured facts.
  case result(name: String, expires: Int64, media: Media)
  /// The faces that a detection found.
  case faces(DetectedFaces)
  /// Nothing, for a reason; the error's code tells whose fault it was.
  case failure(SwaplineError)
}
