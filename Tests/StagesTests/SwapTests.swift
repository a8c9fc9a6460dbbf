import Core
import Files
import Hosting
import Ledgers
import Pipelines
import Processing
import Providers
import Stages
import Testing

/// Never pay twice, never lose what was paid for: every case counts the submissions.
@Suite struct SwapTests {
  static let line = Pipeline("swap") {
    Fetch(maximumSize: .megabytes(1), addresses: .loopback)
    Host(to: .embedded)
    Swap(with: .crun(), timeout: .seconds(5))
  }

  @Test func oneSwapIsBoughtOnceForSeveralItemsAndRuns() async throws {
    let world = try Line()
    world.provider.answer(status: world.result())
    let items = try ["one", "two", "three"].map { try world.item($0) }
    let first = try await world.run(Self.line, items)
    #expect(world.provider.submissions.count == 1)
    #expect(world.server.requests("result.png").count == 1)
    let facts = try items.map { try #require(try first.asset($0.id).swap) }
    #expect(facts.filter { !$0.isReused }.count == 1)
    #expect(facts.allSatisfy { $0.task == "task-1" && $0.credits == 1 })
    #expect(
      try first.asset("two").media[.result]?.digest == first.asset("one").media[.result]?.digest)

    let second = try await world.run(Self.line, try [world.item("four")])
    #expect(try second.asset("four").swap?.isReused == true)
    #expect(try second.asset("four").stages.last?.note?.contains("nothing paid now") == true)
    #expect(world.provider.submissions.count == 1)
    let entry = try #require(try await world.ledger().first)
    #expect(try await world.ledger().count == 1)
    #expect(entry.state == .succeeded)
    #expect(entry.task == "task-1")
    #expect(entry.credits == 1)
    #expect(entry.result == (try first.asset().media[.result]))
  }

  @Test func anAddressThatIsAboutToEndIsRenewedBeforeItIsSubmitted() async throws {
    let world = try Line()
    world.provider.answer(status: world.result())
    // Scene and face get two seconds each, less than the swap may take; then enough.
    let host = PassingHost([2, 2, 600])
    _ = try await world.run(Self.line, [world.item()], hosts: ["embedded": host]).asset()
    let submission = try #require(world.provider.submissions.first)
    #expect(world.provider.submissions.count == 1)
    let numbers = [submission.sceneURL, submission.faceURL].compactMap { $0.last?.wholeNumberValue }
    #expect(numbers.count == 2 && numbers.allSatisfy { $0 > 2 }, "\(submission)")
  }

  @Test func whatEndsTooSoonIsNotSubmitted() async throws {
    let world = try Line()
    world.provider.answer(status: world.result())
    let run = try await world.run(
      Self.line, [world.item()], hosts: ["embedded": PassingHost([2])])
    #expect(world.provider.submissions.isEmpty, "nothing was paid")
    guard case .failed(_, let error)? = run.outcomes.first else {
      Issue.record("\(run.outcomes)")
      return
    }
    #expect(error.message.contains("The address of a hosted file ends in"), "\(error.message)")
    #expect(error.hint != nil)
  }

  @Test func whatAnotherFolderBuysMeanwhileIsNotBoughtBesideIt() async throws {
    let provider = FakeProvider()
    let (world, other) = (try Line(provider: provider), try Line(provider: provider))
    provider.answer(status: world.result())
    let shared = world.path + "/shared.sqlite"
    let items = (try world.item(), try other.item())
    // The other run begins and ends between this one's look at the ledger and its submission.
    provider.whileAskedForTheBalance {
      _ = try await other.run(Self.line, [items.1], ledger: shared).asset()
    }
    let asset = try await world.run(Self.line, [items.0], ledger: shared).asset()
    #expect(provider.submissions.count == 1)
    #expect(asset.swap?.isReused == true)
  }

  @Test func otherContentOtherFaceAndOtherParametersAreOtherSwaps() async throws {
    let world = try Line()
    world.provider.answer(status: world.result())
    let face = try world.file("other.png", picture(65, 65))
    var other = try world.item("two")
    other.face = face
    var third = try world.item("three")
    third.overrides = ["swap.face_index": "1"]
    let items = [try world.item(), other, third, try world.item("four", width: 641)]
    let run = try await world.run(Self.line, items)
    for item in items { _ = try run.asset(item.id) }
    #expect(world.provider.submissions.count == 4)
    #expect(Set(world.provider.submissions).count == 4)
    #expect(world.provider.submissions.contains { $0.faceIndex == 1 })
  }

  @Test func aTaskThatWasAcceptedIsAskedForAndNotSentAgain() async throws {
    let world = try Line()
    let item = try world.item()
    world.provider.answer { _, _ in .waiting("queued") }
    // A second Ctrl-C, or a caller that gives up.
    let first = Task { try await world.run(Self.line, [item]) }
    while world.provider.questions.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
    first.cancel()
    _ = await first.result
    #expect(try await world.ledger().map(\.state) == [.accepted])

    world.provider.answer(.refused(SwaplineError(.internal, "sent again")), status: world.result())
    let second = try await world.run(Self.line, [world.item()])
    #expect(try second.asset().swap?.task == "task-1")
    #expect(try await world.ledger().map(\.state) == [.succeeded])
    #expect(world.provider.submissions.count == 1)
    #expect(world.provider.questions.keys.sorted() == ["task-1"])
  }

  @Test func aStopBringsHomeWhatWasAccepted() async throws {
    let world = try Line()
    let control = RunControl()
    let result = world.result()
    world.provider.answer { task, number in
      if number == 1 { control.drain() }
      return number < 4 ? .waiting("queued") : try await result(task, number)
    }
    let first = try await world.run(
      Self.line, [world.item(), world.item("two", width: 641)], control: control)
    let tasks = world.provider.submissions.count
    #expect(try await world.ledger().map(\.state) == Array(repeating: .succeeded, count: tasks))
    let waiting = first.events.compactMap { event -> [String]? in
      guard case .runStopping(let waiting, _) = event.kind else { return nil }
      return waiting.map(\.task)
    }
    // One that was being submitted at the stop is told on its own.
    #expect(waiting.first?.isEmpty == false, "\(waiting)")
    #expect(Set(waiting.joined()).count == tasks, "\(waiting)")
    guard case .runFinished(let totals)? = first.events.last?.kind else {
      Issue.record("the last event is \(first.events.last.debugDescription)")
      return
    }
    #expect(totals.charged.credits == Double(tasks))
    #expect(totals.waiting.isEmpty && totals.inDoubt == 0 && totals.done == tasks)
    #expect(totals.stopped == 2 - tasks)

    // What was brought home is not bought again, whichever item it was of.
    _ = try await world.run(Self.line, [world.item(), world.item("two", width: 641)])
    #expect(world.provider.submissions.count == 2)
  }

  @Test func aStopBeforeASubmissionsTurnLeavesNothingInDoubt() async throws {
    let world = try Line(provider: FakeProvider(requestsPerMinute: 1))
    let control = RunControl()
    let result = world.result()
    world.provider.answer { task, number in
      if number == 1 { control.drain() }
      return try await result(task, number)
    }
    let items = try (0..<4).map { try world.item("i\($0)", width: 640 + $0) }
    _ = try await world.run(Self.line, items, control: control)
    #expect(try await world.ledger().map(\.state) == [.succeeded])
    #expect(world.provider.submissions.count == 1)
  }

  @Test(arguments: [true, false])
  func whatMayHaveBeenChargedIsSentAgainOnlyWhenTheUserSaysSo(endedByKill: Bool) async throws {
    let world = try Line()
    let item = try world.item()
    if endedByKill {
      let key = Ledger.key(
        scene: Digest(of: picture(640, 480)), face: Digest(of: picture(64, 64)), provider: "crun",
        model: "fake-image", parameters: "face_index=0")
      _ = try await Ledger(RunFolder(world.out)).intend(
        key, item: "one", provider: "crun", model: "fake-image")
    } else {
      world.provider.answer(.ambiguous(SwaplineError(.timeout, "No answer came.")))
      let first = try await world.run(Self.line, [item]).error()
      #expect(first.code == .ambiguous)
      #expect(first.message.contains("No answer came."))
    }
    let before = endedByKill ? 0 : 1
    world.provider.answer(status: world.result())
    let second = try await world.run(Self.line, [item]).error()
    #expect(second.code == .ambiguous)
    #expect(second.hint?.contains("--retry-ambiguous") == true)
    #expect(second.hint?.contains("entry 1") == true)
    #expect(second.message.contains(endedByKill ? "the run ended" : "No answer came."))
    #expect(world.provider.submissions.count == before)

    let third = try await world.run(Self.line, [item], retriesAmbiguous: true)
    #expect(try third.asset().swap?.isReused == false)
    #expect(world.provider.submissions.count == before + 1)
    #expect(
      try await world.ledger().map(\.state) == [endedByKill ? .intended : .ambiguous, .succeeded])
  }

  /// A bucket cannot tell what was fetched: what goes with the run stays for a submission in doubt.
  @Test(arguments: [true, false])
  func filesThatGoWithTheRunStayForASubmissionInDoubt(withdrawsFiles: Bool) async throws {
    let world = try Line()
    world.provider.answer(.ambiguous(SwaplineError(.timeout, "No answer came.")))
    let patience = TimeSpan(milliseconds: withdrawsFiles ? 400 : 600_000)
    let start = ContinuousClock.now
    let error = try await world.run(
      Self.line, [world.item()], fetchPatience: patience,
      hosts: ["embedded": FakeHost(withdrawsFiles: withdrawsFiles)]
    ).error()
    let lasted = ContinuousClock.now - start
    #expect(error.code == .ambiguous)
    #expect(withdrawsFiles ? lasted >= .milliseconds(400) : lasted < .seconds(600))
  }

  /// A host that counts speaks for the addresses that it gave, and for no other's.
  @Test func aHostThatCountsDoesNotSpeakForAnothersFiles() async throws {
    struct Counter: Hosting.Host, FetchCounting {
      var fetchCounter: (any FetchCounting)? { self }
      func publish(_ file: HostedFile) async throws -> HostedAddress {
        throw SwaplineError(.unavailable, "It is down.")
      }
      func gave(_ url: String) -> Bool { false }
      func fetches(of url: String) -> Int { 0 }
      func waitForFetch(of url: String, beyond count: Int) async throws {}
    }
    let world = try Line()
    world.provider.answer(.ambiguous(SwaplineError(.timeout, "No answer came.")))
    let line = Pipeline("swap") {
      Fetch(maximumSize: .megabytes(1), addresses: .loopback)
      Host(to: .upload, .embedded)
      Swap(with: .crun(), timeout: .seconds(5))
    }
    let start = ContinuousClock.now
    let error = try await world.run(
      line, [world.item()], fetchPatience: TimeSpan(milliseconds: 400),
      hosts: ["upload": Counter(), "embedded": FakeHost(withdrawsFiles: true)]
    ).error()
    #expect(error.code == .ambiguous)
    #expect(ContinuousClock.now - start >= .milliseconds(400))
  }

  @Test func aFailureOfTheProvidersIsWrittenDownWithItsPrice() async throws {
    let world = try Line()
    world.provider.answer { _, _ in
      .failed(SwaplineError(.generationFailed, "It could not."), credits: 0.5)
    }
    #expect(try await world.run(Self.line, [world.item()]).error().code == .generationFailed)
    let entry = try #require(try await world.ledger().first)
    #expect(entry.state == .failed)
    #expect(entry.credits == 0.5)
    #expect(entry.message == "It could not.")
    #expect(world.provider.submissions.count == 1)
  }

  @Test func theSceneGivenBackIsAFailure() async throws {
    let world = try Line()
    world.provider.answer(status: world.result(picture(640, 480)))
    let error = try await world.run(Self.line, [world.item()]).error()
    #expect(error.code == .generationFailed)
    #expect(error.message.contains("unchanged"))
    #expect(try await world.ledger().map(\.state) == [.failed])
    #expect(world.provider.submissions.count == 1)
  }

  @Test func aResultOfAnotherKindIsAFailure() async throws {
    let world = try Line()
    world.provider.answer(status: world.result(movingPicture))
    let error = try await world.run(Self.line, [world.item()]).error()
    #expect(error.code == .generationFailed)
    #expect(error.message.contains("The scene is image"))
    #expect(error.message.contains("animation"))
    // The task is still known, so that no later run pays for it again.
    #expect(try await world.ledger().map(\.state) == [.accepted])
    #expect(world.provider.submissions.count == 1)
  }

  @Test func aChangedResultIsTakenOnlyWhenTheFileSaysSoAndIsNotPaidForAgain() async throws {
    let world = try Line()
    world.provider.answer(status: world.result(picture(640, 300)))
    let error = try await world.run(Self.line, [world.item()]).error()
    #expect(error.message.contains("it is 640x300, and the scene 640x480"), "\(error)")
    #expect(error.hint?.contains("accept_changed") == true)
    let accepting = Pipeline("swap") {
      Fetch(maximumSize: .megabytes(1), addresses: .loopback)
      Host(to: .embedded)
      Swap(with: .crun(), timeout: .seconds(5), acceptsChanged: true)
    }
    let second = try await world.run(accepting, [world.item()])
    #expect(try second.asset().media[.result]?.height == 300)
    #expect(world.provider.submissions.count == 1)
  }

  @Test func aResultWithoutANewFaceIsKeptToldAndNotPaidForAgain() async throws {
    let world = try Line(
      media: FakeMedia(compared: FaceComparison(frames: 1, faced: 1, unchanged: 1)))
    world.provider.answer(status: world.result())
    let error = try await world.run(Self.line, [world.item()]).error()
    #expect(error.code == .generationFailed)
    #expect(error.message.contains("no face of the scene changed"), "\(error)")
    #expect(error.hint?.contains("accept_unchanged") == true)
    // It was paid for, and is here.
    #expect(try await world.ledger().map(\.state) == [.succeeded])
    let again = try await world.run(Self.line, [world.item()]).error()
    #expect(again.message == error.message)
    let accepting = Pipeline("swap") {
      Fetch(maximumSize: .megabytes(1), addresses: .loopback)
      Host(to: .embedded)
      Swap(with: .crun(), timeout: .seconds(5), acceptsUnchanged: true)
    }
    let third = try await world.run(accepting, [world.item()])
    #expect(try third.asset().swap?.faces?.unchanged == 1)
    #expect(world.provider.submissions.count == 1)
  }

  @Test func framesThatKeepTheSceneSFaceAreTold() async throws {
    let world = try Line(
      media: FakeMedia(compared: FaceComparison(frames: 40, faced: 30, unchanged: 4)))
    world.provider.answer(status: world.result())
    let asset = try await world.run(Self.line, [world.item()]).asset()
    let told = asset.history.first { $0.to.contains("4 of them") }
    #expect(told?.from == "30 frames with a face, of 40 looked at")
    #expect(told?.role == .result)
  }

  @Test func aResultThatCannotBeComparedIsTaken() async throws {
    let world = try Line(media: FakeMedia(compared: nil))
    world.provider.answer(status: world.result())
    let asset = try await world.run(Self.line, [world.item()]).asset()
    #expect(asset.media[.result] != nil)
    #expect(asset.swap?.faces == nil)
  }

  @Test func aResultThatCannotBeFetchedIsFetchedByTheNextRun() async throws {
    let world = try Line()
    world.provider.answer(status: world.result(picture(640, 480, extra: [9]), [.status(404)]))
    let error = try await world.run(Self.line, [world.item()]).error()
    #expect(error.code == .notFound)
    #expect(error.message.contains("paid for"))
    #expect(error.hint?.contains("pays nothing") == true)
    #expect(try await world.ledger().map(\.state) == [.accepted])
    let second = try await world.run(Self.line, [world.item()])
    #expect(try second.asset().media[.result]?.size == Int64(picture(640, 480).count + 1))
    #expect(world.provider.submissions.count == 1)
  }

  @Test(arguments: [404, 403, 202, 204])
  func aResultThatIsNotThereYetIsTriedForAWhile(status: Int) async throws {
    let world = try Line()
    world.provider.answer(
      status: world.result(picture(640, 480, extra: [9]), [.status(status), .status(status)]))
    let run = try await world.run(Self.line, [world.item()], resultPatience: .seconds(30))
    #expect(try run.asset().media[.result]?.size == Int64(picture(640, 480).count + 1))
    #expect(world.server.requests("result.png").count == 3)
    #expect(
      run.events.contains { event in
        if case .progress(let text) = event.kind {
          text.contains("HTTP status \(status)")
        } else {
          false
        }
      })
    // A scene's address gets no such patience.
    let scene = world.server.give("scene.png", picture(640, 480), [.status(404)])
    var item = try world.item("two")
    item.scene = scene
    #expect(
      try await world.run(Self.line, [item], resultPatience: .seconds(30)).error("two").code
        == .notFound)
  }

  /// A provider that answers when the swap is done and can never be asked again.
  @Test func whatWasPaidAtOnceIsFetchedByTheNextRunFromItsAddress() async throws {
    let world = try Line(provider: FakeProvider(answersQueries: false))
    let url = world.server.give("result.png", picture(640, 480, extra: [9]), [.status(404)])
    world.provider.answer(.finished(taskID: "t", SwapResult(urls: [url], credits: 2)))
    let error = try await world.run(Self.line, [world.item()]).error()
    #expect(error.code == .notFound)
    #expect(try await world.ledger().map(\.state) == [.accepted])
    #expect(try await world.ledger().map(\.addresses) == [[url]])
    let second = try await world.run(Self.line, [world.item()])
    #expect(try second.asset().swap?.task == "t")
    #expect(try await world.ledger().map(\.credits) == [2])
    #expect(try await world.ledger().map(\.state) == [.succeeded])
    #expect(world.provider.submissions.count == 1)
    #expect(world.provider.questions.isEmpty)
  }

  @Test func aResultLostFromTheDiskIsFetchedAgainAndNotBought() async throws {
    let world = try Line()
    world.provider.answer(status: world.result())
    let result = try #require(try await world.run(Self.line, [world.item()]).asset().media[.result])
    FileSystem.remove(try RunFolder(world.out).file(result))
    let second = try await world.run(Self.line, [world.item("two")])
    #expect(try second.asset("two").media[.result] == result)
    #expect(world.provider.submissions.count == 1)
    #expect(world.server.requests("result.png").count == 2)
  }

  @Test func whatTheProviderDoesNotTakeIsNotSubmitted() async throws {
    let world = try Line(provider: FakeProvider(faceIndices: 0...1))
    var indexed = try world.item()
    indexed.overrides = ["swap.face_index": "2"]
    let moving = Item(
      id: "moving", scene: try world.file("moving.gif", movingPicture), face: indexed.face)
    let faceless = Item(id: "faceless", scene: indexed.scene)
    let run = try await world.run(Self.line, [indexed, moving, faceless])
    #expect(try run.error().message.contains("takes 0 to 1"))
    #expect(try run.error("moving").code == .unsupported)
    #expect(try run.error("faceless").message.contains("no face"))
    #expect(world.provider.submissions.isEmpty)
    #expect(try await world.ledger().isEmpty)
  }

  @Test(arguments: [Ledger.State.intended, .accepted, .ambiguous, .failed, .refused, .succeeded])
  func whatAnEngineOfAnEarlierRunLeftIsAskedForAnew(state: Ledger.State) async throws {
    let world = try Line()
    let key = Ledger.key(
      scene: Digest(of: picture(640, 480)), face: Digest(of: picture(64, 64)), provider: "crun",
      model: "fake-image", parameters: "face_index=0")
    let ledger = try Ledger(RunFolder(world.out))
    let number = try await ledger.intend(key, item: "one", provider: "crun", model: "fake-image")
    try await ledger.record(number, state, task: "old", result: facts())
    let result = world.result()
    world.provider.answer { task, number in
      if task == "old" { throw SwaplineError(.notFound, "No such task.") }
      return try await result(task, number)
    }
    let first = try await world.run(Self.line, [world.item()], takesKeysOnce: true).asset()
    #expect(first.swap?.task == "task-1" && first.swap?.isReused == false)
    let second = try await world.run(Self.line, [world.item("two")], takesKeysOnce: true)
    #expect(try second.asset("two").swap?.isReused == true)
    #expect(world.provider.submissions.count == 1)
  }

  @Test func aTaskThatTheProviderForgotIsNotBoughtAgain() async throws {
    let world = try Line()
    world.provider.answer { _, _ in throw SwaplineError(.notFound, "No such task.") }
    #expect(try await world.run(Self.line, [world.item()]).error().code == .notFound)
    #expect(try await world.run(Self.line, [world.item()]).error().code == .ambiguous)
    #expect(world.provider.submissions.count == 1)
    #expect(try await world.ledger().map(\.state) == [.accepted])
  }
}
