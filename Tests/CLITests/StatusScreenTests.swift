import Core
import Testing

@testable import CLI
@testable import Ledgers

@Suite struct StatusScreenTests {
  private func worker(
    _ run: String, _ host: String, done: Int, age: Double, hasEnded: Bool = false,
    shard: String? = nil
  ) -> LedgerStatus.Worker {
    var report = WorkerReport(
      run: run, shard: shard, host: host, process: 4_194_304, folder: "/out",
      budget: Budget(day: 5_000))
    report.items.done = done
    report.items.running = 8
    report.swaps.bought = done
    report.rates = ["crun": 60]
    return LedgerStatus.Worker(report, age: age, seconds: 9, hasEnded: hasEnded)
  }

  private func entry(_ number: Int64, _ item: String) -> Ledger.Entry {
    Ledger.Entry(
      number: number, key: Digest(of: item), item: item, provider: "crun", model: "m",
      state: .ambiguous, created: 1_795_803_659, updated: 1_795_803_659)
  }

  @Test func aScreenSaysHowThingsStand() {
    var facts = LedgerFacts()
    facts.swaps = [.succeeded: 1_204, .accepted: 3, .ambiguous: 1]
    (facts.all, facts.held, facts.today, facts.month) = (1_208, 4, 200.5, 1_208)
    facts.lastMinute = ["crun": 57]
    facts.workers = [
      worker("november", "node-1", done: 800, age: 3, shard: "1/4"),
      worker("november", "node-2", done: 404, age: 1, shard: "2/4"),
      worker("november", "node-3", done: 12, age: 700, shard: "3/4"),
      worker("10ad5f6b36962bb5", "node-4", done: 4, age: 9_000, hasEnded: true),
    ]
    facts.inDoubt = [entry(3, "mug-17")]
    let screen = StatusScreen(LedgerStatus(facts), of: "postgres://shop@db/shop", 80).text
    #expect(
      screen == """
        Ledger   postgres://shop@db/shop
        Swaps    1,204 bought, 3 with the provider, 1 in doubt
        Credits  1,204 spent, 4 held; 200.5 of 5,000 today, 1,208 this month
        Rate     57 of 60 in the last minute at crun
        Workers  2 at work, 1 gone without a word, 1 ended
        Items    1,204 done, 0 failed, 16 under way

        run             worker          done  failed  active  bought  seen
        november 1/4    node-1:4194304  800   0       8       800     3s
        november 2/4    node-2:4194304  404   0       8       404     1s
        november 3/4    node-3:4194304  12    0       8       12      gone 11m
        10ad5f6b36962…  node-4:4194304  4     0       8       4       ended

        May have been charged; look at the provider's own list of tasks:
           item    provider  since
        3  mug-17  crun      2026-11-27T18:20

        """, "\(screen)")
  }

  /// Nothing is wider than the screen, whatever the names and numbers are.
  @Test func everythingFitsOnTheScreen() {
    var facts = LedgerFacts()
    for state in Ledger.State.allCases { facts.swaps[state] = 10_000_000 }
    (facts.all, facts.held, facts.today, facts.month) = (1e8, 1e7, 1e6, 1e7)
    let name = String(repeating: "very-long-name-", count: 8)
    facts.lastMinute = ["crun at http://provider.example": 6_000]
    facts.workers = (0..<30).map {
      worker(name, name, done: 1_000_000, age: 90_000, shard: "\($0)/100000")
    }
    facts.inDoubt = (1...100).map { entry($0, name) }
    let screen = StatusScreen(LedgerStatus(facts), of: "postgres://shop@db/shop", 80).text
    var lines: [String] = []
    for line in screen.split(whereSeparator: \.isNewline) { lines.append(String(line)) }
    #expect(lines.filter { $0.count > 80 } == [])
    #expect(screen.contains("10 more; --json has all of them."))
    #expect(screen.contains("80 more; 'swapline ledger' has all of them."))
  }

  @Test func anEmptyLedgerSaysSo() {
    let screen = StatusScreen(LedgerStatus(LedgerFacts()), of: "a.sqlite", 80).text
    #expect(
      screen == """
        Ledger   a.sqlite
        Swaps    none yet
        Credits  0 spent, 0 held; 0 today, 0 this month
        Workers  none

        """)
  }
}
