import Core

extension Ledger {
  /// How far a submission has come.
  public enum State: String, Sendable, Hashable, Codable, CaseIterable {
    /// About to be sent; found so by a later run, it may have been charged.
    case intended
    /// Sent, and no answer told whether the provider took it: it may have been charged.
    case ambiguous
    /// The provider has the task.
    case accepted
    /// The result is on our disk.
    case succeeded
    /// The provider took the task and failed.
    case failed
    /// The provider refused it, or no byte was sent: nothing was charged.
    case refused
  }

  /// One submission.
  public struct Entry: Sendable, Hashable, Codable {
    /// The entry's number.
    public var number: Int64
    /// What makes two swaps the same: see `Ledger.key`.
    public var key: Digest
    /// The item that asked for it first.
    public var item: String
    /// The provider's name.
    public var provider: String
    /// The provider's model.
    public var model: String
    /// How far it has come.
    public var state: State
    /// The provider's name for the task, once it is known.
    public var task: String?
    /// Where the provider keeps the result for a limited time, once it has said so.
    public var addresses: [String]?
    /// What it cost, in the provider's credits, where the provider says.
    public var credits: Double?
    /// The expected cost at the time of submission; nil if it was not known.
    public var reserved: Double?
    /// The run that sent it; nil for entries of older versions.
    public var run: String?
    /// What the address of its callback ends with; nil where none was given.
    public var token: String?
    /// The result's facts, once it is on our disk.
    public var result: Media?
    /// What went wrong, when something did.
    public var message: String?
    /// Seconds since 1970 of the intent.
    public var created: Double
    /// Seconds since 1970 of the last change.
    public var updated: Double
    /// The folder of the run that sent it, with its machine's name before it where several machines share
    /// the ledger; nil in older ones.
    public var folder: String?
    /// What a credit costs in `currency`; nil where that is not known.
    public var rate: Double?
    /// A currency by its ISO 4217 code.
    public var currency: String?

    /// What it cost, or may cost, in credits: nothing where it was refused.
    public var paid: Double {
      switch state {
      case .refused: 0
      case .failed: credits ?? 0
      case .intended, .ambiguous, .accepted, .succeeded: credits ?? reserved ?? 0
      }
    }
  }

  /// What one swap costs.
  public struct Cost: Sendable, Hashable {
    /// Credits.
    public var credits: Double
    /// What a credit costs in `currency`.
    public var rate: Double?
    /// A currency by its ISO 4217 code.
    public var currency: String?

    /// A cost.
    public init(_ credits: Double, rate: Double? = nil, currency: String? = nil) {
      self.credits = credits
      self.rate = rate
      self.currency = currency
    }
  }
}
