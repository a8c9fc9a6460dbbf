import Processing
import Synchronization
import Testing

@Suite struct MediaProgressTests {
  @Test func nobodyAsksWithoutAListener() {
    #expect(MediaProgress.Meter() == nil)
  }

  @Test func sharesAreToldNowAndThen() async throws {
    let told = Mutex([Double]())
    let listener = MediaProgress.Listener { share in told.withLock { $0.append(share) } }
    let meter = try #require(MediaProgress.$listener.withValue(listener) { MediaProgress.Meter() })
    for done in 0..<100 { meter.note(Int64(done), of: 1_000) }
    #expect(told.withLock { $0 }.isEmpty, "the first half second is silent")
    try await Task.sleep(for: .milliseconds(550))
    for done in [500, 501, 502] { meter.note(Int64(done), of: 1_000) }
    meter.note(7, of: 0)
    #expect(told.withLock { $0 } == [0.5])
    try await Task.sleep(for: .milliseconds(550))
    meter.note(3_000, of: 1_000)
    #expect(told.withLock { $0 } == [0.5, 1])
  }
}
