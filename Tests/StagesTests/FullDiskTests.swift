import Core
import Pipelines
import Stages
import Synchronization
import Testing

/// A run that ends because the disk is full, while a provider has its tasks.
@Suite struct FullDiskTests {
  /// The server of this process has no room either to write down that a task ended, so that it never would; a vendor
  /// has its own disks, and is waited for.
  /// With time for a machine under load.
  private static let line = Pipeline("patient") {
    Fetch(maximumSize: .megabytes(1), addresses: .loopback)
    Host(to: .embedded)
    Swap(with: .crun(), timeout: .minutes(1))
  }

  @Test(arguments: [true, false])
  func onlyAVendorIsWaitedFor(isHere: Bool) async throws {
    let world = try Line()
    let control = RunControl()
    let result = world.result()
    let asked = Mutex(0)
    world.provider.answer { task, number in
      if number == 1 { control.drain(because: SwaplineError(.storage, "The disk is full.")) }
      asked.withLock { $0 = number }
      return isHere || number < 60 ? .waiting("queued") : try await result(task, number)
    }
    let run = try await world.run(
      Self.line, [world.item()], control: control, swapsHere: isHere)
    #expect(run.stopped == (isHere ? ["one"] : []))
    #expect(run.totals?.done == (isHere ? 0 : 1))
    #expect(try await world.ledger().map(\.state) == [isHere ? .accepted : .succeeded])
    #expect(asked.withLock(\.self) > 1)
  }
}
