import Core
import Files
import Ledgers
import TestSupport
import Testing

@testable import Runs

/// What was paid for is not cleared away, wherever its record is.
@Suite struct WorkCacheTests {
  /// Where the ledger of a run is.
  enum Place: String, CaseIterable, Sendable {
    case own, shared, database

    /// Those that can be tried here.
    static let here = allCases.filter { $0 != .database || PostgreSQLServer.absence == nil }

    func path(_ folder: String) async throws -> String? {
      switch self {
      case .own: nil
      case .shared: folder + "/shared.sqlite"
      case .database:
        try await PostgreSQLServer.started().database()
      }
    }
  }

  @Test(arguments: Place.here)
  func paidResultsStay(place: Place) async throws {
    let folder = try TemporaryFolder()
    let run = try RunFolder(folder.path + "/out")
    let path = try await place.path(folder.path)
    if place == .database, let path { _ = try await LedgerReader.migrate(path) }
    let (bought, made) = (facts("bought"), facts("made"))
    for (media, text) in [(bought, "bought"), (made, "made")] {
      let file = run.temporaryFile("x")
      try FileSystem.write(Array(text.utf8), to: file)
      _ = try run.keep(file, as: media)
    }
    do {
      let ledger = try Ledger(holding: run, at: path, budget: Budget())
      let number = try await ledger.intend(
        Digest(of: "a"), item: "i", provider: "p", model: "m")
      try await ledger.record(number, .succeeded, task: "t", result: bought)
      let other = try await ledger.intend(Digest(of: "b"), item: "j", provider: "p", model: "m")
      try await ledger.record(other, .accepted, task: "u")
    }
    let outcome = try await WorkCache(run).evict(largerThan: ByteSize(bytes: 0))
    #expect(outcome.paid == 1 && outcome.keepsServer)
    #expect(run.holds(bought) && !run.holds(made))
    #expect(try await RunPurge(run).run(isDry: true).waiting == 1)
  }

  @Test func aLedgerThatIsGoneStopsTheClearing() async throws {
    let folder = try TemporaryFolder()
    let run = try RunFolder(folder.path + "/out")
    let shared = folder.path + "/shared.sqlite"
    _ = try Ledger(holding: run, at: shared, budget: Budget())
    for end in ["", "-wal", "-shm"] { FileSystem.remove(shared + end) }
    let error = await #expect(throws: SwaplineError.self) {
      try await WorkCache(run).evict(largerThan: ByteSize(bytes: 0))
    }
    #expect(error?.message.contains(shared) == true)
    #expect(error?.hint?.contains("/.swapline/ledgers") == true)
    #expect(!FileSystem.exists(shared))
  }
}
