import Core

/// How to wait for a task, as data: when to ask again, how long to go on.
package struct Waiter: Sendable, Hashable, Codable {
  /// How long before the first question, and the least time between two.
  package var minimumDelay: TimeSpan
  /// The most time between two questions, save where the vendor asks for more.
  package var maximumDelay: TimeSpan
  /// How much longer each delay is than the one before.
  package var growth: Double
  /// How far a delay may be off by chance, as a part of it (0 to 1), so that many tasks do not ask
  /// at the same moment.
  package var jitter: Double
  /// When to give up.
  package var deadline: TimeSpan
  /// How long after the submission a task may still be unknown to the vendor's own query.
  package var grace: TimeSpan

  /// A way of waiting; the defaults ask after 1 s and then ever more rarely, up to every 10 s.
  package init(
    minimumDelay: TimeSpan = .seconds(1), maximumDelay: TimeSpan = .seconds(10),
    growth: Double = 1.5, jitter: Double = 0.2, deadline: TimeSpan = .minutes(10),
    grace: TimeSpan = .seconds(30)
  ) {
    self.minimumDelay = minimumDelay
    self.maximumDelay = maximumDelay
    self.growth = max(1, growth)
    self.jitter = min(1, max(0, jitter))
    self.deadline = deadline
    self.grace = grace
  }

  /// The delay before question `number` (0 is the first), `chance` being 0 to 1.
  package func delay(before number: Int, chance: Double) -> TimeSpan {
    var seconds = minimumDelay.seconds
    for _ in 0..<max(0, number) where seconds < maximumDelay.seconds { seconds *= growth }
    seconds = min(seconds, maximumDelay.seconds)
    return .seconds(seconds * (1 + jitter * (2 * chance - 1)))
  }

  /// Asks until `taskID` is done, and gives back its end: never `waiting`.
  ///
  /// `news` waits for the provider's callback, which may never come. It is a hint to ask at once;
  /// only where nobody can be asked it is the answer.
  ///
  /// Failures of the question itself that may pass are borne until the deadline. Throws
  /// `SwaplineError` of code `timeout` then, another one at once when asking again cannot help, and
  /// `CancellationError` at once when the calling task is cancelled.
  package func wait(
    for taskID: String, with provider: some Provider,
    news: (@Sendable () async -> CallbackNews?)? = nil,
    observing observe: @Sendable (TaskStatus) -> Void = { _ in }
  ) async throws -> TaskStatus {
    let clock = ContinuousClock()
    let start = clock.now
    var last = "not asked yet"
    var number = 0
    var patience: TimeSpan?
    var news = news
    while true {
      let usual = delay(before: number, chance: .random(in: 0...1))
      let wanted = max(usual, patience ?? usual)
      let left = deadline.duration - (clock.now - start)
      guard left > .zero else { throw late(taskID, provider, last) }
      let pause = provider.answersQueries ? min(wanted.duration, left) : left
      if let told = try await Self.told(within: pause, news) {
        news = nil
        // Of a task that can be asked for, a callback is a hint and no more.
        if !provider.answersQueries {
          if case .waiting(let word) = told.status { last = word } else { return told.status }
        }
      }
      guard provider.answersQueries else { continue }
      number += 1
      patience = nil
      do {
        let status = try await provider.status(of: taskID)
        observe(status)
        guard case .waiting(let word) = status else { return status }
        last = word
      } catch let later as RetryLater {
        patience = later.after
        last = later.error.message
      } catch let error as SwaplineError {
        guard isPassing(error, age: clock.now - start) else { throw error }
        last = error.message
      }
    }
  }

  /// What a callback tells within `limit`; nil when none comes. Throws when the task is cancelled.
  private static func told(
    within limit: Duration, _ news: (@Sendable () async -> CallbackNews?)?
  ) async throws -> CallbackNews? {
    guard let news else {
      try await ContinuousClock().sleep(for: limit)
      return nil
    }
    return try await withThrowingTaskGroup(of: CallbackNews?.self) { group in
      group.addTask {
        guard let told = await news() else {
          // None will come any more: only time ends the wait.
          try await ContinuousClock().sleep(for: limit)
          return nil
        }
        return told
      }
      group.addTask {
        try await ContinuousClock().sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }

  private func isPassing(_ error: SwaplineError, age: Duration) -> Bool {
    switch error.code {
    case .network, .timeout, .unavailable, .rateLimited, .damaged: true
    case .notFound: age < grace.duration
    default: false
    }
  }

  private func late(_ taskID: String, _ provider: some Provider, _ last: String) -> SwaplineError {
    SwaplineError(
      .timeout,
      "Task \(taskID) of \(provider.name) was not done after \(deadline); its last state: "
        + (last.hasSuffix(".") ? last : last + "."),
      hint: "It may still be done: run the same command again to go on waiting for it.")
  }
}
