import Core

/// One task as the store knows it, whatever the wire format it came by.
public struct TaskRecord: Sendable, Hashable {
  /// How far a task is.
  public enum Status: String, Sendable, Hashable, CaseIterable {
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
  public var id: String
  /// The wire format it came by.
  public var facade: String
  /// The account that pays.
  public var account: String
  /// What is to be done.
  public var order: SwapOrder
  /// How far it is.
  public var status: Status
  /// When it was taken, in milliseconds since 1970.
  public var createdAt: Int64
  /// When work on it began last, in milliseconds since 1970.
  public var startedAt: Int64?
  /// When it ended, in milliseconds since 1970.
  public var completedAt: Int64?
  /// How often work on it has begun.
  public var attempts: Int
  /// Its price: reserved while it goes on, charged on success.
  public var price: Credits
  /// What came of it; nil while it goes on.
  public var ending: TaskEnding?

  /// How long the work took, in seconds.
  public var seconds: Double? {
    guard let startedAt, let completedAt else { return nil }
    return Double(completedAt - startedAt) / 1_000
  }
}

/// What came of a task.
public enum TaskEnding: Sendable, Hashable {
  /// A file, kept under `name` until `expires` (seconds since 1970), with its measured facts.
  case result(name: String, expires: Int64, media: Media)
  /// The faces that a detection found.
  case faces(DetectedFaces)
  /// Nothing, for a reason; the error's code tells whose fault it was.
  case failure(SwaplineError)
}
