import Core
import Files
import Ledgers
import Pipelines
import Testing

@Suite struct LedgerCommandTests {
  /// A submission that got no answer is in doubt until its swap has an end: then it was sent again,
  /// and nothing says for ever that it may have been charged.
  @Test(arguments: [
    (Ledger.State.succeeded, false), (.accepted, false), (.failed, false), (.refused, true),
    (.ambiguous, true),
  ])
  func whatWasSentAgainIsNotInDoubt(_ end: Ledger.State, _ isInDoubt: Bool) async throws {
    let workshop = try Workshop()
    let folder = try RunFolder(workshop.path("out"))
    do {
      let ledger = try Ledger(folder)
      for state in [Ledger.State.intended, end] {
        let number = try await ledger.intend(
          Digest(of: "swap"), item: "a", provider: "crun", model: "m", cost: Ledger.Cost(1))
        try await ledger.record(number, state)
      }
    }
    let shown = try await swapline(["ledger", "--out", workshop.path("out")])
    #expect(shown.status == 0, "\(shown.messages)")
    #expect(shown.output.contains("may have been charged") == isInDoubt, "\(shown.output)")
    // One that may have been taken itself settles nothing; it counts in the other's place.
    #expect(
      shown.output.contains("1 got no answer and was sent again since.") == (end != .refused),
      "\(shown.output)")
    #expect(shown.output.contains("intended, sent again") == (end != .refused), "\(shown.output)")
  }
}
