import Core
import Files
import Ledgers
import Swapline
import Synchronization
import Testing

/// Runs that share a ledger and the address that providers call back, behind a proxy which gives each request to any
/// of them.
@Suite struct SharedCallbackTests {
  @Test func aCallbackThatAnotherRunGetsReachesTheOneThatWaits() async throws {
    let desk = try Desk()
    let vendor = try await FaultProxy(desk.path, media: desk.media)
    let shared = desk.path + "/shared.sqlite"
    let other = try Ledger(
      holding: try RunFolder(desk.path + "/other"), at: shared, budget: Budget())
    let statuses = Mutex<[Int]>([])
    vendor.fail(
      .callback,
      [
        .handed { token, body in
          let told = try? JSONValue(parsing: body)
          let isKnown = try? await other.handOn(callback: told ?? .null, for: token)
          let status = isKnown == true ? 200 : 404
          statuses.withLock { $0.append(status) }
          return status
        }
      ])
    var options = desk.options(environment: ConformanceSubject.environment)
    options.ledger = shared
    let url = vendor.url
    let pipeline = Pipeline("shared") {
      Fetch()
      Host(to: .embedded)
      Swap(with: ConformanceSubject.acedataCallback.reference(url), timeout: .seconds(20))
    }
    let tally = try await pipeline.run(
      [try desk.item("one", width: 640)], into: desk.path + "/own", options: options
    ) { _ in }.tally
    #expect(tally.done == 1)
    #expect(statuses.withLock(\.self) == [200])
    await vendor.stop()
  }
}
