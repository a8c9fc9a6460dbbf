import Testing

@testable import Core

@Suite struct SingleFlightTests {
  /// A run of a million items, or of a million that fail, holds no million.
  @Test(arguments: [true, false]) func whatWasAskedForLongAgoIsLetGo(fails: Bool) async throws {
    let flights = SingleFlight<Int, Int>(most: 4)
    for key in 0..<100 {
      do {
        let value = try await flights.value(of: key) {
          if fails { throw SwaplineError(.notFound, "There is no \(key).") }
          return key
        }
        #expect(value.value == key && value.isFirst && !fails)
      } catch {
        #expect(fails)
      }
    }
    #expect(await flights.held <= 9)
  }

  @Test func aFailureIsEverybodysWhoWaits() async throws {
    let flights = SingleFlight<Int, Int>(most: 4)
    let (gate, opening) = AsyncStream.makeStream(of: Void.self)
    let first = Task {
      try await flights.value(of: 1) {
        for await _ in gate {}
        throw SwaplineError(.notFound, "Nothing.")
      }
    }
    while await flights.held == 0 { await Task.yield() }
    let second = Task { try await flights.value(of: 1) { 2 } }
    opening.finish()
    await #expect(throws: SwaplineError.self) { try await first.value }
    // Whoever came while it was under way, or later, has the same.
    await #expect(throws: SwaplineError.self) { try await second.value }
    await #expect(throws: SwaplineError.self) { try await flights.value(of: 1) { 3 } }
  }

  @Test(arguments: [true, false])
  func failuresAreTriedAgainWhereTheyAreNotKept(keepsFailures: Bool) async throws {
    let flights = SingleFlight<Int, Int>(keepsFailures: keepsFailures)
    struct Broken: Error {}
    await #expect(throws: Broken.self) { try await flights.value(of: 1) { throw Broken() } }
    let second = try? await flights.value(of: 1) { 2 }.value
    #expect(second == (keepsFailures ? nil : 2))
  }

  @Test func whatIsNoLongerGoodIsMadeAnew() async throws {
    let flights = SingleFlight<Int, Int>()
    #expect(try await flights.value(of: 1) { 1 }.value == 1)
    #expect(try await flights.value(of: 1, isGood: { $0 == 1 }) { 2 }.value == 1)
    #expect(try await flights.value(of: 1, isGood: { $0 > 1 }) { 2 }.value == 2)
    #expect(try await flights.value(of: 1) { 3 }.value == 2)
  }
}
