import Core
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Processing

@Suite struct WorkerEnvironmentTests {
  @Test func workersGetWhatTheyNeedAndNoKeys() {
    let given = [
      "PATH=/bin", "CRUN_API_KEY=ak_secret", "AWS_SECRET_ACCESS_KEY=x", "HOME=/root", "LC_ALL=C",
      "VIPS_CONCURRENCY=2", "PATHS=y", "SWAPLINE_MEDIA=z", "TMPDIR=/t=1", "GITHUB_TOKEN=t", "G=1",
      "XDG_DATA_HOME=/d", "SWAPLINE_MODELS=/m",
    ]
    let kept = WorkerEnvironment.entries(of: given)
    #expect(
      kept.filter { !$0.hasPrefix("MALLOC_") } == [
        "PATH=/bin", "HOME=/root", "LC_ALL=C", "VIPS_CONCURRENCY=2", "TMPDIR=/t=1",
        "XDG_DATA_HOME=/d", "SWAPLINE_MODELS=/m", "VIPSHOME=/dev/null",
      ])
    #expect(kept.count { $0.hasPrefix("MALLOC_") } == 3)
    // Whoever sets the allocator from outside knows better.
    #expect(
      WorkerEnvironment.entries(of: ["MALLOC_ARENA_MAX=1"]).filter { $0.hasPrefix("MALLOC_") } == [
        "MALLOC_ARENA_MAX=1"
      ])
  }

  @Test func aRunningWorkerHasNothingElse() async throws {
    let bench = try Bench()
    let pool = try bench.pool(workers: 1)
    _ = try await pool.probe(bench.probeRequest())
    let pid = try #require(pool.pids.first)
    let environment = try Data(contentsOf: URL(filePath: "/proc/\(pid)/environ"))
    let entries = environment.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    #expect(entries == WorkerEnvironment.entries(of: WorkerEnvironment.own))
    #expect(!entries.contains { $0.hasPrefix("PWD=") || $0.contains("KEY") })
    let limits = try String(contentsOfFile: "/proc/\(pid)/limits", encoding: .utf8)
    #expect(limits.contains(#/Max core file size +0 +0\s/#))
  }

  @Test func aWorkerLoadsTheModulesThatItsFilesNeed() async throws {
    let bench = try Bench()
    let pool = try bench.pool(workers: 1)
    func libraries() throws -> [String] {
      try Bench.libraries(of: try #require(pool.pids.first))
    }
    func render(_ format: MediaFormat) async throws {
      let rendition = RenditionRequest(
        output: bench.path("made.\(format.name)"), format: format, width: 64, height: 64)
      _ = try await pool.perform(
        RenderRequest(file: fixture("faces/ada.jpg"), renditions: [rendition]))
    }
    try await render(.webp)
    #expect(try !libraries().contains { $0.hasPrefix("vips-") || $0.hasPrefix("libMagick") })
    try await render(.avif)
    #expect(try libraries().contains("vips-heif.so"))
    #expect(try !libraries().contains { $0.hasPrefix("libMagick") })
  }
}
