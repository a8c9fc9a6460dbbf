import Core
import Pipelines
import Stages
import Testing

@Suite struct SharingTests {
  @Test func workIsDoneOnceForAllWhoAsk() async throws {
    let flights = SingleFlight<String, Int>()
    let made = Counter()
    let firsts = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<50 {
        group.addTask {
          let (value, isFirst) = try await flights.value(of: "key") {
            try await Task.sleep(for: .milliseconds(5))
            return made.next()
          }
          #expect(value == 1)
          return isFirst
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(firsts == 1)
    #expect(made.count == 1)
  }

  @Test func aFailureIsEverybodysAndIsNotRepeated() async throws {
    let flights = SingleFlight<String, Int>()
    let made = Counter()
    for _ in 0..<3 {
      await #expect(throws: SwaplineError.self) {
        try await flights.value(of: "key") {
          _ = made.next()
          throw SwaplineError(.notFound, "gone")
        }
      }
    }
    #expect(made.count == 1)
  }

  @Test func aWorkersCrashCostsTheFirstOnly() async throws {
    let flights = SingleFlight<String, Int>()
    let made = Counter()
    let work: @Sendable () async throws -> Int = {
      try await Task.sleep(for: .milliseconds(5))
      let number = made.next()
      if number == 1 { throw SwaplineError(.workerCrashed, "It fell over.") }
      return number
    }
    let values = await withTaskGroup(of: Int?.self) { group in
      for _ in 0..<5 {
        group.addTask { try? await flights.value(of: "key", make: work).value }
      }
      return await group.reduce(into: [Int?]()) { $0.append($1) }
    }
    #expect(values.filter { $0 == nil }.count == 1)
    #expect(values.compactMap { $0 } == [2, 2, 2, 2])
  }

  @Test func oneWhoGivesUpTakesNothingFromTheOthers() async throws {
    let flights = SingleFlight<String, Int>()
    let made = Counter()
    let (started, start) = AsyncStream<Void>.makeStream()
    let (gate, open) = AsyncStream<Void>.makeStream()
    let work: @Sendable () async throws -> Int = {
      _ = made.next()
      start.yield()
      for await _ in gate { break }
      try Task.checkCancellation()
      return 7
    }
    let impatient = Task { try await flights.value(of: "key", make: work).value }
    for await _ in started { break }
    let patient = Task { try await flights.value(of: "key", make: work).value }
    // Until the second one waits too.
    try await Task.sleep(for: .milliseconds(20))
    impatient.cancel()
    try await Task.sleep(for: .milliseconds(20))
    open.yield()
    #expect(try await patient.value == 7)
    #expect(made.count == 1)
  }

  @Test func whatNobodyWaitsForIsCancelledAndMadeAnew() async throws {
    let flights = SingleFlight<String, Int>()
    let ended = Counter()
    let alone = Task {
      try await flights.value(of: "key") {
        defer { _ = ended.next() }
        try await Task.sleep(for: .seconds(60))
        return 1
      }
    }
    try await Task.sleep(for: .milliseconds(10))
    alone.cancel()
    await #expect(throws: CancellationError.self) { try await alone.value }
    #expect(ended.count == 1)
    #expect(try await flights.value(of: "key") { 2 }.value == 2)
  }

  @Test func aSceneOfSeveralItemsIsFetchedOnce() async throws {
    let world = try Line()
    let scene = world.server.give("scene.png", picture(640, 480), [.late(30)])
    let face = world.server.give("face.png", picture(64, 64))
    let line = Pipeline { Fetch(maximumSize: .megabytes(1), addresses: .loopback) }
    let items = (0..<6).map { Item(id: "item\($0)", scene: scene, face: face) }
    let run = try await world.run(line, items)
    for item in items { #expect(try run.asset(item.id).media.count == 2) }
    #expect(world.server.requests("scene.png").count == 1)
    #expect(world.server.requests("face.png").count == 1)
  }

  @Test func oneItemsFailureTakesNoSharedFetchFromAnother() async throws {
    let world = try Line()
    let scene = world.server.give("scene.png", picture(640, 480), [.late(250)])
    let face = world.server.give("face.png", picture(64, 64))
    // Late enough for both items to wait for the scene by then.
    let nothing = world.server.give("nothing.png", [], [.status(404, after: 60)])
    let line = Pipeline { Fetch(maximumSize: .megabytes(1), addresses: .loopback) }
    let run = try await world.run(
      line,
      [
        Item(id: "bad", scene: scene, face: nothing),
        Item(id: "good", scene: scene, face: face),
      ])
    #expect(try run.error("bad").code == .notFound)
    #expect(try run.asset("good").media.count == 2)
    #expect(world.server.requests("scene.png").count == 1)
  }

  @Test func oneAddressUnderTwoLimitsIsTwoFetchesThatDoNotMix() async throws {
    let world = try Line()
    let bytes = picture(640, 480, extra: [UInt8](repeating: 5, count: 300_000))
    let scene = world.server.give("scene.png", bytes, [.late(20), .late(20)])
    let line = Pipeline { Fetch(maximumSize: .megabytes(1), addresses: .loopback) }
    let run = try await world.run(
      line,
      (0..<4).map { number in
        Item(id: "item\(number)", scene: scene, overrides: ["fetch.timeout": "\(number + 10)s"])
      })
    for number in 0..<4 {
      #expect(try run.asset("item\(number)").media[.scene]?.digest == Digest(of: bytes))
    }
  }
}
