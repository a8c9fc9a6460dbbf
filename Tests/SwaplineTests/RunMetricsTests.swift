import Core
import Curl
import Swapline
import Synchronization
import Testing

/// A run that tells how it is.
@Suite struct RunMetricsTests {
  @Test func aRunTellsHowItIsWhileItGoesOn() async throws {
    let desk = try Desk(media: FakeMedia(duration: .milliseconds(50)))
    let items = try (0..<3).map { try desk.item("item\($0)", width: 640 + $0) }
    let port = Mutex(0)
    let seen = Mutex("")
    var options = desk.options()
    options.metricsPort = 0
    options.ledger = desk.path + "/shared.sqlite"
    options.onMetricsPort = { number in port.withLock { $0 = number } }
    let http = HTTPClient()
    func ask() async throws -> String {
      let number = port.withLock(\.self)
      return try await http.send(
        HTTPRequest("GET", "http://127.0.0.1:\(number)/metrics", addressPolicy: .any)
      ).text
    }
    let stream = RunTests.line().run(items, into: desk.path + "/out", options: options)
    for try await _ in stream where seen.withLock(\.isEmpty) {
      let text = try await ask()
      seen.withLock { $0 = text }
    }
    let text = seen.withLock(\.self)
    for family in [
      "swapline_build_info", "swapline_run_items", "swapline_run_items_reused",
      "swapline_run_swaps_total", "swapline_run_swaps_in_flight",
      "swapline_run_provider_wait_seconds_total", "swapline_run_credits_total",
      "swapline_run_cpu_seconds_total",
    ] {
      #expect(
        text.contains("# HELP \(family) ") && text.contains("\n# TYPE \(family) ")
          || text.hasPrefix("# HELP \(family) "), "\(family)")
    }
    #expect(text.contains("swapline_run_items{state=\"done\"} "))
    #expect(!text.contains("swapline_run_items{state=\"done\"} 0"))
    // With the run its port is free again.
    await #expect(throws: (any Error).self) { _ = try await ask() }
    let status = try await LedgerReader(desk.path + "/shared.sqlite").status()
    #expect(status.workers.map(\.state) == [.ended])
    #expect(status.workers.first?.report.items.done == 3)
    #expect(status.workers.first?.report.swaps.bought == 3)
    #expect(status.swaps == [.succeeded: 3] && status.spent == 3 && status.held == 0)
  }
}
