import Core
import Pipelines
import Providers
import Testing

@testable import Stages

/// What is sent again, and how often.
@Suite struct SubmissionTests {
  @Test func whatWasRefusedMayBeSubmittedByTheNextRun() async throws {
    let world = try Line()
    world.provider.answer(.refused(SwaplineError(.insufficientCredits, "No credits are left.")))
    let error = try await world.run(SwapTests.line, [world.item()]).error()
    #expect(error.code == .insufficientCredits)
    #expect(error.place == "swap")
    #expect(world.provider.submissions.count == 1)
    world.provider.answer(status: world.result())
    _ = try await world.run(SwapTests.line, [world.item()]).asset()
    #expect(world.provider.submissions.count == 2)
    #expect(try await world.ledger().map(\.state) == [.refused, .succeeded])
  }

  @Test(arguments: [
    SubmissionOutcome.busy(SwaplineError(.rateLimited, "Slower, please."), retryAfter: nil),
    .busy(SwaplineError(.unavailable, "Maintenance."), retryAfter: TimeSpan(milliseconds: 3)),
    .notSent(SwaplineError(.network, "No connection.")),
  ])
  func whatCertainlyWasNotTakenIsSentAgainAFewTimes(outcome: SubmissionOutcome) async throws {
    let world = try Line()
    world.provider.answer(outcome, .accepted(taskID: "late"), status: world.result())
    #expect(try await world.run(SwapTests.line, [world.item()]).asset().swap?.task == "late")
    #expect(world.provider.submissions.count == 2)
    #expect(try await world.ledger().map(\.state) == [.succeeded])

    let stubborn = try Line()
    stubborn.provider.answer(outcome)
    let error = try await stubborn.run(SwapTests.line, [stubborn.item()]).error()
    #expect([.rateLimited, .unavailable, .network].contains(error.code))
    // Maintenance lasts longer than a run waits.
    #expect(stubborn.provider.submissions.count == (error.code == .unavailable ? 2 : 3))
    #expect(try await stubborn.ledger().map(\.state) == [.refused])
  }

  @Test func aStopDuringAPauseSendsNothingMore() async throws {
    let world = try Line()
    let busy = SwaplineError(.rateLimited, "Slower, please.")
    world.provider.answer(.busy(busy, retryAfter: .minutes(5)))
    let control = RunControl()
    let run = try await world.run(SwapTests.line, [world.item()], control: control) { event in
      if case .progress = event.kind { control.drain() }
    }
    #expect(run.stopped == ["one"])
    #expect(world.provider.submissions.count == 1)
    #expect(try await world.ledger().map(\.state) == [.refused])
  }

  /// Whether the stop or the refusal comes first, the item is left to the next run.
  @Test func aStopDuringASubmissionThatIsDeclinedIsNoFailure() async throws {
    let world = try Line()
    let control = RunControl()
    world.provider.answer(.busy(SwaplineError(.rateLimited, "Slower."), retryAfter: nil))
    world.provider.whileSubmitted { control.drain() }
    let run = try await world.run(SwapTests.line, [world.item()], control: control)
    #expect(run.stopped == ["one"])
    #expect(world.provider.submissions.count == 1)
    #expect(try await world.ledger().map(\.state) == [.refused])
  }

  @Test func pausesGrowUpToABound() {
    let retries = SubmissionRetries(busyPause: .seconds(2))
    let pauses = (1...7).map { retries.pause(retries.busyPause, after: $0).seconds }
    #expect(pauses == [2, 4, 8, 16, 32, 32, 32])
  }
}
