import Core
import Hosting

/// One vendor's swap model, reached through its API.
///
/// Three rules hold for every implementation: a submission is sent once and never again by itself;
/// its outcome says what is certain about the charge; a status that is not known means waiting.
package protocol Provider: Sendable {
  /// The name by which pipeline and ledger call it.
  var name: String { get }
  /// The vendor's models, each for some kinds of media. There is at least one.
  var models: [ProviderModel] { get }

  /// Submits one swap: one paid call, sent at most once.
  ///
  /// A request that is under way is not stopped by the task's cancellation, because its answer
  /// holds the identifier of what was paid for; its own time-out bounds it.
  func submit(_ submission: SwapSubmission) async -> SubmissionOutcome

  /// Whether tasks can be asked for. Where they cannot, the answer to the submission is the only
  /// one, and an earlier run's task is known by its result's address alone.
  var answersQueries: Bool { get }

  /// Asks once how a task stands. Throws `SwaplineError`, or `RetryLater` where the vendor asks for
  /// patience.
  func status(of taskID: String) async throws -> TaskStatus

  /// The credits that the account has left; nil where the vendor does not tell.
  func balance() async throws -> Double?

  /// What a submission would cost in credits; nil where the vendor does not tell.
  func estimate(_ submission: SwapSubmission) async throws -> SwapEstimate?

  /// Whether the vendor calls back when a task has ended.
  var callsBack: Bool { get }

  /// What a callback's body says; nil for one that says nothing. Nothing in it is to be relied on
  /// where tasks can be asked for.
  func read(callback body: JSONValue) -> CallbackNews?

  /// Where the vendor keeps files for those who use it, so that no public address of one's own is
  /// needed; nil for one that keeps none.
  var uploads: (any UploadSlots)? { get }
}

/// What a callback tells of a task.
package struct CallbackNews: Sendable, Hashable {
  /// The vendor's name of the task, where the callback names it.
  package var taskID: String?
  /// How the task stands.
  package var status: TaskStatus

  /// News of a task.
  package init(taskID: String?, status: TaskStatus) {
    self.taskID = taskID
    self.status = status
  }
}

extension Provider {
  /// The model for scenes of `kind`; nil where there is none.
  package func model(for kind: MediaKind) -> ProviderModel? {
    models.first { $0.profile.kinds.value.contains(kind) }
  }

  package var answersQueries: Bool { true }
  package var callsBack: Bool { false }
  package func read(callback body: JSONValue) -> CallbackNews? { nil }

  package var uploads: (any UploadSlots)? { nil }

  package func balance() async throws -> Double? { nil }

  package func estimate(_ submission: SwapSubmission) async throws -> SwapEstimate? { nil }
}

/// One swap to submit. Every address must be one that the provider can fetch.
package struct SwapSubmission: Sendable, Hashable {
  /// What the scene is.
  package var kind: MediaKind
  /// Where the scene lies.
  package var sceneURL: String
  /// Where the face lies.
  package var faceURL: String
  /// Which face of the scene: 0 is the provider's first, its largest one as a rule.
  package var faceIndex: Int
  /// Where the provider tells that the task is done.
  package var callbackURL: String?
  /// Sent as `Idempotency-Key`: a server that honours it takes the same submission once, however
  /// often it comes. None of the vendors says that it does.
  package var idempotencyKey: String?

  /// A swap to submit.
  package init(
    kind: MediaKind = .image, sceneURL: String, faceURL: String, faceIndex: Int = 0,
    callbackURL: String? = nil, idempotencyKey: String? = nil
  ) {
    self.kind = kind
    self.idempotencyKey = idempotencyKey
    self.sceneURL = sceneURL
    self.faceURL = faceURL
    self.faceIndex = faceIndex
    self.callbackURL = callbackURL
  }
}

/// What is certain about a submission.
package enum SubmissionOutcome: Sendable, Hashable {
  /// The provider took the task and will charge for it when it succeeds.
  case accepted(taskID: String)
  /// The provider did the swap while it was asked, and charged for it.
  case finished(taskID: String, SwapResult)
  /// The provider declined and charged nothing. Sending the same again is declined again.
  case refused(SwaplineError)
  /// The provider declined for now and charged nothing: too many requests, or maintenance. The same
  /// may be sent again, not before `retryAfter` where the provider named a time.
  case busy(SwaplineError, retryAfter: TimeSpan?)
  /// No byte of the request left this machine. The same may be sent again.
  case notSent(SwaplineError)
  /// The provider may have taken the task and may charge for it. Never send it again by itself.
  case ambiguous(SwaplineError)
}

/// How a task stands.
package enum TaskStatus: Sendable, Hashable {
  /// Not done yet; the text is the vendor's own word for it.
  case waiting(String)
  /// Done.
  case succeeded(SwapResult)
  /// Not done and never will be; `credits` were charged, where the vendor says.
  case failed(SwaplineError, credits: Double?)
}

/// What a finished task gives.
package struct SwapResult: Sendable, Hashable {
  /// Where the result lies for a limited time; the first one is the swapped media.
  package var urls: [String]
  /// What was charged, where the vendor says.
  package var credits: Double?
  /// How long the vendor says that it worked, in seconds.
  package var seconds: Double?

  /// A result.
  package init(urls: [String], credits: Double? = nil, seconds: Double? = nil) {
    self.urls = urls
    self.credits = credits
    self.seconds = seconds
  }
}

/// What a swap would cost.
package struct SwapEstimate: Sendable, Hashable {
  /// The price in credits.
  package var credits: Double
  /// The account's credits, where the vendor says.
  package var balance: Double?
  /// Whether the account can pay, where the vendor says.
  package var isAffordable: Bool?

  /// An estimate.
  package init(credits: Double, balance: Double? = nil, isAffordable: Bool? = nil) {
    self.credits = credits
    self.balance = balance
    self.isAffordable = isAffordable
  }
}

/// A query that failed for now, where the vendor asks for patience.
package struct RetryLater: Error, Sendable, Hashable {
  /// What went wrong.
  package var error: SwaplineError
  /// How long the vendor wants to be left alone; nil when it names no time.
  package var after: TimeSpan?

  /// A failure that may pass.
  package init(_ error: SwaplineError, after: TimeSpan?) {
    self.error = error
    self.after = after
  }
}
