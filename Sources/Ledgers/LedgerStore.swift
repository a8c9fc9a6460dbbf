import Core

/// Where the entries of a ledger are kept.
///
/// Every write is durable when the call returns, and is seen whole or not at all by everybody who uses
/// the same store. Errors are `SwaplineError`: of code `storage` where the store cannot be reached or
/// has no room, which may be over soon.
package protocol LedgerStore: Sendable {
  /// The newest entry of a swap; nil when it was never submitted.
  func newest(of key: Digest) async throws -> Ledger.Entry?
  /// The entries behind number `number`, oldest first, at most `limit` of them.
  func entries(after number: Int64, limit: Int) async throws -> [Ledger.Entry]
  /// The entries of `folder` that are in `state`, the longest ago first; nil means every folder.
  func entries(in state: Ledger.State, of folder: String?) async throws -> [Ledger.Entry]
  /// Writes down that a swap is about to be submitted, and gives the entry's number. `cost` is nil where
  /// it is not known. Throws as `Ledger.intend` does, and then nothing is written.
  func intend(
    _ intent: LedgerIntent, _ cost: Ledger.Cost?, by buyer: LedgerBuyer
  ) async throws -> Int64
  /// Writes down that entry `number` is about to be submitted again. Throws as `Ledger.intend` does, and
  /// then nothing is written.
  func intendAgain(_ number: Int64, _ cost: Ledger.Cost?, by buyer: LedgerBuyer) async throws
  /// Writes down how an entry went on, as `LedgerChange` says.
  func apply(_ change: LedgerChange) async throws
  /// What was spent in `scope`, today and this month.
  func spending(in scope: LedgerScope) async throws -> Spending
  /// Reserves `count` submission slots at a provider, `seconds` apart, and returns the seconds until the first
  /// one; nil if the store does not share rates between machines.
  func lease(_ count: Int, of provider: String, every seconds: Double) async throws -> Double?
  /// What the tasks cost that ended in the run of this name; with `folder`, a path, only of those that were
  /// submitted from the folder there, on whatever machine.
  func charged(by run: String, from folder: String?) async throws -> Charge
  /// Keeps what the worker `name` tells of itself, with the time; `isLast` says that it ends.
  func beat(_ name: String, _ report: WorkerReport, isLast: Bool) async throws
  /// How things stand.
  func facts() async throws -> LedgerFacts
  /// Stores the first callback for the submission whose callback address ends with `token`. Returns false, and stores
  /// nothing, if there is no such submission.
  func keep(callback body: String, for token: String) async throws -> Bool
  /// The callback that was stored for that submission; nil if there is none.
  func callback(for token: String) async throws -> String?
}

/// The work that `Budget.run` limits.
package enum LedgerScope: Sendable, Hashable {
  /// Everything in the ledger.
  case everything
  /// The work in a folder, by its name in the ledger.
  case folder(String)
  /// The work under a run's name.
  case run(String)

  /// The work in words.
  var words: String {
    switch self {
    case .everything, .folder: "the work in this folder"
    case .run(let name): "the run '\(name)'"
    }
  }

  /// What follows from that.
  var hint: String {
    switch self {
    case .everything, .folder:
      "It counts every run in this folder. Raise it to go on; what is done is kept."
    case .run:
      "It counts everything that was bought under this name. Raise it to go on; what is done is kept."
    }
  }
}

/// A submission that is about to be sent.
package struct LedgerIntent: Sendable {
  /// What makes two swaps the same.
  var key: Digest
  /// The item that asks for it.
  var item: String
  /// The provider's name.
  var provider: String
  /// The provider's model.
  var model: String
  /// What the address of its callback ends with.
  var token: String?
  /// The newest entry of the key as it was when it was decided to buy.
  var seen: Ledger.Entry?
}

/// Who is about to submit something, and what may be spent.
package struct LedgerBuyer: Sendable {
  /// The run.
  var run: String
  /// Its folder.
  var folder: String?
  /// Whether others use the same store, who may have been quicker.
  var isShared: Bool
  /// What may be spent. Its `run` limits what is spent in `scope`.
  var budget: Budget
  /// Where `Budget.run` holds.
  var scope: LedgerScope
}

extension Budget {
  /// Throws an error of code `budget` when a swap of this price would be more than may be spent, `spent`
  /// being what was spent before it.
  func check(
    _ cost: Ledger.Cost?, in scope: LedgerScope, after spent: () throws -> Spending
  ) throws {
    guard isLimited else { return }
    guard let price = cost?.credits else {
      throw SwaplineError(
        .usage, "There is a budget, and it is not known what this swap would cost.",
        hint: "Write its price under the provider, such as 'price: 2'.")
    }
    let spent = try spent()
    for (limit, used, span, hint) in [
      (
        run, spent.run, scope.words, scope.hint
      ),
      (
        day, spent.day, "today",
        "Run the same command again tomorrow (UTC), or raise it; what is done is kept."
      ),
      (
        month, spent.month, "this month",
        "Run the same command again next month (UTC), or raise it; what is done is kept."
      ),
    ] {
      guard let limit, used + price > limit + 1e-9 else { continue }
      throw SwaplineError(
        .budget,
        "The budget of \(limit.plain) credit\(limit == 1 ? "" : "s") for \(span) is reached: \(used.plain) spent or "
          + "promised, and the next swap costs \(price.plain).", hint: hint)
    }
  }
}

extension Double {
  /// Without a fraction where there is none.
  fileprivate var plain: String { Int64(exactly: self).map { "\($0)" } ?? "\(self)" }
}
