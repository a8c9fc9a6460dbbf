import Core
import Providers
import Synchronization
import Testing

@Suite struct WaiterTests {
  private static let quick = Waiter(
    minimumDelay: TimeSpan(milliseconds: 2), maximumDelay: TimeSpan(milliseconds: 5), growth: 2,
    jitter: 0, deadline: .seconds(300), grace: .seconds(300))

  /// A provider that plays answers; the last one again and again.
  private final class Scripted: Provider {
    typealias Answer = Result<TaskStatus, any Error>
    let name = "scripted"
    let models = [ProviderModel("m", .crunImage)]
    let answers: [Answer]
    let answersQueries: Bool
    let asked = Mutex<[ContinuousClock.Instant]>([])

    init(_ answers: [Answer], answersQueries: Bool = true) {
      self.answers = answers
      self.answersQueries = answersQueries
    }

    func submit(_ submission: SwapSubmission) async -> SubmissionOutcome {
      .accepted(taskID: "t")
    }

    func status(of taskID: String) async throws -> TaskStatus {
      let number = asked.withLock { times in
        times.append(.now)
        return times.count - 1
      }
      return try answers[min(number, answers.count - 1)].get()
    }
  }

  private static func failure(_ code: SwaplineError.Code) -> Scripted.Answer {
    .failure(SwaplineError(code, "failure \(code)"))
  }

  private static let done = TaskStatus.succeeded(SwapResult(urls: ["u"]))

  @Test func delaysGrowUpToTheMostAndVaryByChance() {
    let waiter = Waiter(
      minimumDelay: .seconds(1), maximumDelay: .seconds(10), growth: 2, jitter: 0.25)
    let steady = (0..<6).map { waiter.delay(before: $0, chance: 0.5).seconds }
    #expect(steady == [1, 2, 4, 8, 10, 10])
    #expect(waiter.delay(before: 2, chance: 0).seconds == 3)
    #expect(waiter.delay(before: 2, chance: 1).seconds == 5)
    #expect(waiter.delay(before: 1_000_000, chance: 0.5).seconds == 10)
  }

  @Test func goesOnThroughWordsItDoesNotKnowAndFailuresThatPass() async throws {
    let provider = Scripted([
      Self.failure(.notFound), .success(.waiting("pending")), Self.failure(.network),
      Self.failure(.timeout), .success(.waiting("levitating")), Self.failure(.damaged),
      .failure(RetryLater(SwaplineError(.unavailable, "later"), after: nil)), .success(Self.done),
    ])
    let seen = Mutex(0)
    let status = try await Self.quick.wait(
      for: "t", with: provider,
      observing: { _ in
        seen.withLock { $0 += 1 }
      })
    #expect(status == Self.done)
    #expect(provider.asked.withLock { $0.count } == 8)
    #expect(seen.withLock { $0 } == 3)
  }

  @Test(arguments: [SwaplineError.Code.unauthorized, .usage, .refusedByProvider])
  func givesUpAtOnceWhereAskingAgainCannotHelp(_ code: SwaplineError.Code) async throws {
    let provider = Scripted([Self.failure(code), .success(Self.done)])
    let error = await #expect(throws: SwaplineError.self) {
      try await Self.quick.wait(for: "t", with: provider)
    }
    #expect(error?.code == code)
  }

  @Test func anUnknownTaskIsGivenUpAfterTheGrace() async throws {
    var waiter = Self.quick
    waiter.grace = TimeSpan(milliseconds: 20)
    let provider = Scripted([Self.failure(.notFound)])
    let error = await #expect(throws: SwaplineError.self) {
      try await waiter.wait(for: "t", with: provider)
    }
    #expect(error?.code == .notFound)
  }

  @Test func theDeadlineNamesTheLastState() async throws {
    var waiter = Self.quick
    waiter.deadline = TimeSpan(milliseconds: 40)
    let error = await #expect(throws: SwaplineError.self) {
      try await waiter.wait(for: "t", with: Scripted([.success(.waiting("running"))]))
    }
    #expect(error?.code == .timeout)
    #expect(error?.message.contains("running") == true)
  }

  @Test func theVendorsWishForPatienceIsHonoured() async throws {
    let provider = Scripted([
      .failure(
        RetryLater(SwaplineError(.rateLimited, "slow"), after: TimeSpan(milliseconds: 120))),
      .success(Self.done),
    ])
    _ = try await Self.quick.wait(for: "t", with: provider)
    let times = provider.asked.withLock { $0 }
    #expect(times[1] - times[0] >= .milliseconds(115))
  }

  @Test func aStoppedRunStopsWaitingAtOnce() async throws {
    let waiter = Waiter(minimumDelay: .minutes(1), maximumDelay: .minutes(1))
    let waiting = Task { try await waiter.wait(for: "t", with: Scripted([.success(Self.done)])) }
    let start = ContinuousClock.now
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test func aCallbackIsAHintToAskAtOnce() async throws {
    let waiter = Waiter(
      minimumDelay: .seconds(200), maximumDelay: .seconds(200), jitter: 0, deadline: .seconds(300))
    let provider = Scripted([.success(Self.done)])
    // What it says is not believed: the provider is asked.
    let said = TaskStatus.failed(SwaplineError(.generationFailed, "said"), credits: nil)
    let status = try await waiter.wait(
      for: "t", with: provider, news: { CallbackNews(taskID: "t", status: said) })
    #expect(status == Self.done)
    #expect(provider.asked.withLock { $0.count } == 1)
  }

  @Test func whereNobodyCanBeAskedTheCallbackIsTheAnswer() async throws {
    let provider = Scripted([.success(.waiting("never"))], answersQueries: false)
    let status = try await Self.quick.wait(
      for: "t", with: provider, news: { CallbackNews(taskID: "t", status: Self.done) })
    #expect(status == Self.done)
    #expect(provider.asked.withLock { $0.isEmpty })
  }

  @Test func aCallbackThatNeverComesEndsWithTheDeadline() async throws {
    var waiter = Self.quick
    waiter.deadline = TimeSpan(milliseconds: 30)
    let provider = Scripted([.success(Self.done)], answersQueries: false)
    let error = await #expect(throws: SwaplineError.self) {
      try await waiter.wait(for: "t", with: provider, news: { nil })
    }
    #expect(error?.code == .timeout)
  }
}
