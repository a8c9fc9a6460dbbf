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

  /// Runs in folders of their own, as on two machines, that want the same swap of a provider which nobody can ask.
  private struct Site {
    let desk: Desk
    let vendor: FaultProxy
    let shared: String
    let item: Item

    init() async throws {
      desk = try Desk()
      vendor = try await FaultProxy(desk.path, media: desk.media)
      shared = desk.path + "/shared.sqlite"
      item = try desk.item("one", width: 640)
    }

    func run(_ name: String, timeout: TimeSpan = .seconds(20)) async throws -> RunTally {
      var options = desk.options(environment: ConformanceSubject.environment)
      options.ledger = shared
      let pipeline = Pipeline("shared") {
        Fetch()
        Host(to: .embedded)
        Swap(with: ConformanceSubject.acedataCallback.reference(vendor.url), timeout: timeout)
      }
      return try await pipeline.run([item], into: "\(desk.path)/\(name)", options: options) { _ in }
        .tally
    }

    func entries() async throws -> [Ledger.Entry] {
      var entries: [Ledger.Entry] = []
      try await LedgerReader(shared).forEach { entries.append($0) }
      return entries
    }
  }

  @Test func whoWantsTheSameSwapWaitsForTheRunThatIsToldOfIt() async throws {
    let site = try await Site()
    site.vendor.fail(.callback, [.late(.seconds(3))])
    async let first = site.run("first")
    while true {
      if (try? await site.entries())?.first?.state == .accepted {
        break
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    let second = try await site.run("second")
    #expect(second.done == 1, "\(second.failures)")
    #expect(try await first.done == 1)
    #expect(try await site.entries().map(\.state) == [.succeeded])
    await site.vendor.stop()
  }

  /// The run that was to be told has gone; another run has had the callback meanwhile.
  @Test(arguments: ["first", "second"])
  func aCallbackThatCameAfterItsRunIsTakenByTheNext(_ next: String) async throws {
    let site = try await Site()
    let told = Mutex<(token: String, body: [UInt8])?>(nil)
    site.vendor.fail(
      .callback,
      [
        .handed { token, body in
          told.withLock { $0 = (token, body) }
          return 200
        }
      ])
    #expect(try await site.run("first", timeout: .seconds(2)).failed == 1)
    #expect(try await site.entries().map(\.state) == [.accepted])
    let callback = told.withLock { $0 }
    let (token, body) = try #require(callback)
    let other = try Ledger(
      holding: try RunFolder(site.desk.path + "/other"), at: site.shared, budget: Budget())
    #expect(try await other.handOn(callback: JSONValue(parsing: body), for: token))
    let tally = try await site.run(next)
    #expect(tally.done == 1, "\(tally.failures)")
    #expect(try await site.entries().map(\.state) == [.succeeded])
    await site.vendor.stop()
  }
}
