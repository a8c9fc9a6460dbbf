import Core
import Curl
import Files
import FoundationEssentials
import Ledgers
import Pipelines
import Processing
import Providers

/// A swap's result on our disk.
package struct BoughtSwap: Sendable {
  /// The result's facts.
  package var media: Media
  /// The provider's name for the task.
  package var task: String
  /// What it cost, where the provider says.
  package var credits: Double?
  /// Whether an earlier submission's result was used.
  package var isReused: Bool
}

/// Buys one swap at most once: asks the ledger first, writes every step down, resends nothing whose
/// fate is unknown.
struct SwapPurchase: Sendable {
  let connected: ConnectedProvider
  let context: StageContext
  let timeout: TimeSpan
  let model: ProviderModel
  /// What to submit, with addresses that work now.
  let submission: @Sendable () async throws -> SwapSubmission
  /// Notes who has fetched a submission's inputs before it is sent.
  let watch: @Sendable (SwapSubmission) -> InputWatch
  let key: Digest
  let scene: Media

  /// The result, from the ledger where it was bought before, else in the provider's turn.
  func result() async throws -> BoughtSwap {
    if let bought = try await atHome(newest()) { return bought }
    return try await connected.permits(of: model).withPermit {
      guard !context.control.isDraining else { throw CancellationError() }
      return try await resultInTurn()
    }
  }

  /// The result of an entry whose file is on this disk; nil where it is not.
  private func atHome(_ entry: Ledger.Entry?) async throws -> BoughtSwap? {
    guard let entry, entry.state == .succeeded, let media = entry.result,
      try await isHere(media, entry)
    else { return nil }
    // One that was brought home before its scene was known is looked at now.
    try await checkOwn(media, entry)
    return BoughtSwap(
      media: media, task: entry.task ?? "", credits: entry.credits, isReused: true)
  }

  /// Whether a result is in this folder, or at the place of results, or in the folder of the run that bought
  /// it: then it is in this one now.
  private func isHere(_ media: Media, _ entry: Ledger.Entry) async throws -> Bool {
    let folder = context.folder
    let shared = SharedResultFiles(context: context)
    guard !folder.holds(media) else {
      // Bought before there was such a place, or while it could not be reached.
      await shared.put(media)
      return true
    }
    if try await shared.take(media) { return true }
    guard let other = entry.folder, other != context.ledger.folder else { return false }
    // On another machine there may be nothing at that path, or the same by a shared file system.
    guard (try? folder.take(media, from: Ledger.path(ofFolder: other))) == true else {
      return false
    }
    await shared.put(media)
    return true
  }

  private func checkOwn(_ media: Media, _ entry: Ledger.Entry) async throws {
    let problem: String
    if media.digest == scene.digest {
      problem = "The provider returned the scene unchanged (task \(entry.task ?? "?"))."
    } else if media.kind != scene.kind {
      problem =
        "The scene is \(scene.kind.rawValue), and the result of task \(entry.task ?? "?") "
        + "\(media.kind.rawValue)."
    } else {
      return
    }
    try await context.ledger.record(entry.number, .failed, message: problem)
    throw SwaplineError(
      .generationFailed, problem, hint: "Check that the scene shows a face it can find.")
  }

  private func resultInTurn() async throws -> BoughtSwap {
    while true {
      do {
        return try await resultByLedger()
      } catch is Ledger.BoughtElsewhere {
        context.progress("another run that shares the ledger is buying this swap")
        try await context.control.untilDraining { try await Task.sleep(for: .seconds(1)) }
      }
    }
  }

  /// Decides by one look at the ledger: between two, another run may have bought the swap.
  private func resultByLedger() async throws -> BoughtSwap {
    guard let entry = try await newest() else {
      return try await buy(after: nil)
    }
    if let bought = try await atHome(entry) { return bought }
    if let other = entry.folder, other != context.ledger.folder {
      try await leave(entry, to: other)
    }
    switch entry.state {
    case .accepted, .succeeded:
      // A succeeded one is lost from our disk here, and the provider may still have it.
      return try await resume(entry)
    case .intended, .ambiguous:
      if let task = await callbackOfEarlierRun(of: entry)?.taskID {
        try await context.ledger.record(entry.number, .accepted, task: task)
        return try await finish(entry.number, task: task, token: entry.token)
      }
      // Under the same key: a server that honours it takes it once.
      if connected.takesKeysOnce { return try await buyUnderItsKey(entry) }
      guard buysAgain else { throw ambiguous(entry.number, entry.message) }
      return try await buy(after: entry, token: entry.token)
    case .failed, .refused: return try await buy(after: entry)
    }
  }

  /// Throws `Ledger.BoughtElsewhere` while the run in the folder `other` is buying the swap.
  private func leave(_ entry: Ledger.Entry, to other: String) async throws {
    let age = Date.now.timeIntervalSince1970 - entry.updated
    if entry.state == .intended, age < Ledger.submissionTime { throw Ledger.BoughtElsewhere() }
    // A provider that cannot be asked tells the run that waits there, for as long as that waits.
    if entry.isToBeTold, !connected.provider.answersQueries, age < timeout.seconds,
      try await kept(entry) == nil
    {
      throw Ledger.BoughtElsewhere()
    }
    // Each run has an embedded server of its own: only the other one can ask for what it has submitted.
    guard connected.takesKeysOnce, [.intended, .ambiguous, .accepted].contains(entry.state) else {
      return
    }
    if await RunFolder.isHeld(Ledger.path(ofFolder: other)) { throw Ledger.BoughtElsewhere() }
    // The other run may have ended between the two looks, and with it this swap.
    let now = try await newest()
    guard now?.number == entry.number, now?.state == entry.state else {
      throw Ledger.BoughtElsewhere()
    }
  }

  /// Submits again what a provider takes once under its key. Where that key's task has failed since, it
  /// failed with the run that was killed, whose files the provider could not fetch any more: the swap is
  /// bought as a new one, as after any failure.
  private func buyUnderItsKey(_ entry: Ledger.Entry) async throws -> BoughtSwap {
    do {
      return try await buy(after: entry, again: entry)
    } catch let error as SwaplineError {
      guard let failed = try await failed() else { throw error }
      return try await buy(after: failed)
    }
  }

  /// The swap's newest entry, where it has failed.
  func failed() async throws -> Ledger.Entry? {
    guard let entry = try await newest(), entry.state == .failed else {
      return nil
    }
    return entry
  }

  var buysAgain: Bool {
    connected.takesKeysOnce || context.resources[RetryAmbiguousKey.self] == true
  }

  /// Submits the swap, as often as it certainly was not taken. `seen` is the newest entry by which that
  /// was decided: what another run has bought since, while files went up, is not bought beside it.
  /// `token` is the key of a submission in doubt that is sent again; `again` is one that the provider
  /// takes once however often it comes.
  func buy(
    after seen: Ledger.Entry?, token known: String? = nil, again: Ledger.Entry? = nil
  ) async throws -> BoughtSwap {
    let addressed = self.submission
    var submission = try await addressed()
    let token = again?.token ?? known ?? RandomToken.hex(bytes: 16)
    submission.idempotencyKey = token
    submission.callbackURL = connected.callbacks?.open(token: token)
    defer { connected.callbacks?.close(token) }
    let cost = try await cost(submission)
    try await checkBalance(cost?.credits)
    let retries = connected.retries
    var number = again?.number
    for attempt in 1... {
      let pause: TimeSpan
      var attempts = retries.maximumAttempts
      let problem: SwaplineError
      // The turn first: nothing is written down that a stop would leave unsent.
      try await context.control.untilDraining { [pace = connected.pace] in try await pace.pass() }
      try await takeTurn()
      // Waiting may have taken longer than the addresses work.
      let renewed = try await addressed()
      (submission.sceneURL, submission.faceURL) = (renewed.sceneURL, renewed.faceURL)
      let begin = ContinuousClock.now
      let entry = try await intend(number, cost, token, after: seen)
      number = entry
      guard context.ledger.mayStillSend(since: begin) else {
        try await context.ledger.record(
          entry, .refused, message: "Recording it took so long that it was not sent.")
        throw SwaplineError(
          .unavailable, "The ledger took too long to record this swap, so it was not sent.",
          hint: "Check the ledger's server and the network, then run the same command again.")
      }
      let fetched = watch(submission)
      switch await connected.provider.submit(submission) {
      case .accepted(let task):
        try await context.ledger.record(entry, .accepted, task: task)
        return try await finish(entry, task: task, token: token, fetched: fetched)
      case .finished(let task, let result):
        // The address first: it is all that a later run would have.
        try await context.ledger.record(
          entry, .accepted, task: task, addresses: result.urls, credits: result.credits)
        return try await deliver(entry, task: task, result)
      case .refused(let error):
        try await context.ledger.record(entry, .refused, message: error.message)
        throw error
      case .ambiguous(let error):
        try await context.ledger.record(entry, .ambiguous, message: error.message)
        if let task = await taskByCallback(token, within: connected.callbackPatience) {
          try await context.ledger.record(entry, .accepted, task: task)
          return try await finish(entry, task: task, token: token, fetched: fetched)
        }
        // It may have been taken all the same, and then its inputs are about to be fetched: what is
        // paid for must not fail because this run has ended.
        await keepInputs(fetched)
        try Task.checkCancellation()
        throw ambiguous(entry, error.message)
      case .busy(let error, let after):
        (problem, pause) = (error, after ?? retries.pause(retries.busyPause, after: attempt))
        if error.code == .unavailable { attempts = min(attempts, retries.attemptsInMaintenance) }
        await connected.pace.slowDown(after: pause)
      case .notSent(let error):
        (problem, pause) = (error, retries.pause(retries.notSentPause, after: attempt))
      }
      // Certainly not taken: were the run killed in the pause, nothing would be in doubt.
      try await context.ledger.record(entry, .refused, message: problem.message)
      guard attempt < attempts else { throw problem }
      // After a stop there is no other time, whichever of the two came first.
      if !context.control.isDraining {
        context.progress("\(problem.message) Trying again in \(pause).")
      }
      try await context.control.untilDraining { try await Task.pause(for: pause.duration) }
    }
    throw CancellationError()
  }

  /// Writes down that the swap is about to be sent: in a new entry, or in the one that was refused or
  /// is in doubt.
  private func intend(
    _ number: Int64?, _ cost: Ledger.Cost?, _ token: String?, after seen: Ledger.Entry?
  ) async throws -> Int64 {
    try await stoppingTheRun {
      if let number {
        try await context.ledger.intendAgain(number, cost: cost)
        return number
      }
      return try await context.ledger.intend(
        key, item: context.item, provider: connected.identity, model: model.name, cost: cost,
        token: token, after: seen)
    }
  }

  /// Waits for a turn at the provider where other machines share its rate.
  private func takeTurn() async throws {
    guard !connected.takesKeysOnce else { return }
    try await stoppingTheRun {
      try await context.control.untilDraining { [connected, ledger = context.ledger] in
        try await ledger.passTurn(of: connected.identity, perMinute: connected.perMinute)
      }
    }
  }

  /// The newest entry of the swap.
  private func newest() async throws -> Ledger.Entry? {
    try await stoppingTheRun { try await context.ledger.newest(of: key) }
  }

  /// Work on the ledger. Where it fails for want of money or of the ledger itself, every other item would
  /// fail in the same way, so the run begins nothing more.
  private func stoppingTheRun<Value>(_ work: () async throws -> Value) async throws -> Value {
    do {
      return try await work()
    } catch let error as SwaplineError where [.budget, .storage].contains(error.code) {
      context.control.drain(because: error)
      throw error
    }
  }

  /// Keeps the item, and with it the host, until the provider has fetched what it may have accepted.
  func keepInputs(_ fetched: InputWatch?) async {
    guard let fetched else { return }
    context.progress("waiting until the provider has fetched the files of a submission in doubt")
    await fetched(connected.fetchPatience)
  }

  /// Asks once a run what the account has, where the provider tells: a swap that it cannot pay is not
  /// worth an upload of the next item.
  private func checkBalance(_ price: Double?) async throws {
    guard !connected.takesKeysOnce else { return }
    let provider = connected.provider
    let known = try? await connected.prices.value(of: "balance") { try await provider.balance() }
    guard let balance = known?.value, balance < max(price ?? 0, 0.000_001) else { return }
    let error = SwaplineError(
      .insufficientCredits,
      "The account at \(connected.identity) has \(balance.formattedPlainly) credit\(balance == 1 ? "" : "s") left"
        + (price.map { ", and a swap costs \($0.formattedPlainly)." } ?? "."),
      hint: "Add credits, then run the same command again: what is done is kept.")
    throw error
  }

  /// What the swap will cost; nil where that is not known.
  private func cost(_ submission: SwapSubmission) async throws -> Ledger.Cost? {
    if let price = model.profile.price.value {
      return Ledger.Cost(price.amount, rate: price.rate, currency: price.currency)
    }
    guard context.ledger.budget.isLimited else { return nil }
    return try await connected.prices.value(of: model.name) { [provider = connected.provider] in
      try await provider.estimate(submission)?.credits
    }.value.map { Ledger.Cost($0) }
  }

  func ambiguous(_ number: Int64, _ message: String?) -> SwaplineError {
    SwaplineError(
      .ambiguous,
      message
        ?? "Whether \(connected.identity) took this swap is unknown, and it may have been charged: "
        + "the run ended while it was being sent.",
      hint: "Look at the provider's own list of tasks; then run again with --retry-ambiguous to "
        + "buy it (ledger entry \(number)).")
  }
}
