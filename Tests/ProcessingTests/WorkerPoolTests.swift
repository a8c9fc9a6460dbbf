import Core
import Foundation
import Glibc
import Processing
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct WorkerPoolTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  /// Starts slow work and waits until its worker has it.
  private func busy(_ pool: WorkerPool) async throws -> (Task<[Rendered], any Error>, pid_t) {
    let request = bench.slowRequest()
    let task = Task { try await pool.perform(request) }
    try await bench.wait("a worker's start") { bench.events.count > 0 }
    // Past the reading of the header, so that it is in the middle of its pixels.
    try await Task.sleep(for: .milliseconds(100))
    return (task, try #require(pool.pids.first))
  }

  @Test func oneWorkerServesManyRequests() async throws {
    let pool = try bench.pool(workers: 1)
    for _ in 0..<20 {
      #expect(try await pool.probe(bench.probeRequest()).width == 640)
    }
    #expect(bench.events.count == 1 && pool.pids.count == 1)
  }

  @Test func errorsComeThroughAsTheyWere() async throws {
    let pool = try bench.pool(workers: 1)
    let error = await #expect(throws: SwaplineError.self) {
      try await pool.probe(bench.probeRequest("formats/huge-header.png"))
    }
    #expect(error?.code == .limit && error?.message.contains("60000x60000") == true)
    #expect(try await pool.probe(bench.probeRequest()).height == 800)
    #expect(bench.events.count == 1)
  }

  @Test func noMoreWorkersThanAllowed() async throws {
    let pool = try bench.pool(workers: 2)
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<12 {
        group.addTask { try await pool.probe(bench.probeRequest("scenes/portrait.jpg")).width }
      }
      for try await width in group { #expect(width == 960) }
    }
    #expect(pool.pids.count <= 2 && bench.events.count <= 2)
  }

  @Test(arguments: [SIGSEGV, SIGKILL]) func aCrashCostsItsRequestOnly(signal: Int32) async throws {
    let pool = try bench.pool(workers: 2)
    let (task, pid) = try await busy(pool)
    // Another request goes through while the first one dies.
    async let other = pool.probe(bench.probeRequest())
    kill(pid, signal)
    let error = await #expect(throws: SwaplineError.self) { try await task.value }
    #expect(error?.code == .workerCrashed)
    #expect(error?.message.contains("signal \(signal)") == true)
    #expect(error?.message.contains("portrait.jpg") == true)
    #expect(try await other.width == 640)
    #expect(try await pool.probe(bench.probeRequest()).width == 640)
    let ended = bench.events.contains {
      if case .ended(pid, _, let file) = $0 {
        file?.hasSuffix("portrait.jpg") == true
      } else {
        false
      }
    }
    #expect(ended)
    #expect(bench.names.isEmpty)
  }

  @Test func aWorkerThatDiedIdleHarmsNobody() async throws {
    let pool = try bench.pool(workers: 1)
    _ = try await pool.probe(bench.probeRequest())
    let pid = try #require(pool.pids.first)
    kill(pid, SIGSEGV)
    // Dead is when its end of the channel is closed; until reaped it is a zombie.
    try await bench.wait("the worker's end") { state(of: pid) == "Z" }
    #expect(try await pool.probe(bench.probeRequest()).width == 640)
    #expect(pool.pids.count == 1 && pool.pids.first != pid)
  }

  @Test func lateWorkIsStopped() async throws {
    let pool = try bench.pool(workers: 1, timeLimit: TimeSpan(milliseconds: 900))
    let start = ContinuousClock.now
    let error = await #expect(throws: SwaplineError.self) {
      try await pool.perform(bench.slowRequest())
    }
    #expect(error?.code == .timeout && error?.message.contains("900ms") == true)
    // Room behind the limit for machines under load; nothing else ends the work early.
    #expect(ContinuousClock.now - start < .seconds(30))
    #expect(try await pool.probe(bench.probeRequest()).width == 640)
    #expect(bench.names.isEmpty)
  }

  @Test func cancelledWorkStopsAtOnce() async throws {
    let pool = try bench.pool(workers: 1)
    let (task, _) = try await busy(pool)
    let start = ContinuousClock.now
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    // Whole, it takes many seconds; the margin is for machines under load.
    #expect(ContinuousClock.now - start < .seconds(8))
    #expect(try await pool.probe(bench.probeRequest()).width == 640)
    #expect(bench.names.isEmpty)
  }

  @Test func cancelledWaitingLeavesTheLine() async throws {
    let pool = try bench.pool(workers: 1)
    let (task, _) = try await busy(pool)
    let waiting = Task { try await pool.probe(bench.probeRequest()) }
    try await Task.sleep(for: .milliseconds(20))
    let start = ContinuousClock.now
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    // The work before it takes many seconds; the margin is for machines under load.
    #expect(ContinuousClock.now - start < .seconds(8))
    task.cancel()
    _ = await task.result
  }

  @Test func tooMuchMemoryIsAWorkersProblem() async throws {
    let pool = try bench.pool(workers: 1, memory: .megabytes(650))
    let request = RenderRequest(
      file: fixture("scenes/portrait.jpg"),
      renditions: [
        RenditionRequest(
          output: bench.path("big.png"), format: .png, width: 12_000, height: 12_000,
          enlarges: true)
      ])
    let error = await #expect(throws: SwaplineError.self) { try await pool.render(request) }
    #expect(error?.code == .limit && error?.message.contains("memory") == true, "\(error as Any)")
    #expect(try await pool.probe(bench.probeRequest()).width == 640)
    #expect(bench.names.isEmpty)
  }

  @Test func shutdownEndsWorkersAndRefusesMore() async throws {
    let pool = try bench.pool(workers: 1)
    _ = try await pool.probe(bench.probeRequest())
    let pid = try #require(pool.pids.first)
    pool.shutdown()
    #expect(pool.pids.isEmpty && state(of: pid) == nil)
    let error = await #expect(throws: SwaplineError.self) {
      try await pool.probe(bench.probeRequest())
    }
    #expect(error?.code == .usage)
  }

  @Test func facesAreWorkForWorkersToo() async throws {
    let pool = try bench.pool(workers: 1)
    let scene = fixture("formats/alpha.png")
    let faces = try await pool.findFaces(FindFacesRequest(file: scene))
    #expect(faces.count == 1)
    let output = bench.path("result.png")
    let answer = try await pool.swap(
      SwapRequest(scene: scene, face: fixture("faces/ben.jpg"), output: output))
    #expect(answer.file == output && answer.replaced == faces.first)
    #expect(try await pool.probe(ProbeRequest(file: output)) == answer.media)
    #expect(bench.names == ["result.png"])
  }

  @Test func capabilitiesAreMeasured() async throws {
    let answer = try await bench.pool(workers: 1).capabilities()
    #expect(answer.reads.contains(.jpg) && answer.writes.starts(with: [.jpg, .png, .webp, .gif]))
    #expect(answer.libvips.hasPrefix("8."))
  }

  /// The state letter of a process, by proc(5); nil when there is none.
  private func state(of pid: pid_t) -> Character? {
    let line = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
    return line?.split(separator: ")").last?.first { !$0.isWhitespace }
  }

  /// Memory for large pictures is set aside before any is decoded.
  @Test func largePicturesGetRoomOrAReason() throws {
    let usual = WorkerPool.Configuration(workers: 64)
    #expect(try usual.making(roomFor: 120_000_000).memory == usual.memory)
    let larger = try usual.making(roomFor: 150_000_000)
    #expect(try #require(larger.memory).bytes == #require(usual.memory).bytes + 480_000_000)
    // No more workers than there is memory for.
    #expect((1..<64).contains(larger.workers))
    let error = #expect(throws: SwaplineError.self) {
      _ = try usual.making(roomFor: 1_000_000_000_000)
    }
    #expect(error?.code == .limit && error?.hint?.contains("'maximum_pixels'") == true)
    let unlimited = WorkerPool.Configuration(memory: nil)
    #expect(try unlimited.making(roomFor: 1_000_000_000_000).memory == nil)
  }

  @Test func aWorkerThatWasStartedEarlyTakesTheFirstWork() async throws {
    let bench = try Bench()
    let pool = try bench.pool(workers: 2)
    pool.prepare()
    let early = pool.pids
    #expect(early.count == 1)
    pool.prepare()
    #expect(pool.pids == early)
    _ = try await pool.probe(bench.probeRequest())
    #expect(pool.pids == early)
    pool.shutdown()
    #expect(kill(early[0], 0) == -1)
  }

  @Test func aWorkerThatWasStartedEarlyEndsWithoutWork() async throws {
    let pool = try Bench().pool()
    pool.prepare()
    let pid = try #require(pool.pids.first)
    pool.shutdown()
    #expect(kill(pid, 0) == -1 && pool.pids.isEmpty)
    pool.prepare()
    #expect(pool.pids.isEmpty, "a pool that was shut down starts nothing")
  }

  @Test func anEarlyWorkerThatDiesCostsNothing() async throws {
    let bench = try Bench()
    let pool = try bench.pool(workers: 1)
    pool.prepare()
    let pid = try #require(pool.pids.first)
    kill(pid, SIGKILL)
    _ = try await pool.probe(bench.probeRequest())
    #expect(pool.pids.count == 1 && pool.pids != [pid])
  }
}
