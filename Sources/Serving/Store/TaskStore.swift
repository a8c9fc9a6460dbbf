import Core

/// Every task, account and file of one server, or of several that share it.
///
/// Money moves in three steps, each one transaction with the task's own change: reserved when the task is
/// taken, charged when it succeeds, given back when it fails. Every write is durable when the call returns.
/// Errors are `SwaplineError`: of code `storage` where the store cannot be reached or has no room, which may
/// be over soon.
package protocol TaskStore: Sendable {
  /// Whether several servers use it.
  var isShared: Bool { get }

  /// Lets an account spend `credits` in all; nil lets it spend without limit.
  func grant(_ credits: Credits?, to account: String) async throws
  /// What an account can still spend, reserved credits taken off; nil without limit. An account
  /// that is not known has nothing.
  func balance(of account: String) async throws -> Credits?
  /// Takes one request of an account for new work; the time until the next one is free when there is none now.
  func takeRequest(of account: String, within rate: RequestRate) async throws -> TimeSpan?

  /// Takes a task: checks the queue's length, reserves its price and writes it, all or nothing.
  func create(_ task: NewTask, queueLimit: Int) async throws -> TaskCreation
  /// The task that `account` submitted under `id`.
  func task(_ id: String, of account: String) async throws -> TaskRecord?
  /// Takes up the oldest task that waits, for `lease`; nil when none does.
  func claim(for lease: TimeSpan) async throws -> TaskRecord?
  /// Takes up for another `lease` what was claimed and is still held, and gives the identifiers of it.
  func renew(_ tasks: [TaskRecord], for lease: TimeSpan) async throws -> Set<String>
  /// Ends a task that was taken up: charges or gives back, keeps the result's file, and makes its callback
  /// due. False, and nothing is changed, where another claim came after this one. Ending a task twice
  /// changes nothing.
  func finish(_ task: TaskRecord, _ ending: TaskEnding) async throws -> Bool
  /// Lets a task that was taken up and stopped on purpose wait again, as if it had not been begun, unless
  /// another claim came after this one.
  func release(_ task: TaskRecord) async throws
  /// Makes tasks wait again whose claim has ended, or that are claimed at all where the caller `isAlone`
  /// and has claimed none. Gives back those that were begun `limit` times already, for the caller to end.
  func recover(limit: Int, isAlone: Bool) async throws -> [TaskRecord]

  /// How many swaps were charged since the store was made.
  func billable() async throws -> Int
  /// How many tasks wait for their turn.
  func waiting() async throws -> Int
  /// Counts everything.
  func tally() async throws -> StoreCounts
  /// Throws where the store cannot be used.
  func check() async throws

  /// Takes up callbacks that are due by now, the longest due first. Nobody else gets them for `lease`.
  func dueDeliveries(limit: Int, for lease: TimeSpan) async throws -> [Delivery]
  /// The milliseconds until the next callback is due, not less than 0; nil when none is.
  func nextDelivery() async throws -> Int64?
  /// Notes a try: the next one comes `delay` later, or never. Nothing is noted where somebody else has taken
  /// the callback up meanwhile.
  func noteDelivery(_ delivery: Delivery, next delay: TimeSpan?) async throws
  /// Gives a callback back that was not tried.
  func returnDelivery(_ delivery: Delivery) async throws

  /// Notes that `account` may put the file `name` until `expires`, in seconds since 1970, or says what
  /// limit stands against it.
  func expect(
    _ name: String, from account: String, until expires: Int64, within limits: UploadLimits
  ) async throws -> UploadProblem?
  /// Keeps the uploaded file `name` until `expires`, in seconds since 1970, or says what stands against it.
  func keep(
    _ name: String, until expires: Int64, size: Int64, digest: Digest, within limits: UploadLimits
  ) async throws -> UploadProblem?
  /// The digest of the uploaded file `name`; nil where it is not known.
  func digest(of name: String) async throws -> String?
  /// The uploads that were asked for, those that have come and those that may yet.
  func uploads() async throws -> [Upload]
  /// The names of all files that are kept or expected.
  func files() async throws -> Set<String>
  /// Forgets the files that expired before `now`, in seconds since 1970, and names them.
  func expire(before now: Int64) async throws -> [String]

  /// Calls `tell` when another server has taken or ended a task, until the calling task is cancelled.
  /// Returns at once where nobody else uses the store.
  func listen(_ tell: @escaping @Sendable () -> Void) async
}

/// What came of asking for a task.
package enum TaskCreation: Sendable, Hashable {
  /// A new one.
  case created(TaskRecord)
  /// The one that was made before with the same idempotency key.
  case repeated(TaskRecord)
  /// The idempotency key was used for another request.
  case conflict
  /// The account has only so much.
  case poor(available: Credits)
  /// So many tasks are already waiting.
  case full(waiting: Int)
}

/// One callback to send.
package struct Delivery: Sendable {
  /// The task that ended.
  var task: TaskRecord
  /// Where its end is told.
  var url: String
  /// How often it was tried before.
  var attempts: Int
}

/// An upload that may come, or has come.
package struct Upload: Sendable {
  var name: String
  var account: String
  var size: Int64
  var expires: Int64
}
