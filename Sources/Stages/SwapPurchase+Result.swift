import Core
import Files
import FoundationEssentials
import Ledgers
import Pipelines
import Processing
import Providers

/// From a task that a provider has accepted to its result on our disk.
extension SwapPurchase {
  /// Asks for the task that an earlier run submitted.
  func resume(_ entry: Ledger.Entry) async throws -> BoughtSwap {
    let task = entry.task ?? "?"
    guard connected.provider.answersQueries else { return try await fetchAgain(entry, task) }
    context.task(task, .resumed)
    do {
      let age = Date.now.timeIntervalSince1970 - entry.updated
      return try await finish(entry.number, task: task, knownFor: .seconds(age))
    } catch let error as SwaplineError {
      // It failed after the earlier run had ended. This run does now what the next one would do.
      if let failed = try await failed() { return try await buy(after: failed) }
      guard error.code == .notFound else { throw error }
      guard buysAgain else {
        throw SwaplineError(
          .ambiguous,
          "\(connected.identity) does not know task \(task) any more, which it may have charged.",
          hint: "Look at the provider's own list of tasks; then run again with --retry-ambiguous "
            + "to buy it again (ledger entry \(entry.number)).")
      }
      context.task(task, .gone)
      // If the server is in this process, it charged nothing for a task that it does not know. A vendor may have
      // charged for it, and asking again in a later run would not tell.
      let message = "The provider does not know this task any more; it was bought again."
      if connected.takesKeysOnce {
        try await context.ledger.record(entry.number, .failed, credits: 0, message: message)
      } else {
        try await context.ledger.record(entry.number, .ambiguous, message: message)
      }
      return try await buy(after: entry)
    }
  }

  /// Fetches the result of a task that the provider cannot be asked about, from the address that was recorded.
  private func fetchAgain(_ entry: Ledger.Entry, _ task: String) async throws -> BoughtSwap {
    guard let addresses = entry.addresses, !addresses.isEmpty else {
      // It was to be told by a callback, which the provider may send again, or another run may have had.
      if let news = await callbackOfEarlierRun(of: entry) {
        return try await settle(entry.number, task: task, news.status, isFresh: true)
      }
      guard buysAgain else {
        throw ambiguous(
          entry.number,
          "Task \(task) was accepted, its callback never came, and \(connected.identity) cannot be "
            + "asked for it: it may have been charged.")
      }
      return try await buy(after: entry)
    }
    context.task(task, .paid)
    let result = SwapResult(urls: addresses, credits: entry.credits)
    do {
      let age = Date.now.timeIntervalSince1970 - entry.updated
      return try await deliver(
        entry.number, task: task, result, isFresh: age < 2 * connected.resultPatience.seconds)
    } catch let error as SwaplineError {
      if let failed = try await failed() { return try await buy(after: failed) }
      guard [.notFound, .generationFailed].contains(error.code), buysAgain else {
        var error = error
        error.hint =
          "Run again soon, or look at the provider's own pages; --retry-ambiguous buys it again "
          + "(ledger entry \(entry.number))."
        throw error
      }
      return try await buy(after: entry)
    }
  }

  /// Waits for a task by `wait`. A run whose disk is full leaves those of the server in this process to the next run
  /// after a few seconds: on the same disk, their end cannot be recorded.
  private func whileThereIsRoom(
    _ wait: @escaping @Sendable () async throws -> TaskStatus
  ) async throws -> TaskStatus {
    guard connected.swapsHere else { return try await wait() }
    return try await withThrowingTaskGroup(of: TaskStatus.self) { group in
      group.addTask { try await wait() }
      group.addTask { [control = context.control, patience = connected.fullDiskPatience] in
        while control.reason?.code != .storage { try await Task.pause(for: .milliseconds(200)) }
        try await Task.pause(for: patience.duration)
        throw CancellationError()
      }
      defer { group.cancelAll() }
      guard let status = try await group.next() else { throw CancellationError() }
      return status
    }
  }

  /// Waits for a task and brings its result home. `knownFor` is how long ago it was submitted: a
  /// provider that does not know a fresh one yet may be late, an old one is gone.
  func finish(
    _ number: Int64, task: String, token: String? = nil,
    knownFor age: TimeSpan = TimeSpan(milliseconds: 0), fetched: InputWatch? = nil
  ) async throws -> BoughtSwap {
    var waiter = connected.waiter
    waiter.deadline = timeout
    waiter.grace = TimeSpan(milliseconds: waiter.grace.milliseconds - age.milliseconds)
    let (plan, provider) = (waiter, connected.provider)
    context.task(task, .accepted)
    let hint = callbackHint(token)
    let awaited = RunControl.Awaited(
      item: context.item, provider: connected.identity, task: task)
    let status: TaskStatus
    do {
      status = try await context.control.awaiting(awaited) {
        try await whileThereIsRoom {
          try await plan.wait(for: task, with: provider, news: hint)
        }
      }
    } catch let error as SwaplineError {
      // Left to the next run; the provider may be about to begin.
      await keepInputs(fetched)
      throw error
    }
    return try await settle(number, task: task, status, isFresh: age < .hours(1))
  }

  /// Closes an entry as its task has ended, or throws that it has not.
  private func settle(
    _ number: Int64, task: String, _ status: TaskStatus, isFresh: Bool
  ) async throws -> BoughtSwap {
    switch status {
    case .waiting(let word):
      throw SwaplineError(.timeout, "Task \(task) still says '\(word)'.")
    case .failed(let error, let credits):
      try await context.ledger.record(number, .failed, credits: credits, message: error.message)
      throw error
    case .succeeded(let result):
      if !connected.provider.answersQueries {
        // The address first: it is all that a later run would have.
        try await context.ledger.record(number, .accepted, addresses: result.urls)
      }
      return try await deliver(number, task: task, result, isFresh: isFresh)
    }
  }

  /// Brings a finished task's result home and closes its entry.
  func deliver(
    _ number: Int64, task: String, _ result: SwapResult, isFresh: Bool = true
  ) async throws -> BoughtSwap {
    let media = try await download(result.urls, task: task, isFresh: isFresh)
    guard media.digest != scene.digest else {
      let message = "The provider returned the scene unchanged (task \(task))."
      try await context.ledger.record(number, .failed, credits: result.credits, message: message)
      throw SwaplineError(
        .generationFailed, message, hint: "Check that the scene shows a face it can find.")
    }
    // Before others are told that it is there.
    await SharedResultFiles(context: context).put(media)
    try await context.ledger.record(
      number, .succeeded, task: task, credits: result.credits, result: media)
    return BoughtSwap(media: media, task: task, credits: result.credits, isReused: false)
  }

  // A result that was paid for is worth several tries; its address is fetched for a limited time.
  // A fresh one may not have reached every machine of the provider's storage.
  private func download(
    _ urls: [String], task: String, isFresh: Bool
  ) async throws -> Media {
    guard let url = urls.first else {
      throw SwaplineError(
        .generationFailed, "Task \(task) succeeded but names no result.",
        hint: "Ask the provider about the task.")
    }
    let fetch = FileFetch(
      stage: .ofResult(from: connected, retries: 5), context: context,
      patience: isFresh ? connected.resultPatience : TimeSpan(milliseconds: 0))
    let media: Media
    do {
      media = try await fetch.media(strangersAddress: url)
    } catch var error as SwaplineError {
      error.message =
        "The result of task \(task) was paid for and could not be fetched: \(error.message)"
      error.hint = "Run the same command again soon: it asks for the same task and pays nothing."
      if error.code == .usage {
        // Nobody here wrote that address.
        error.code = .forbiddenAddress
        error.hint = "Ask the provider about the task: only http and https addresses are fetched."
      }
      throw error
    }
    guard media.kind == scene.kind else {
      throw SwaplineError(
        .generationFailed,
        "The scene is \(scene.kind.rawValue), and the result of task \(task) \(media.kind.rawValue).",
        hint: "Ask the provider about the task.")
    }
    return media
  }
}
